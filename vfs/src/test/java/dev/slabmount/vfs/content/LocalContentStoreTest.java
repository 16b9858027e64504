package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LocalContentStoreTest {

  private static final int SMALL = 5_000;
  private static final int LARGE = 300_000;
  private static final int BLOCK = 64 << 10;

  @TempDir private Path folder;
  private Path root;
  private LocalContentStore store;
  private VerifyingReader reader;

  @BeforeEach
  void makeStore() throws Exception {
    root = folder.resolve("store");
    store = LocalContentStore.create(root);
    reader = new VerifyingReader(store, VerificationMode.STRICT, new LogCapture());
  }

  @Test
  void shouldMakeAStoreAndUseItAgain() throws Exception {
    final Path deep = folder.resolve("a/b/store");
    LocalContentStore.create(deep);
    assertTrue(Files.isDirectory(deep.resolve("Data")));
    assertTrue(Files.isDirectory(deep.resolve("Manifests")));
    LocalContentStore.create(deep);
    assertEquals(deep.toRealPath().toString(), LocalContentStore.open(deep).place());
  }

  @Test
  void shouldRefuseAFolderThatIsNoStore() throws Exception {
    final Path nothing = folder.resolve("nothing");
    assertEquals(
        "cannot use store " + nothing + ": no such file or folder",
        assertThrows(ContentStoreException.class, () -> LocalContentStore.open(nothing))
            .getMessage());
    final Path empty = Files.createDirectory(folder.resolve("empty"));
    assertEquals(
        "%s is not a content store: %s is missing; 'slabmount snapshot' makes one"
            .formatted(empty, empty.resolve("Data")),
        assertThrows(ContentStoreException.class, () -> LocalContentStore.open(empty))
            .getMessage());
    Files.createSymbolicLink(empty.resolve("Data"), root.resolve("Data"));
    assertEquals(
        "%s is not a content store: %s is a symbolic link, not a folder"
            .formatted(empty, empty.resolve("Data")),
        assertThrows(ContentStoreException.class, () -> LocalContentStore.open(empty))
            .getMessage());
  }

  @Test
  void shouldSayWhyAStoreCannotBeMade() throws Exception {
    final Path file = Files.createFile(folder.resolve("file"));
    final String message =
        assertThrows(ContentStoreException.class, () -> LocalContentStore.create(file))
            .getMessage();
    assertTrue(message.startsWith("cannot make store " + file + ": "), message);
  }

  @Test
  void shouldFindObjectsThatAnotherProgramPutThere() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    assertTrue(store.exists(hash));
    assertEquals(SMALL, store.length(hash));
    assertArrayEquals(bytes, TestBytes.read(reader, hash, SMALL, 0, BLOCK));
  }

  @Test
  void shouldReadRangesUpToTheEnd() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    assertArrayEquals(Arrays.copyOfRange(bytes, 10, 110), range(hash, 10, 100));
    assertArrayEquals(Arrays.copyOfRange(bytes, SMALL - 10, SMALL), range(hash, SMALL - 10, 100));
    assertArrayEquals(new byte[0], range(hash, SMALL, 100));
    assertArrayEquals(new byte[0], range(hash, SMALL + 1000L, 100));
  }

  @Test
  void shouldSayThatAnObjectIsMissing() throws Exception {
    final ContentHash hash = new ContentHash(1, 2);
    assertFalse(store.exists(hash));
    final String expected = "object %s is missing: no %s".formatted(hash, file(hash));
    assertEquals(
        expected,
        assertThrows(ObjectMissingException.class, () -> store.length(hash)).getMessage());
    assertEquals(
        expected,
        assertThrows(ObjectMissingException.class, () -> TestBytes.read(reader, hash, 1, 0, BLOCK))
            .getMessage());
  }

  @Test
  void shouldRefuseASymbolicLinkEvenToTheRightContent() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    Files.move(file(hash), folder.resolve("elsewhere"));
    Files.createSymbolicLink(file(hash), folder.resolve("elsewhere"));
    refused(hash, "symbolic link");
  }

  @Test
  void shouldRefuseADanglingSymbolicLink() throws Exception {
    final ContentHash hash = new ContentHash(1, 2);
    Files.createSymbolicLink(file(hash), Path.of("nowhere"));
    refused(hash, "symbolic link");
  }

  @Test
  void shouldRefuseAFolderInTheObjectsPlace() throws Exception {
    final ContentHash hash = new ContentHash(1, 2);
    Files.createDirectory(file(hash));
    refused(hash, "directory");
  }

  @Test
  void shouldRefuseAFifoWithoutWaitingForIt() throws Exception {
    final ContentHash hash = new ContentHash(1, 2);
    final Process mkfifo = new ProcessBuilder("mkfifo", file(hash).toString()).start();
    assertTrue(mkfifo.waitFor(10, TimeUnit.SECONDS));
    refused(hash, "fifo");
  }

  private void refused(final ContentHash hash, final String type) throws IOException {
    assertFalse(store.exists(hash));
    assertEquals(
        "object %s is refused: %s is a %s, not a plain file".formatted(hash, file(hash), type),
        assertThrows(
                ContentStoreException.class, () -> TestBytes.read(reader, hash, SMALL, 0, BLOCK))
            .getMessage());
  }

  /** Root may read everything, so this needs a process that has laid down that power. */
  @Test
  void shouldSayThatAnObjectIsNotPermitted() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    Files.setPosixFilePermissions(file(hash), PosixFilePermissions.fromString("---------"));
    try (ChildJvm child =
        ChildJvm.start(
            ReadObject.class,
            Map.of(),
            ChildJvm.withoutRootsPower(),
            root.toString(),
            hash.toString())) {
      assertEquals(
          List.of("cannot read object %s from %s: permission denied".formatted(hash, file(hash))),
          child.awaitEnd());
    }
  }

  /** STORE HASH; prints why the object cannot be read. */
  static final class ReadObject {
    private ReadObject() {}

    public static void main(final String[] arguments) throws Exception {
      final LocalContentStore store = LocalContentStore.open(Path.of(arguments[0]));
      final ContentHash hash = ContentHash.parse(arguments[1]);
      System.out.println(
          assertThrows(
                  ContentStoreException.class,
                  () -> TestBytes.read(new VerifyingReader(store), hash, SMALL, 0, SMALL))
              .getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void shouldRefuseAFlippedBit(final int length) throws Exception {
    final ContentHash hash = plant(TestBytes.random(1, length));
    flip(file(hash), length - 1);
    assertDamaged(hash, length);
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void shouldNoticeABitFlippedWhileMounted(final int length) throws Exception {
    final byte[] bytes = TestBytes.random(1, length);
    final ContentHash hash = plant(bytes);
    final byte[] end = Arrays.copyOfRange(bytes, length - 10, length);
    assertArrayEquals(end, TestBytes.read(reader, hash, length, length - 10, BLOCK));
    final FileTime modified = Files.getLastModifiedTime(file(hash));

    flip(file(hash), length - 1);
    Files.setLastModifiedTime(file(hash), modified);
    assertDamaged(hash, length);

    flip(file(hash), length - 1);
    assertArrayEquals(end, TestBytes.read(reader, hash, length, length - 10, BLOCK));
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void shouldNoticeAnObjectReplacedWhileMounted(final int length) throws Exception {
    final byte[] bytes = TestBytes.random(1, length);
    final ContentHash hash = plant(bytes);
    TestBytes.read(reader, hash, length, 0, BLOCK);
    final FileTime modified = Files.getLastModifiedTime(file(hash));

    final Path other = Files.write(folder.resolve("other"), TestBytes.random(2, length));
    Files.setLastModifiedTime(other, modified);
    Files.move(other, file(hash), StandardCopyOption.REPLACE_EXISTING);
    assertDamaged(hash, length);

    Files.write(other, bytes);
    Files.move(other, file(hash), StandardCopyOption.REPLACE_EXISTING);
    assertArrayEquals(
        Arrays.copyOf(bytes, Math.min(length, BLOCK)),
        TestBytes.read(reader, hash, length, 0, BLOCK));
  }

  /** The kernel moves a file's times for the first store to a page, and not for later ones. */
  @Test
  void shouldNoticeAStoreThroughAMemoryMapInASmallObject() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    try (FileChannel channel =
            FileChannel.open(file(hash), StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      final MemorySegment map = channel.map(FileChannel.MapMode.READ_WRITE, 0, SMALL, arena);
      map.set(ValueLayout.JAVA_BYTE, SMALL - 1, bytes[SMALL - 1]); // from here on it is dirty
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!store.version(hash, file(hash)).settled()) {
        assertTrue(System.nanoTime() < deadline);
      }
      assertArrayEquals(bytes, TestBytes.read(reader, hash, SMALL, 0, BLOCK));
      map.set(ValueLayout.JAVA_BYTE, SMALL - 1, (byte) ~bytes[SMALL - 1]);
      assertDamaged(hash, SMALL);
    }
  }

  private void assertDamaged(final ContentHash hash, final int length) throws IOException {
    final ContentHash found = Xxh128.hash(Files.readAllBytes(file(hash)));
    assertEquals(
        "object %s is damaged: its bytes hash to %s (%s)".formatted(hash, found, file(hash)),
        assertThrows(
                VerificationException.class, () -> TestBytes.read(reader, hash, length, 0, BLOCK))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void shouldNoticeAnObjectThatIsTooShortOrTooLong(final int difference) throws Exception {
    final byte[] bytes = TestBytes.random(1, LARGE);
    final ContentHash hash = plant(bytes);
    TestBytes.read(reader, hash, LARGE, 0, BLOCK);
    try (RandomAccessFile open = new RandomAccessFile(file(hash).toFile(), "rw")) {
      open.setLength(LARGE + difference);
    }
    assertEquals(
        "object %s has %d bytes, expected %d (%s)"
            .formatted(hash, LARGE + difference, LARGE, file(hash)),
        assertThrows(
                VerificationException.class, () -> TestBytes.read(reader, hash, LARGE, 0, BLOCK))
            .getMessage());
  }

  @Test
  void shouldNoticeAnObjectThatGoesAway() throws Exception {
    final ContentHash hash = plant(TestBytes.random(1, LARGE));
    TestBytes.read(reader, hash, LARGE, 0, BLOCK);
    Files.delete(file(hash));
    assertThrows(ObjectMissingException.class, () -> TestBytes.read(reader, hash, LARGE, 0, BLOCK));
  }

  @Test
  void shouldKeepReadingTheFileThatWasOpened() throws Exception {
    final byte[] bytes = TestBytes.random(1, SMALL);
    final ContentHash hash = plant(bytes);
    try (StoredObject object = store.open(hash);
        Arena arena = Arena.ofShared()) {
      assertTrue(object.currentVersion().isSameAs(object.version()));
      final Path other = Files.write(folder.resolve("other"), TestBytes.random(2, SMALL));
      Files.move(other, file(hash), StandardCopyOption.REPLACE_EXISTING);
      final MemorySegment destination = arena.allocate(SMALL);
      assertEquals(SMALL, object.read(0, destination));
      assertArrayEquals(bytes, destination.toArray(ValueLayout.JAVA_BYTE));
      assertFalse(object.currentVersion().isSameAs(object.version()));
    }
  }

  @Test
  void shouldSettleAVersionWithTime() throws Exception {
    final ContentHash hash = plant(TestBytes.random(1, SMALL));
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    final ObjectVersion young = store.version(hash, file(hash));
    while (!store.version(hash, file(hash)).settled()) {
      assertTrue(System.nanoTime() < deadline);
    }
    assertTrue(young.isSameAs(store.version(hash, file(hash))));
    ObjectVersion changed;
    do {
      flip(file(hash), 0);
      changed = store.version(hash, file(hash));
      assertFalse(changed.isSameAs(young));
      assertTrue(System.nanoTime() < deadline);
    } while (changed.settled()); // We may have been away from the processor for a while.
  }

  @Test
  void shouldFailOnlyTheReadOfAnInterruptedThread() throws Exception {
    final ContentHash hash = plant(TestBytes.random(1, SMALL));
    final String[] message = new String[1];
    final Thread interrupted =
        new Thread(() -> {
          Thread.currentThread().interrupt();
          message[0] =
              assertThrows(ContentStoreException.class, () -> range(hash, 0, 10)).getMessage();
        });
    interrupted.start();
    interrupted.join();
    assertEquals(
        "cannot read object %s from %s: interrupted".formatted(hash, file(hash)), message[0]);
    assertEquals(10, range(hash, 0, 10).length);
  }

  private ContentHash plant(final byte[] bytes) throws IOException {
    final ContentHash hash = Xxh128.hash(bytes);
    Files.write(file(hash), bytes);
    return hash;
  }

  private Path file(final ContentHash hash) throws IOException {
    return root.toRealPath().resolve("Data").resolve(hash + ".xxh128");
  }

  private byte[] range(final ContentHash hash, final long offset, final int room)
      throws ContentStoreException {
    try (Arena arena = Arena.ofShared()) {
      final MemorySegment destination = arena.allocate(room);
      final int count = store.readRange(hash, offset, destination);
      return destination.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static void flip(final Path file, final long offset) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(offset);
      final int old = open.read();
      open.seek(offset);
      open.write(old ^ 1);
    }
  }
}
