package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentSource;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.SourceChangedException;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.snapshot.ScannedTree.Problem;
import dev.slabmount.vfs.snapshot.ScannedTree.ScannedFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that change, vanish or cannot be read while they are stored. */
@Timeout(60)
class FileStorerTest {

  private static final int SMALL = 1000;
  private static final int LARGE = 3_000_000;

  @TempDir private Path temp;
  private Path file;
  private ObjectWriter store;
  private final SnapshotProgress progress = new SnapshotProgress();

  /** What happens to the file while it is being stored: before the first puts. */
  private interface Mishap {
    void happen() throws IOException;
  }

  /** Lets a mishap happen at each of the first puts. */
  private final class Meddler implements ObjectWriter {
    private final AtomicInteger left;
    private final Mishap mishap;

    Meddler(final int times, final Mishap mishap) {
      this.left = new AtomicInteger(times);
      this.mishap = mishap;
    }

    @Override
    public boolean put(final ContentHash hash, final long length, final ContentSource source)
        throws IOException {
      if (left.getAndDecrement() > 0) {
        mishap.happen();
      }
      return store.put(hash, length, source);
    }

    @Override
    public boolean isStored(final ContentHash hash, final long length)
        throws ContentStoreException {
      return store.isStored(hash, length);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
  }

  private static KnownFiles known(final ObjectWriter writer) {
    return new KnownFiles(FileIndex.empty(Cutting.CHUNKS), writer, Instant.now());
  }

  @BeforeEach
  void makeStore() throws Exception {
    file = temp.resolve("file");
    store = LocalContentStore.create(temp.resolve("store")).startWriting();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void shouldReadAgainAFileThatChanged(final int length) throws Exception {
    Files.write(file, TestBytes.random(1, length));
    final byte[] later = TestBytes.random(2, length + 1);
    final FileEntry entry = store(new Meddler(1, () -> Files.write(file, later)));
    assertEquals(List.of(Xxh128.hash(later)), entry.hashes());
    assertEquals(length + 1, entry.size());
    assertEquals(length + 1, progress.bytesDone(), "the first reading is taken back");
  }

  @Test
  void shouldReadAgainAFileWhoseLengthAndTimeStayedTheSame() throws Exception {
    Files.write(file, TestBytes.random(1, SMALL));
    final FileTime modified = Files.getLastModifiedTime(file);
    final byte[] later = TestBytes.random(2, SMALL);
    final FileEntry entry =
        store(
            new Meddler(
                1,
                () -> {
                  try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.write(later);
                  }
                  Files.setLastModifiedTime(file, modified);
                }));
    assertEquals(List.of(Xxh128.hash(later)), entry.hashes());
  }

  @Test
  void shouldGiveUpOnAFileThatChangesEachTime() throws Exception {
    Files.write(file, TestBytes.random(1, SMALL));
    final AtomicInteger changes = new AtomicInteger();
    final Meddler meddler =
        new Meddler(
            Integer.MAX_VALUE,
            () -> Files.write(file, TestBytes.random(changes.incrementAndGet(), SMALL)));
    final SourceChangedException gaveUp =
        assertThrows(SourceChangedException.class, () -> store(meddler));
    assertEquals("it changed while it was being read", gaveUp.getMessage());
    assertEquals(FileStorer.ATTEMPTS, changes.get());
  }

  @Test
  void shouldNotReadAFileBeforeItsNextChangeIsSureToShow() throws Exception {
    Files.write(file, TestBytes.random(1, SMALL));
    final AtomicInteger looks = new AtomicInteger();
    FileStorer.settledStat(file, stat -> looks.incrementAndGet() == 5);
    assertEquals(5, looks.get());
    assertThrows(SourceChangedException.class, () -> FileStorer.settledStat(file, stat -> false));
  }

  @Test
  void shouldSayThatAFileVanished() throws Exception {
    Files.write(file, TestBytes.random(1, SMALL));
    assertThrows(NoSuchFileException.class, () -> store(new Meddler(1, () -> Files.delete(file))));
    assertThrows(NoSuchFileException.class, () -> store(store));
  }

  @Test
  void shouldNotFollowALinkThatTakesTheFilesPlace() throws Exception {
    final Path secret = Files.write(temp.resolve("secret"), TestBytes.random(1, SMALL));
    Files.createSymbolicLink(file, secret);
    final IOException refused = assertThrows(IOException.class, () -> store(store));
    assertEquals("it has become a symbolic link; take the snapshot again", refused.getMessage());
  }

  @Test
  void shouldStopWithinAFileWhenCancelled() throws Exception {
    Files.write(file, TestBytes.random(1, LARGE));
    final AtomicInteger asked = new AtomicInteger();
    try (FileStorer storer =
        new FileStorer(store, known(store), progress, () -> asked.incrementAndGet() > 3)) {
      assertThrows(
          InterruptedIOException.class, () -> storer.store(new ScannedFile(file, "f", LARGE)));
    }
    assertTrue(progress.bytesDone() < LARGE);
  }

