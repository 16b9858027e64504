package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The second snapshot of a tree reads what has changed, and nothing else. */
@Timeout(120)
class KnownFilesTest {

  private static final int FILES = 20;

  @TempDir(factory = StampedFolder.class)
  private Path temp;

  private SampleTree tree;
  private Path index;

  @BeforeEach
  void makeTree() throws Exception {
    tree = new SampleTree(temp.resolve("tree"));
    tree.folder("d");
    for (int i = 0; i < FILES; i++) {
      tree.file("d/f" + i, TestBytes.random(i, 1000 * i));
    }
    index = temp.resolve("cache/index");
    awaitTick();
  }

  @Test
  void shouldReadNothingTwice() throws Exception {
    final SnapshotReport first = take();
    assertEquals(FILES, first.filesRead());
    assertEquals(first.bytes(), first.bytesRead());
    final byte[] manifest = Files.readAllBytes(temp.resolve("m"));
    for (int i = 0; i < 3; i++) {
      final SnapshotProgress progress = new SnapshotProgress();
      final SnapshotReport again = take(progress, false);
      assertEquals(0, again.filesRead());
      assertEquals(0, again.bytesRead());
      assertEquals(0, again.objectsWritten());
      assertEquals(FILES, again.objectsPresent());
      assertEquals(first.bytes(), progress.bytesDone(), "the bar gets to its end");
      assertEquals(FILES, progress.filesDone());
      assertArrayEquals(manifest, Files.readAllBytes(temp.resolve("m")));
    }
  }

  /** The kernel's own count, which also sees what a mistake of ours would not count. */
  @Test
  void shouldReallyReadNothing() throws Exception {
    final int length = 50_000_000;
    tree.file("large", TestBytes.random(1, length));
    awaitTick();
    final long before = bytesReadByThisProcess();
    take();
    final long between = bytesReadByThisProcess();
    take();
    assertTrue(between - before > length, "the count counts: " + (between - before));
    final long second = bytesReadByThisProcess() - between;
    assertTrue(second < length / 10, "read again: " + second);
  }

  private static long bytesReadByThisProcess() throws IOException {
    final String count = Files.readAllLines(Path.of("/proc/self/io")).getFirst();
    return Long.parseLong(count.replace("rchar: ", ""));
  }

  @Test
  void shouldReadOnlyWhatChanged() throws Exception {
    take();
    final byte[] later = TestBytes.random(100, 5000);
    tree.file("d/f5", later).file("new", TestBytes.random(101, 10));
    Files.move(tree.path("d/f6"), tree.path("d/moved"));
    Files.delete(tree.path("d/f7"));
    final SnapshotReport second = take();
    assertEquals(3, second.filesRead(), "a renamed file has a new change time");
    assertEquals(5000 + 10 + 6000, second.bytesRead());
    assertTrue(
        Files.readString(temp.resolve("m")).contains(Xxh128.hash(later).toString()), "new content");
  }

  @Test
  void shouldReadAFileWhoseTimeWasPutBack() throws Exception {
    take();
    final FileTime modified = Files.getLastModifiedTime(tree.path("d/f5"));
    final byte[] later = TestBytes.random(100, 5000);
    Files.write(tree.path("d/f5"), later);
    assertTrue(SampleTree.run("touch", "-d", modified.toString(), tree.path("d/f5").toString()));
    assertEquals(modified, Files.getLastModifiedTime(tree.path("d/f5")));
    assertEquals(1, take().filesRead());
    assertTrue(Files.readString(temp.resolve("m")).contains(Xxh128.hash(later).toString()));
  }

  @Test
  void shouldNotTakeOneFileForAnother() throws Exception {
    take();
    // The same length and modification time under the same name; another inode.
    final FileTime modified = Files.getLastModifiedTime(tree.path("d/f5"));
    final byte[] other = TestBytes.random(100, 5000);
    tree.file("d/new", other);
    Files.setLastModifiedTime(tree.path("d/new"), modified);
    Files.move(tree.path("d/new"), tree.path("d/x"));
    Files.delete(tree.path("d/f5"));
    Files.move(tree.path("d/x"), tree.path("d/f5"));
    assertEquals(1, take().filesRead());
    assertTrue(Files.readString(temp.resolve("m")).contains(Xxh128.hash(other).toString()));
  }

