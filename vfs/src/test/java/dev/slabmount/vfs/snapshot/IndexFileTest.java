package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.FileStat;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of an index: whose it is, what it may hold, how long it grows and how long it stays. */
@Timeout(120)
class IndexFileTest {

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
  void shouldNotGrowWithEachCancelledSnapshot() throws Exception {
    Files.createLink(tree.path("d/another name"), tree.path("d/f5"));
    awaitTick();
    take();
    final IndexPlace place = IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS);
    final List<ScannedFile> files = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      files.add(new ScannedFile(tree.path("d/f" + i), "d/f" + i, 1000L * i));
    }
    for (int cancelled = 0; cancelled < 5; cancelled++) {
      try (LocalContentStore store = LocalContentStore.open(temp.resolve("store"));
          ObjectWriter writer = store.startWriting()) {
        final KnownFiles known = new KnownFiles(place.read(), writer, Instant.now());
        for (final ScannedFile file : files.subList(cancelled, FILES / 2)) {
          assertNotEquals(null, known.find(file));
        }
        place.save(known.foundAndKnown());
      }
      assertEquals(FILES, place.read().size());
    }
    assertEquals(0, take().filesRead());
  }

  @Test
  void shouldNotWaitForAFifoInPlaceOfTheIndex() throws Exception {
    take();
    Files.delete(indexFile());
    assertTrue(SampleTree.run("mkfifo", indexFile().toString()));
    assertEquals(FILES, take().filesRead());
    assertEquals(0, take().filesRead(), "it is replaced");
  }

  @Test
  void shouldNotReserveMemoryForAnIndexThatIsTooLong() throws Exception {
    take();
    try (RandomAccessFile sparse = new RandomAccessFile(indexFile().toFile(), "rw")) {
      sparse.setLength(500_000_000_000L);
    }
    assertEquals(FILES, take().filesRead());
    assertEquals(0, take().filesRead(), "it is replaced");
  }

  @Test
  void shouldNotBelieveCountsForTheirChecksum() throws Exception {
    take();
    final byte[] good = Files.readAllBytes(indexFile());
    final int firstRow = 40;
    for (final int field : new int[] {24, 32, firstRow + 16, firstRow + 48}) {
      for (final long value : new long[] {-1, 1L << 27, 1L << 60, Long.MAX_VALUE, Long.MIN_VALUE}) {
        final ByteBuffer bad = ByteBuffer.wrap(good.clone());
        bad.putLong(field, value);
        final ContentHash sum = Xxh128.hash(Arrays.copyOf(bad.array(), good.length - 16));
        bad.putLong(good.length - 16, sum.high()).putLong(good.length - 8, sum.low());
        Files.write(indexFile(), bad.array());
        final IndexPlace place = IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS);
        final int size = place.read().size();
        final boolean isPlausible = field == firstRow + 16 && value == 1L << 27;
        assertEquals(isPlausible ? FILES : 0, size, field + ": " + value);
      }
    }
  }

  @Test
  void shouldNeitherBelieveNorWriteWhatBelongsToOthers() throws Exception {
    take();
    final Path file = indexFile();
    assertEquals(
        "it belongs to user 12345",
        FileIndex.notOurs(
            new FileStat(
                1, 2, 0100600, 1, 12345, 0, 0, FileTime.fromMillis(0), FileTime.fromMillis(0))));
    if ((Integer) Files.getAttribute(index, "unix:uid") == 0) { // Only root can give files away.
      Files.setAttribute(file, "unix:uid", 12345);
      assertEquals(FILES, take().filesRead());
      assertEquals(0, take().filesRead(), "it is replaced");
      Files.setAttribute(index, "unix:uid", 12345);
      Files.delete(file);
      take();
      assertFalse(Files.exists(file));
      SampleTree.run("rm", "-r", index.toString());
      Files.setAttribute(index.getParent(), "unix:uid", 12345);
      take();
      assertFalse(Files.exists(index));
    }
  }

  @Test
  void shouldRemoveTheIndicesOfTreesThatAreGone() throws Exception {
    take();
    final String other = "0123456789abcdef0123456789abcdef";
    final List<Path> gone =
        List.of(index.resolve(other + ".index"), index.resolve(other + ".lock"));
    final Path stranger = Files.writeString(index.resolve("other.index"), "x");
    final Path lock = index.resolve(indexFile().getFileName().toString().replace("index", "lock"));
    for (final Path old : gone) {
      Files.writeString(old, "x");
      setAge(old, 89);
    }
    setAge(stranger, 1000);
    setAge(lock, 1000);
    take();
    assertTrue(Files.exists(gone.get(0)) && Files.exists(gone.get(1)));
    for (final Path old : gone) {
      setAge(old, 91);
    }
    assertEquals(0, take().filesRead());
    assertFalse(Files.exists(gone.get(0)) || Files.exists(gone.get(1)));
    assertTrue(Files.exists(stranger) && Files.exists(lock));
  }

  private static void setAge(final Path file, final int days) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
  }

  private Path indexFile() throws IOException {
    return IndexPlace.of(index, tree.root().toRealPath(), Cutting.CHUNKS).file();
  }

  /** Lets the files get old enough to be remembered. */
  private static void awaitTick() {
    final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(25);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private SnapshotReport take() throws SnapshotException {
    final SnapshotRequest request =
        new SnapshotRequest(tree.root(), temp.resolve("store"), temp.resolve("m"), 4, false);
    return new Snapshotter(request.withIndex(index, false), new SnapshotProgress()).run();
  }
}