  @Test
  void shouldReadOnceWhatIsSmallAndTwiceOnlyWhatIsLargeAndMissing() throws Exception {
    final AtomicInteger asked = new AtomicInteger();
    for (int round = 0; round < 2; round++) {
      Files.write(file, TestBytes.random(1, LARGE));
      asked.set(0);
      try (FileStorer storer =
          new FileStorer(
              store,
              known(store),
              progress,
              () -> {
                asked.incrementAndGet();
                return false;
              })) {
        storer.store(new ScannedFile(file, "f", LARGE));
      }
      // It asks before each read of up to 1 MiB, and once more where the store reads.
      assertEquals(round == 0, asked.get() > 6, "asked " + asked);
    }
  }

  @Test
  void shouldGoOnWithTheOtherFiles() throws Exception {
    final ScannedTree tree = new ScannedTree();
    Files.write(file, TestBytes.random(1, SMALL));
    tree.files.add(new ScannedFile(temp.resolve("vanished"), "vanished", 10));
    tree.files.add(new ScannedFile(Files.createDirectory(temp.resolve("d")), "d", 10));
    tree.files.add(new ScannedFile(file, "file", SMALL));
    final StoringRun run = new StoringRun(tree, store, known(store), progress, () -> false);
    assertEquals(List.of("file"), run.run(1).stream().map(FileEntry::path).toList());
    assertEquals(List.of(TreePath.of("vanished")), run.vanished());
    assertEquals(
        List.of(
            new Problem(TreePath.of("d"), "it has become a directory; take the snapshot again")),
        run.problems());
  }

  @Test
  void shouldEndTheRunWhenTheStoreFails() throws Exception {
    final ScannedTree tree = new ScannedTree();
    for (int i = 0; i < 200; i++) {
      final Path each = Files.write(temp.resolve("f" + i), TestBytes.random(i, SMALL));
      tree.files.add(new ScannedFile(each, "f" + i, SMALL));
    }
    final ContentStoreException full = new ContentStoreException("the store is full");
    final AtomicInteger puts = new AtomicInteger();
    final Meddler failing =
        new Meddler(
            Integer.MAX_VALUE,
            () -> {
              if (puts.incrementAndGet() == 10) {
                throw full;
              }
            });
    final StoringRun run = new StoringRun(tree, failing, known(failing), progress, () -> false);
    assertEquals(full, assertThrows(ContentStoreException.class, () -> run.run(4)));
    assertTrue(puts.get() < 100, "the others went on for " + puts);
    assertEquals(List.of(), run.problems());
  }

  @Test
  void shouldReadALargeFileAgainWhenOneOfItsChunksChanged() throws Exception {
    final long length = (256L << 20) + 10;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(length);
    }
    final ScannedTree tree = new ScannedTree();
    tree.files.add(new ScannedFile(file, "big", length));
    final StoringRun run =
        new StoringRun(
            tree,
            new Meddler(
                1,
                () -> {
                  try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.seek(length - 1);
                    open.write(1);
                  }
                }),
            known(store),
            progress,
            () -> false);
    final FileEntry entry = run.run(2).getFirst();
    assertEquals(
        List.of(
            ContentHash.parse("e7e6e2cfd0fb193c998e510addb2da2d"),
            Xxh128.hash(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 1})),
        entry.hashes());
    assertEquals(length, progress.bytesDone());
    assertEquals(1, progress.filesDone());
  }

  @Test
  void shouldNoticeThatALargeFileShrank() throws Exception {
    Files.write(file, TestBytes.random(1, SMALL));
    final ScannedTree tree = new ScannedTree();
    tree.files.add(new ScannedFile(file, "big", 600L << 20));
    final StoringRun run = new StoringRun(tree, store, known(store), progress, () -> false);
    final FileEntry entry = run.run(2).getFirst();
    assertEquals(SMALL, entry.size());
    assertEquals(List.of(Xxh128.hash(TestBytes.random(1, SMALL))), entry.hashes());
  }

  @Test
  void shouldTakeTheModeAndTimeOfWhatWasRead() throws Exception {
    Files.write(file, new byte[0]);
    Files.setLastModifiedTime(file, SampleTree.time(123_456));
    final FileEntry entry = store(store);
    assertEquals(123_456, entry.mtimeMicros());
    assertFalse(entry.runnable());
  }

  private FileEntry store(final ObjectWriter writer) throws IOException {
    try (FileStorer storer = new FileStorer(writer, known(writer), progress, () -> false)) {
      return storer.store(new ScannedFile(file, "file", SMALL));
    }
  }
}