  @Test
  void shouldReadEverythingWhenToldTo() throws Exception {
    take();
    final SnapshotReport rehashed = take(new SnapshotProgress(), true);
    assertEquals(FILES, rehashed.filesRead());
    assertEquals(rehashed.bytes(), rehashed.bytesRead());
    assertEquals(0, take().filesRead(), "what it found was kept");
  }

  @Test
  void shouldKeepNoIndexUnlessAsked() throws Exception {
    final SnapshotRequest plain = request(temp.resolve("m"));
    new Snapshotter(plain, new SnapshotProgress()).run();
    assertFalse(Files.exists(index));
    assertEquals(FILES, new Snapshotter(plain, new SnapshotProgress()).run().filesRead());
  }

  @Test
  void shouldReadAgainWhatTheStoreHasLost() throws Exception {
    take();
    final byte[] five = Files.readAllBytes(tree.path("d/f5"));
    Files.delete(object(five));
    final byte[] six = Files.readAllBytes(tree.path("d/f6"));
    try (RandomAccessFile shorter = new RandomAccessFile(object(six).toFile(), "rw")) {
      shorter.setLength(5999);
    }
    final SnapshotReport second = take();
    assertEquals(2, second.filesRead());
    assertEquals(2, second.objectsWritten());
    assertArrayEquals(five, Files.readAllBytes(object(five)));
    assertArrayEquals(six, Files.readAllBytes(object(six)));
  }

  @Test
  void shouldKnowTheFilesInAnotherStoreOnlyIfItHasThem() throws Exception {
    take();
    final SnapshotRequest other =
        new SnapshotRequest(tree.root(), temp.resolve("other"), temp.resolve("m"), 2, false)
            .withIndex(index, false);
    assertEquals(FILES, new Snapshotter(other, new SnapshotProgress()).run().objectsWritten());
    assertEquals(0, new Snapshotter(other, new SnapshotProgress()).run().filesRead());
  }

  @Test
  void shouldNotRememberWhatIsTooYoung() throws Exception {
    tree.file("young", TestBytes.random(1, 10));
    final FileStat young = FileStat.of(tree.path("young"));
    final ScannedFile scanned = new ScannedFile(tree.path("young"), "young", 10);
    final var changed = young.changed().toInstant();
    for (final long millis : List.of(-1000L, 0L, 19L)) {
      final KnownFiles known = known(changed.plusMillis(millis));
      known.remember(scanned, young, List.of(Xxh128.hash(new byte[1])));
      assertEquals(null, written(known).find(young), millis + " ms");
    }
    final KnownFiles known = known(changed.plusMillis(20));
    known.remember(scanned, young, List.of(Xxh128.hash(new byte[1])));
    assertEquals(List.of(Xxh128.hash(new byte[1])), written(known).find(young));
    final FileStat wholeSeconds =
        new FileStat(
            1, 2, young.mode(), 1, 0, 0, 10, FileTime.fromMillis(0), FileTime.fromMillis(5000));
    final KnownFiles coarse = known(wholeSeconds.changed().toInstant().plusMillis(2999));
    coarse.remember(scanned, wholeSeconds, List.of(Xxh128.hash(new byte[1])));
    assertEquals(null, written(coarse).find(wholeSeconds));
  }

  private static KnownFiles known(final java.time.Instant began) {
    return new KnownFiles(FileIndex.empty(Cutting.CHUNKS), null, began);
  }

  private FileIndex written(final KnownFiles known) throws IOException {
    final Path file = temp.resolve("written-" + System.nanoTime());
    known.found().write(file, Xxh128.hash(new byte[0]));
    return FileIndex.read(file, Xxh128.hash(new byte[0]), Cutting.CHUNKS);
  }

