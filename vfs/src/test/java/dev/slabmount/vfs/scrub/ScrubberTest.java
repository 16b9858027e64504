package dev.slabmount.vfs.scrub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScrubberTest {

  private static final int FILES = 200;

  @TempDir private Path folder;
  private LocalContentStore store;
  private final Manifest.Builder builder = new Manifest.Builder();
  private final List<ContentHash> hashes = new ArrayList<>();
  private final ScrubProgress progress = new ScrubProgress();
  private long bytes;

  @BeforeEach
  void makeStore() throws Exception {
    store = LocalContentStore.create(folder.resolve("store"));
    for (int i = 0; i < FILES; i++) {
      final byte[] content = TestBytes.random(i, i == 7 ? 1_000_000 : i * 50);
      hashes.add(Xxh128.hash(content));
      Files.write(object(i), content);
      bytes += content.length;
      file("f%03d".formatted(i), content.length, hashes.get(i));
    }
  }

  private void file(final String path, final long size, final ContentHash... objects)
      throws Exception {
    builder.add(new FileEntry(path, size, 0, false, List.of(objects)));
  }

  private ScrubReport scrub(final boolean hashing) throws Exception {
    return new Scrubber(builder.build(), store, 3, hashing, progress).run();
  }

  @Test
  void shouldFindNothingWrongWithAWholeStore() throws Exception {
    file("copy", 100, hashes.get(2));
    final ScrubReport report = scrub(true);
    assertEquals(List.of(), report.defects());
    assertEquals(Map.of(), report.counts());
    assertEquals(FILES, report.objects(), "an object of two files is checked once");
    assertEquals(bytes, report.bytes());
    assertEquals(bytes, report.bytesHashed());
    assertEquals(FILES, progress.objectsTotal());
    assertEquals(FILES, progress.objectsDone());
    assertEquals(bytes, progress.bytesTotal());
    assertEquals(bytes, progress.bytesDone());
    assertEquals(0, progress.defects());
  }

  @Test
  void shouldNameEveryDefectAndTheFilesThatNeedIt() throws Exception {
    file("a/copy of 2", 100, hashes.get(2));
    file("z/copy of 2", 100, hashes.get(2));
    Files.delete(object(1));
    flipBit(object(2));
    Files.write(object(3), new byte[151]);
    Files.delete(object(4));
    Files.createSymbolicLink(object(4), object(5));
    flipBit(object(7));
    final ScrubReport report = scrub(true);

    final List<Defect> defects = report.defects();
    assertEquals(
        List.of(
            // In the order of the manifest, which names copies of 2 first.
            new Defect(hashes.get(2), 100, DefectKind.DAMAGED, found(object(2))),
            new Defect(hashes.get(1), 50, DefectKind.MISSING, ""),
            new Defect(hashes.get(3), 150, DefectKind.WRONG_LENGTH, "151"),
            new Defect(
                hashes.get(4),
                200,
                DefectKind.UNREADABLE,
                "object %s is refused: %s is a symbolic link, not a plain file"
                    .formatted(hashes.get(4), object(4))),
            new Defect(hashes.get(7), 1_000_000, DefectKind.DAMAGED, found(object(7)))),
        defects);
    assertEquals(List.of("a/copy of 2", "f002", "z/copy of 2"), report.filesOf(0));
    assertEquals(List.of("f001"), report.filesOf(1));
    assertEquals(List.of("f007"), report.filesOf(4));
    assertEquals(5, progress.defects());
    assertEquals(FILES, progress.objectsDone());
    assertEquals(bytes, progress.bytesDone());
    final Map<DefectKind, Long> counts = new EnumMap<>(DefectKind.class);
    counts.put(DefectKind.MISSING, 1L);
    counts.put(DefectKind.WRONG_LENGTH, 1L);
    counts.put(DefectKind.DAMAGED, 2L);
    counts.put(DefectKind.UNREADABLE, 1L);
    assertEquals(counts, report.counts());
  }

  @Test
  void shouldCompareLengthsAloneIfNotToHash() throws Exception {
    flipBit(object(2));
    Files.delete(object(9));
    Files.write(object(3), new byte[0]);
    final ScrubReport report = scrub(false);
    assertEquals(
        List.of(DefectKind.WRONG_LENGTH, DefectKind.MISSING),
        report.defects().stream().map(Defect::kind).toList());
    assertEquals(0, report.bytesHashed());
    assertEquals(bytes, progress.bytesDone());
  }

  @Test
  void shouldKnowTheLengthOfEveryChunk() throws Exception {
    final ContentHash full = new ContentHash(1, 2);
    final ContentHash rest = new ContentHash(3, 4);
    file("big", 2 * Manifest.CHUNK_BYTES + 5, full, full, rest);
    Files.write(data(rest), new byte[4]);
    final ScrubReport report = scrub(false);
    assertEquals(
        List.of(
            new Defect(full, Manifest.CHUNK_BYTES, DefectKind.MISSING, ""),
            new Defect(rest, 5, DefectKind.WRONG_LENGTH, "4")),
        report.defects());
    assertEquals(List.of("big"), report.filesOf(0), "named once though needed twice");
  }

  @Test
  void shouldSayWhichOfTwoLengthsIsWrong() throws Exception {
    file("lie", 99, hashes.get(2));
    final ScrubReport report = scrub(true);
    assertEquals(
        List.of(new Defect(hashes.get(2), 99, DefectKind.WRONG_LENGTH, "100")), report.defects());
    assertEquals(List.of("lie"), report.filesOf(0));
  }

  @Test
  void shouldNumberManyObjects() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<ContentHash> many = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      // Few different low halves, so that many collide.
      many.add(new ContentHash(random.nextLong(), random.nextInt(100)));
      file("many/%04d".formatted(i), 10, many.get(i));
    }
    final ObjectTable table = ObjectTable.of(builder.build());
    assertEquals(FILES + 5000, table.count());
    assertEquals(bytes + 50_000, table.totalLength());
    for (int i = 0; i < 5000; i++) {
      assertEquals(many.get(i), table.hash(table.number(many.get(i), 10)), "seed " + seed);
    }
  }

  @Test
  void shouldReadAgainWhatChangesMeanwhile() throws Exception {
    final AtomicInteger reads = new AtomicInteger();
    final ScrubReport report =
        new Scrubber(
                builder.build(),
                new Watched(
                    store,
                    hash -> {
                      if (hash.equals(hashes.get(7)) && reads.incrementAndGet() == 2) {
                        touch(object(7));
                      }
                    }),
                2,
                true,
                progress)
            .run();
    assertEquals(List.of(), report.defects());
    assertEquals(bytes, progress.bytesDone(), "counted once");
    assertTrue(report.bytesHashed() > bytes, "it was not read again");
  }

  @Test
  void shouldPassOnThatMemoryIsShort() throws Exception {
    final OutOfMemoryError thrown = new OutOfMemoryError("on purpose");
    final Scrubber scrubber =
        new Scrubber(
            builder.build(),
            new Watched(
                store,
                hash -> {
                  throw thrown;
                }),
            3,
            true,
            progress);
    assertSame(thrown, assertThrows(OutOfMemoryError.class, scrubber::run));
  }

  @Test
  void shouldEndWhenCancelledAlthoughTheStoreHangs() throws Exception {
    final CountDownLatch hanging = new CountDownLatch(3);
    final CountDownLatch goOn = new CountDownLatch(1);
    final Scrubber scrubber =
        new Scrubber(
            builder.build(),
            new Watched(
                store,
                hash -> {
                  hanging.countDown();
                  while (goOn.getCount() > 0) {
                    Thread.onSpinWait(); // Deaf to interrupts, as a system call can be.
                  }
                }),
            3,
            true,
            progress);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      final Future<ScrubReport> run = thread.submit(scrubber::run);
      hanging.await();
      scrubber.cancel(Duration.ofSeconds(20));
      final ExecutionException cancelled =
          assertThrows(ExecutionException.class, () -> run.get(10, TimeUnit.SECONDS));
      assertEquals(
          "cancelled after 0 of 200 objects, 0 of them defective",
          cancelled.getCause().getMessage());
    } finally {
      goOn.countDown();
    }
  }

  private Path object(final int file) {
    return data(hashes.get(file));
  }

  private Path data(final ContentHash hash) {
    return folder.resolve("store/Data").resolve(hash + ".xxh128");
  }

  private static void flipBit(final Path file) throws Exception {
    final byte[] content = Files.readAllBytes(file);
    content[content.length - 1] ^= 4;
    Files.write(file, content);
  }

  private static String found(final Path file) throws Exception {
    return Xxh128.hash(Files.readAllBytes(file)).toString();
  }

  private static void touch(final Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
