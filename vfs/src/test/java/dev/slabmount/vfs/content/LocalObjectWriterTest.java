package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalObjectWriterTest {

  private static final ContentSource NEVER_ASKED =
      (offset, destination) -> {
        throw new AssertionError("the source was read");
      };

  @TempDir private Path folder;
  private LocalContentStore store;

  @BeforeEach
  void makeStore() throws Exception {
    store = LocalContentStore.create(folder.resolve("store"));
  }

  @Test
  void shouldStoreObjectsOfAnySizeAndLeaveNothingElse() throws Exception {
    try (ObjectWriter writer = store.startWriting()) {
      for (final int length : new int[] {0, 1, 4096, 256 << 10, (256 << 10) + 1, 3_000_000}) {
        final byte[] bytes = TestBytes.random(length, length);
        final ContentHash hash = Xxh128.hash(bytes);
        assertTrue(writer.put(hash, length, TestBytes.source(bytes)));
        assertTrue(writer.isStored(hash, length));
        assertFalse(writer.isStored(hash, length + 1));
        writer.sync();
        assertTrue(writer.isStored(hash, length));
        assertArrayEquals(bytes, Files.readAllBytes(store.file(hash)));
      }
      writer.sync();
    }
    assertEquals(6, namesInData().size());
    assertTrue(namesInData().stream().allMatch(name -> name.endsWith(".xxh128")));
  }

  @Test
  void shouldNotWriteWhatIsThere() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1000);
    final ContentHash hash = Xxh128.hash(bytes);
    try (ObjectWriter writer = store.startWriting()) {
      assertTrue(writer.put(hash, 1000, TestBytes.source(bytes)));
      assertFalse(writer.put(hash, 1000, NEVER_ASKED), "it waits for its name");
      writer.sync();
      final FileStat first = FileStat.of(store.file(hash));
      assertFalse(writer.put(hash, 1000, NEVER_ASKED));
      assertTrue(first.isSameContentAs(FileStat.of(store.file(hash))));
    }
  }

  @Test
  void shouldReplaceAnObjectOfAnotherLength() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1000);
    final ContentHash hash = Xxh128.hash(bytes);
    Files.write(store.file(hash), new byte[999]);
    try (ObjectWriter writer = store.startWriting()) {
      assertTrue(writer.put(hash, 1000, TestBytes.source(bytes)));
      writer.sync();
    }
    assertArrayEquals(bytes, Files.readAllBytes(store.file(hash)));
  }

  @Test
  void shouldReplaceALinkAndNotWhatItLeadsTo() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1000);
    final ContentHash hash = Xxh128.hash(bytes);
    final Path victim = Files.write(folder.resolve("victim"), new byte[1000]);
    Files.createSymbolicLink(store.file(hash), victim);
    try (ObjectWriter writer = store.startWriting()) {
      assertTrue(writer.put(hash, 1000, TestBytes.source(bytes)));
      writer.sync();
    }
    assertTrue(Files.isRegularFile(store.file(hash), LinkOption.NOFOLLOW_LINKS));
    assertArrayEquals(new byte[1000], Files.readAllBytes(victim));
  }

  @Test
  void shouldNotPublishWhatIsNotWhatItsNameSays() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1000);
    final ContentHash hash = Xxh128.hash(bytes);
    try (ObjectWriter writer = store.startWriting()) {
      for (final int wrong : new int[] {0, 999, 1001}) {
        assertThrows(
            SourceChangedException.class,
            () -> writer.put(hash, 1000, TestBytes.source(TestBytes.random(1, wrong))));
      }
      assertThrows(
          SourceChangedException.class,
          () -> writer.put(hash, 1000, TestBytes.source(TestBytes.random(2, 1000))));
      assertEquals(List.of(), namesInData());
      assertTrue(writer.put(hash, 1000, TestBytes.source(bytes)), "the name is free again");
    }
  }

  @Test
  void shouldPassOnTheSourcesFailureAndLeaveNothing() throws Exception {
    final IOException failure = new IOException("cannot read it");
    try (ObjectWriter writer = store.startWriting()) {
      final IOException thrown =
          assertThrows(
              IOException.class,
              () ->
                  writer.put(
                      new ContentHash(1, 2),
                      1000,
                      (offset, destination) -> {
                        if (offset == 0) {
                          return 100;
                        }
                        throw failure;
                      }));
      assertEquals(failure, thrown);
      assertEquals(List.of(), namesInData());
    }
  }

  @Test
  void shouldShowNothingBeforeTheObjectIsWhole() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1_000_000);
    final ContentHash hash = Xxh128.hash(bytes);
    try (ObjectWriter writer = store.startWriting()) {
      writer.put(
          hash,
          bytes.length,
          (offset, destination) -> {
            assertFalse(Files.exists(store.file(hash)));
            assertEquals(1, namesInData().size(), "one temporary file");
            return TestBytes.source(bytes).read(offset, destination);
          });
      assertFalse(Files.exists(store.file(hash)), "not flushed yet");
      writer.sync();
    }
    assertEquals(List.of(hash + ".xxh128"), namesInData());
  }

  @Test
  void shouldWriteAnObjectOnceHoweverManyThreadsPutIt() throws Exception {
    final byte[] bytes = TestBytes.random(1, 1_000_000);
    final ContentHash hash = Xxh128.hash(bytes);
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    try (ObjectWriter writer = store.startWriting();
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      final List<Future<?>> puts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        puts.add(
            threads.submit(() -> {
              final boolean mine =
                  writer.put(
                      hash,
                      bytes.length,
                      (offset, destination) -> {
                        if (offset == 0) {
                          asked.incrementAndGet();
                        }
                        return TestBytes.source(bytes).read(offset, destination);
                      });
              written.addAndGet(mine ? 1 : 0);
              return null;
            }));
      }
      for (final Future<?> put : puts) {
        put.get(30, TimeUnit.SECONDS);
      }
    }
    assertEquals(1, written.get());
    assertEquals(1, asked.get());
  }

  @Test
  void shouldLetSeveralRunsWriteAtOnce() throws Exception {
    final long seed = System.nanoTime();
    final List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      contents.add(TestBytes.random(seed + i, i * 10_000));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      final List<Future<?>> runs = new ArrayList<>();
      for (int run = 0; run < 4; run++) {
        final Random order = new Random(seed + run);
        runs.add(
            threads.submit(() -> {
              final LocalContentStore own = LocalContentStore.create(folder.resolve("store"));
              try (ObjectWriter writer = own.startWriting()) {
                final List<byte[]> shuffled = new ArrayList<>(contents);
                java.util.Collections.shuffle(shuffled, order);
                for (final byte[] bytes : shuffled) {
                  writer.put(Xxh128.hash(bytes), bytes.length, TestBytes.source(bytes));
                }
                writer.sync();
              }
              return null;
            }));
      }
      for (final Future<?> run : runs) {
        run.get(60, TimeUnit.SECONDS);
      }
    }
    for (final byte[] bytes : contents) {
      assertArrayEquals(bytes, Files.readAllBytes(store.file(Xxh128.hash(bytes))), "seed " + seed);
    }
    assertEquals(contents.size(), namesInData().size());
  }

  @Test
  void shouldPublishGroupsAsTheyGetFull() throws Exception {
    final ConcurrentMap<ContentHash, byte[]> all = new ConcurrentHashMap<>();
    try (ObjectWriter writer = store.startWriting();
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      final List<Future<?>> puts = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        final int first = thread * 2000; // Half of what one thread puts another one puts too.
        puts.add(
            threads.submit(() -> {
              for (int i = first; i < first + 4000; i++) {
                final byte[] bytes = TestBytes.random(i, 20);
                all.put(Xxh128.hash(bytes), bytes);
                writer.put(Xxh128.hash(bytes), 20, TestBytes.source(bytes));
                assertTrue(writer.isStored(Xxh128.hash(bytes), 20));
              }
              return null;
            }));
      }
      for (final Future<?> put : puts) {
        put.get(60, TimeUnit.SECONDS);
      }
      assertEquals(10_000, namesInData().size());
      final long named = namesInData().stream().filter(name -> !name.startsWith(".")).count();
      assertTrue(named >= 8192 && named < 10_000, "published so far: " + named);
      writer.sync();
    }
    assertEquals(10_000, namesInData().size());
    for (final var each : all.entrySet()) {
      assertArrayEquals(each.getValue(), Files.readAllBytes(store.file(each.getKey())));
    }
  }

  @Test
  void shouldPublishTheOthersIfOneCannotGetItsNameAndSayAtEverySyncThatItIsLost() throws Exception {
    final byte[] lost = TestBytes.random(1, 1000);
    final ContentHash lostHash = Xxh128.hash(lost);
    final Path inTheWay = Files.createDirectory(store.file(lostHash));
    Files.createFile(inTheWay.resolve("full"));
    try (ObjectWriter writer = store.startWriting()) {
      writer.put(lostHash, 1000, TestBytes.source(lost));
      for (int round = 0; round < 3; round++) {
        final List<ContentHash> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          final byte[] bytes = TestBytes.random(100 * round + i + 2, 1000);
          others.add(Xxh128.hash(bytes));
          writer.put(others.getLast(), 1000, TestBytes.source(bytes));
        }
        final String message = assertThrows(ContentStoreException.class, writer::sync).getMessage();
        assertTrue(message.startsWith("cannot write object " + lostHash + " to "), message);
        for (final ContentHash other : others) {
          assertTrue(Files.isRegularFile(store.file(other)), "round " + round);
        }
        assertFalse(writer.isStored(lostHash, 1000));
      }
    }
    assertTrue(namesInData().stream().noneMatch(name -> name.startsWith(".")), "temporaries left");
  }

  @Test
  void shouldDropWhatWasNeverSynced() throws Exception {
    try (ObjectWriter writer = store.startWriting()) {
      writer.put(Xxh128.hash(new byte[9]), 9, TestBytes.source(new byte[9]));
      assertEquals(1, namesInData().size());
    }
    assertEquals(List.of(), namesInData());
  }

  @Test
  void shouldRemoveWhatIsUnfinishedWhenClosed() throws Exception {
    final CountDownLatch writing = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final ObjectWriter writer = store.startWriting();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      final Future<?> put =
          thread.submit(() ->
              writer.put(
                  new ContentHash(1, 2),
                  1000,
                  (offset, destination) -> {
                    writing.countDown();
                    try {
                      goOn.await();
                    } catch (final InterruptedException e) {
                      throw new IOException(e);
                    }
                    return 10;
                  }));
      assertTrue(writing.await(10, TimeUnit.SECONDS));
      assertEquals(1, namesInData().size());
      writer.close();
      writer.close();
      assertEquals(List.of(), namesInData());
      goOn.countDown();
      assertTrue(
          assertThrows(Exception.class, () -> put.get(10, TimeUnit.SECONDS))
              .getCause()
              .getMessage()
              .endsWith("the run was ended"));
    }
    assertEquals(List.of(), namesInData());
  }

  @Test
  void shouldRemoveLeftoversOfDeadRunsOnly() throws Exception {
    final Path leftover = store.data().resolve(WriterLock.unfinishedName(7, 1));
    final Path foreign = Files.createFile(store.data().resolve(".somebody-elses.tmp"));
    final Path object = Files.createFile(store.file(ContentHash.EMPTY));

    try (ChildJvm other = writeInAnotherProcess()) {
      Files.createFile(leftover);
      try (ObjectWriter writer = store.startWriting()) {
        assertTrue(Files.exists(leftover), "somebody else is writing");
        other.process().destroyForcibly();
        assertTrue(other.process().waitFor(30, TimeUnit.SECONDS));
        try (ObjectWriter second = store.startWriting()) {
          assertTrue(Files.exists(leftover), "we are writing ourselves");
          second.sync();
        }
        writer.sync();
      }
    }
    assertEquals(4, namesInData().size(), "the killed process left something of its own");
    store.startWriting().close();
    assertEquals(
        List.of(foreign.getFileName().toString(), object.getFileName().toString()), namesInData());
  }

  @Test
  void shouldKeepWhatALiveRunIsWriting() throws Exception {
    try (ChildJvm other = writeInAnotherProcess()) {
      store.startWriting().close();
      assertEquals(1, namesInData().size());
      assertTrue(other.process().isAlive());
    }
  }

  private ChildJvm writeInAnotherProcess() throws IOException {
    final ChildJvm other =
        ChildJvm.start(WriteForever.class, Map.of(), List.of(), folder.resolve("store").toString());
    try {
      other.awaitLine("writing");
    } catch (final IOException | AssertionError e) {
      other.process().destroyForcibly();
      throw e;
    }
    return other;
  }

  /** Starts an object and never ends it. */
  static final class WriteForever {
    private WriteForever() {}

    public static void main(final String[] arguments) throws Exception {
      final LocalContentStore store = LocalContentStore.open(Path.of(arguments[0]));
      try (ObjectWriter writer = store.startWriting()) {
        writer.put(
            new ContentHash(1, 2),
            1000,
            (offset, destination) -> {
              System.out.println("writing");
              try {
                new CountDownLatch(1).await(60, TimeUnit.SECONDS);
              } catch (final InterruptedException e) {
                throw new IOException(e);
              }
              return 0;
            });
      }
    }
  }

  @Test
  void shouldSayInOneLineThatTheDiskIsFullAndLeaveNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), "1m")) {
      assumeTrue(disk != null, "mounting a small disk needs root");
      final LocalContentStore small = LocalContentStore.create(disk.folder().resolve("store"));
      final byte[] bytes = TestBytes.random(1, 2_000_000);
      final ContentHash hash = Xxh128.hash(bytes);
      try (ObjectWriter writer = small.startWriting()) {
        final ContentStoreException full =
            assertThrows(
                ContentStoreException.class,
                () -> writer.put(hash, bytes.length, TestBytes.source(bytes)));
        assertEquals(
            "cannot write object %s to %s: No space left on device".formatted(hash, small.data()),
            full.getMessage());
        try (Stream<Path> left = Files.list(small.data())) {
          assertEquals(0, left.count());
        }
        final byte[] less = TestBytes.random(2, 100_000);
        assertTrue(writer.put(Xxh128.hash(less), less.length, TestBytes.source(less)));
      }
    }
  }

  @Test
  void shouldSayThatTheStoreCannotBeWritten() throws Exception {
    Files.createDirectory(folder.resolve("store/.lock"));
    final String message =
        assertThrows(ContentStoreException.class, () -> store.startWriting()).getMessage();
    assertTrue(message.startsWith("cannot write to store " + store.place() + ": "), message);
  }

  private List<String> namesInData() throws IOException {
    try (Stream<Path> files = Files.list(store.data())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