  @Test
  void shouldReadEverythingWhenTheIndexIsDamagedAnywhere() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    take();
    final Path file = indexFile();
    final byte[] good = Files.readAllBytes(file);
    for (int round = 0; round < 40; round++) {
      final byte[] bad =
          switch (round % 3) {
            case 0 -> Arrays.copyOf(good, random.nextInt(good.length));
            case 1 -> Arrays.copyOf(good, good.length + 1 + random.nextInt(100));
            default -> good.clone();
          };
      if (round % 3 == 2) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bad);
      assertEquals(FILES, take().filesRead(), "seed " + seed + ", round " + round);
      assertEquals(0, take().filesRead(), "it is mended");
    }
  }

  @Test
  void shouldNotUseTheIndexOfAnotherTreeOrMachine() throws Exception {
    take();
    final Path copy = temp.resolve("copy");
    assertTrue(SampleTree.run("cp", "-a", tree.root().toString(), copy.toString()));
    final IndexPlace here = IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS);
    final IndexPlace there = IndexPlace.of(index, copy.toRealPath(), Cutting.CHUNKS);
    assertEquals(FILES, here.read().size());
    Files.copy(here.file(), there.file());
    assertEquals(0, there.read().size());
    final IndexPlace machine =
        IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS, "another".getBytes(UTF_8));
    assertNotEquals(here.tree(), machine.tree());
  }

  @Test
  void shouldSaveWhatAnInterruptedSnapshotFound() throws Exception {
    tree.folder("a"); // read after the folder d
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("a/huge").toFile(), "rw")) {
      sparse.setLength(50L << 30);
    }
    final SnapshotProgress progress = new SnapshotProgress();
    final Snapshotter snapshotter =
        new Snapshotter(request(temp.resolve("m")).withIndex(index, false), progress);
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      final Future<SnapshotReport> run = thread.submit(snapshotter::run);
      while (progress.filesDone() < FILES) {
        Thread.onSpinWait();
      }
      assertTrue(snapshotter.cancel(Duration.ofSeconds(30)));
      assertThrows(Exception.class, run::get);
    }
    Files.delete(tree.path("a/huge"));
    assertEquals(0, take().filesRead());
  }

  @Test
  void shouldLetSeveralSnapshotsShareTheIndex() throws Exception {
    take();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      final List<Future<SnapshotReport>> runs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        final SnapshotRequest request = request(temp.resolve("m" + i)).withIndex(index, i % 2 == 0);
        runs.add(threads.submit(() -> new Snapshotter(request, new SnapshotProgress()).run()));
      }
      for (int i = 0; i < 8; i++) {
        assertEquals(i % 2 == 0 ? FILES : 0, runs.get(i).get(60, TimeUnit.SECONDS).filesRead());
      }
    }
    assertEquals(0, take().filesRead());
    assertNoLeftovers();
  }

  @Test
  void shouldRemoveWhatAKilledSnapshotLeftOfItsIndex() throws Exception {
    take();
    final String name = indexFile().getFileName().toString();
    Files.writeString(index.resolve(name.replace(".index", ".dead.tmp")), "half an ind");
    assertEquals(0, take().filesRead());
    assertNoLeftovers();
  }

  @Test
  void shouldTakeTheSnapshotEvenIfTheIndexCannotBeWritten() throws Exception {
    Files.createDirectories(temp.resolve("cache"));
    Files.writeString(index, "a file in its place");
    assertEquals(FILES, take().filesRead());
    assertEquals(FILES, take().filesRead());
    assertTrue(Files.exists(temp.resolve("m")));
  }

  @Test
  void shouldKnowALargeFileByAllItsChunks() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(tree.path("large").toFile(), "rw")) {
      sparse.seek(300L << 20);
      sparse.write(1);
    }
    awaitTick();
    take();
    final byte[] manifest = Files.readAllBytes(temp.resolve("m"));
    final SnapshotReport second = take();
    assertEquals(0, second.filesRead());
    assertEquals(0, second.bytesRead());
    assertArrayEquals(manifest, Files.readAllBytes(temp.resolve("m")));
  }

  private void assertNoLeftovers() throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      assertEquals(
          List.of(),
          files.filter(file -> file.toString().endsWith(".tmp")).toList(),
          "temporary files");
    }
  }

  private Path indexFile() throws IOException {
    return IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS).file();
  }

  private Path object(final byte[] content) {
    return temp.resolve("store/Data/" + Xxh128.hash(content) + ".xxh128");
  }

  /** Lets the files get old enough to be remembered. */
  private static void awaitTick() {
    final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(25);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private SnapshotReport take() throws SnapshotException {
    return take(new SnapshotProgress(), false);
  }

  private SnapshotReport take(final SnapshotProgress progress, final boolean rehash)
      throws SnapshotException {
    return new Snapshotter(request(temp.resolve("m")).withIndex(index, rehash), progress).run();
  }

  private SnapshotRequest request(final Path manifest) {
    return new SnapshotRequest(tree.root(), temp.resolve("store"), manifest, 4, false);
  }
}
