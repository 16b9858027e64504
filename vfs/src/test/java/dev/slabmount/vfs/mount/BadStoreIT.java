package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.StoredObject;
import dev.slabmount.vfs.content.VerificationMode;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.snapshot.SnapshotProgress;
import dev.slabmount.vfs.snapshot.SnapshotRequest;
import dev.slabmount.vfs.snapshot.Snapshotter;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Everything that can be wrong with a store under a mount, in every mode of verification and on
 * each transport: whoever reads what is wrong gets EIO, the rest is served, and what was mended is
 * served again.
 */
@ParameterizedClass
@EnumSource(TransportKind.class)
@Timeout(120)
class BadStoreIT {
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int LARGE_BYTES = 3 * BLOCK_BYTES;

  @Parameter TransportKind transport;
  @TempDir Path dir;
  private Path original;
  private Path store;
  private Path manifest;
  private Path point;
  private final Deque<Mounted> mounts = new ArrayDeque<>();
  private MemoryPool pool;
  private VerifyingReader content;

  private record Mounted(
      FuseMount mount,
      VfsFileSystem fileSystem,
      VerifyingReader content,
      MemoryPool pool,
      LocalContentStore store) {}

  @BeforeEach
  void makeTree() throws Exception {
    original = Files.createDirectory(dir.resolve("original"));
    store = dir.resolve("store");
    point = Files.createDirectory(dir.resolve("mnt"));
    final byte[] large = new byte[LARGE_BYTES];
    new Random(20261122).nextBytes(large);
    Files.write(original.resolve("large"), large);
    Files.writeString(original.resolve("small"), "small but not empty\n");
    Files.writeString(original.resolve("other"), "nothing is wrong with this\n");
    manifest = snapshot(original, store);
  }

  private Path snapshot(final Path tree, final Path into) throws Exception {
    final Path written = dir.resolve(tree.getFileName() + ".json");
    new Snapshotter(new SnapshotRequest(tree, into, written, 2, false), new SnapshotProgress())
        .run();
    return written;
  }

  private void mount(final VerificationMode mode) throws Exception {
    mount(manifest, store, point, mode);
  }

  private void mount(final Path tree, final Path from, final Path at, final VerificationMode mode)
      throws Exception {
    final LocalContentStore opened = LocalContentStore.open(from);
    content = new VerifyingReader(opened, mode);
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder().maxSize(16 << 20).blockSize(BLOCK_BYTES).build());
    final VfsFileSystem fileSystem =
        new VfsFileSystem(
            TreeBuilder.build(ManifestReader.read(tree)), content, pool, VfsOptions.defaults());
    mounts.push(
        new Mounted(
            FuseMount.of(fileSystem)
                .transport(transport)
                .at(at)
                .readOnly(true)
                .drain(Duration.ofSeconds(5))
                .mount(),
            fileSystem,
            content,
            pool,
            opened));
  }

  @AfterEach
  void unmount() throws Exception {
    while (!mounts.isEmpty()) {
      final Mounted last = mounts.pop();
      last.mount.close();
      last.fileSystem.close();
      last.content.close();
      assertEquals(0, last.pool.stats().pins(), "a pin was leaked");
      last.pool.close();
      last.store.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldMissAnObjectUntilItIsThere(final VerificationMode mode) throws Exception {
    mount(mode);
    for (final String name : new String[] {"small", "large"}) {
      final Path aside = Files.move(objectOf(name), dir.resolve(name));
      assertUnreadable(name);
      assertReadable("other");
      Files.move(aside, objectOf(name));
      assertReadable(name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldMissTheStoreUntilItIsThere(final VerificationMode mode) throws Exception {
    mount(mode);
    final Path aside = Files.move(store, dir.resolve("aside"));
    assertUnreadable("small");
    assertUnreadable("large");
    Files.move(aside, store);
    assertReadable("small");
    assertReadable("large");
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseShortAndLongObjects(final VerificationMode mode) throws Exception {
    mount(mode);
    for (final String name : new String[] {"small", "large"}) {
      final byte[] bytes = Files.readAllBytes(original.resolve(name));
      for (final int length : new int[] {bytes.length - 1, bytes.length + 1, 0}) {
        Files.write(objectOf(name), Arrays.copyOf(bytes, length));
        assertUnreadable(name);
      }
      assertReadable("other");
      Files.write(objectOf(name), bytes);
      assertReadable(name);
    }
    final long failures = content.counters().failures(); // More where a file was too young.
    assertTrue(failures >= 6, failures + " failures");
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseWhatIsNoPlainFile(final VerificationMode mode) throws Exception {
    mount(mode);
    for (final String name : new String[] {"small", "large"}) {
      final Path object = objectOf(name);
      Files.delete(object);
      Files.createSymbolicLink(object, original.resolve(name));
      assertUnreadable(name);
      Files.delete(object);
      Files.createDirectory(object);
      assertUnreadable(name);
      assertReadable("other");
      Files.delete(object);
      Files.copy(original.resolve(name), object);
      assertReadable(name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldSurviveAStoreThatCannotRead(final VerificationMode mode) throws Exception {
    // The store lies on a mount of its own, whose own store is damaged: so its reads are EIO.
    final Path below = dir.resolve("below");
    final Path broken = Files.createDirectory(dir.resolve("broken"));
    final Path tree = snapshot(store, below);
    final Path small = objectIn(below, objectOf("small"));
    final Path large = objectIn(below, objectOf("large"));
    flipLastBit(small);
    flipLastBit(large);
    mount(tree, below, broken, VerificationMode.STRICT);
    mount(manifest, broken, point, mode);

    assertUnreadable("small");
    assertUnreadable("large");
    assertReadable("other");
    assertEquals(0, content.counters().failures(), "not to read is not to be damaged");
    flipLastBit(small);
    flipLastBit(large);
    assertReadable("small");
    assertReadable("large");
  }

  @ParameterizedTest
  @EnumSource
  void shouldTreatAFlippedBitInASmallObjectByItsMode(final VerificationMode mode) throws Exception {
    flipLastBit(objectOf("small"));
    mount(mode);
    if (mode == VerificationMode.OFF) {
      assertEquals(20, size("small"));
      return;
    }
    awaitSettled(objectOf("small")); // What is too young is looked at, and counted, each time.
    assertUnreadable("small");
    assertUnreadable("small");
    assertReadable("other");
    assertEquals(1, content.counters().failures());
    flipLastBit(objectOf("small"));
    assertReadable("small");
  }

  @Test
  void shouldServeNoByteOfALargeDamagedObjectIfStrict() throws Exception {
    flipLastBit(objectOf("large"));
    mount(VerificationMode.STRICT);
    assertUnreadable("large");
    assertReadable("other");
    flipLastBit(objectOf("large"));
    assertReadable("large");
  }

  @Test
  void shouldServeALargeDamagedObjectIfOff() throws Exception {
    flipLastBit(objectOf("large"));
    mount(VerificationMode.OFF);
    assertEquals(LARGE_BYTES, size("large"));
    assertEquals(LARGE_BYTES, size("large"));
    assertEquals(0, content.counters().failures());
  }

  @Test
  void shouldTakeALargeDamagedObjectBackFromTheKernelToo() throws Exception {
    flipLastBit(objectOf("large"));
    mount(VerificationMode.BACKGROUND);
    // The first block is right, and read before anybody has looked at the last one.
    Client.sh("head -c 100000 \"$1\" | wc -c", point.resolve("large"));
    final Client reader =
        Client.start("for i in 1 2 3 4 5 6 7 8 9; do cat \"$1\"; done", point.resolve("large"));
    await(() -> content.counters().discards() == 1, "the damage was not found");
    reader.await();
    // The kernel is told by another thread, some time later.
    await(() -> reads("large", 0) < 0, "cached pages are still served");
    for (long offset = 0; offset < LARGE_BYTES; offset += 100_000) {
      assertEquals(-1, reads("large", offset), "a page is still served at " + offset);
    }
    assertUnreadable("large");
    assertReadable("other");
    assertEquals(1, content.counters().failures());
    assertEquals(0, content.counters().objectsUnverified());

    flipLastBit(objectOf("large"));
    assertReadable("large");
    await(() -> content.counters().objectsUnverified() == 0, "it was not checked again");
    assertReadable("large");
    assertEquals(1, content.counters().discards());
  }

  @Test
  void shouldPoisonALargeObjectUnderManyReaders() throws Exception {
    flipLastBit(objectOf("large"));
    mount(VerificationMode.BACKGROUND);
    final Client[] readers = new Client[8];
    for (int i = 0; i < readers.length; i++) {
      readers[i] =
          Client.start(
              "i=0; while cat \"$1\" >/dev/null 2>&1; do i=$((i+1)); "
                  + "test $i -lt 20000 || exit 1; done",
              point.resolve("large"));
    }
    for (final Client reader : readers) {
      assertEquals(new Client.Result(0, ""), reader.await(), "it was served for ever");
    }
    await(() -> reads("large", 0) < 0, "cached pages are still served");
    assertUnreadable("large");
    assertEquals(1, content.counters().failures());
  }

  @ParameterizedTest
  @EnumSource(names = {"STRICT", "BACKGROUND"})
  void shouldNoticeAReplacementOfTheSameLengthAtTheNextLoad(final VerificationMode mode)
      throws Exception {
    mount(mode);
    assertReadable("large");
    await(() -> content.counters().objectsUnverified() == 0, "it was not checked");
    final Path replacement = dir.resolve("replacement");
    final byte[] others = new byte[LARGE_BYTES];
    new Random(7).nextBytes(others);
    Files.write(replacement, others);
    Files.move(replacement, objectOf("large"), StandardCopyOption.REPLACE_EXISTING);
    assertReadable("large"); // Everything is cached, and was checked.

    pool.clear();
    // Past the kernel's cache, so that a block is loaded.
    Client.sh("dd if=\"$1\" of=/dev/null iflag=direct bs=1M count=1", point.resolve("large"));
    await(() -> reads("large", 0) < 0, "cached pages are still served");
    assertUnreadable("large");
    assertEquals(1, content.counters().failures());
  }

  /** Bytes that one read gets there, -1 if it fails. */
  private int reads(final String name, final long offset) {
    try (FileChannel channel = FileChannel.open(point.resolve(name))) {
      return channel.read(ByteBuffer.allocate(4096), offset);
    } catch (final IOException e) {
      return -1;
    }
  }

  private long size(final String name) throws Exception {
    return Long.parseLong(Client.sh("cat \"$1\" | wc -c", point.resolve(name)).said().strip());
  }

  private void assertReadable(final String name) throws Exception {
    assertEquals(
        new Client.Result(0, ""),
        Client.sh("cmp \"$1\" \"$2\"", original.resolve(name), point.resolve(name)));
  }

  private void assertUnreadable(final String name) throws Exception {
    final Client.Result result = Client.sh("cat \"$1\" | wc -c", point.resolve(name));
    assertTrue(result.said().contains("Input/output error"), result.said());
    assertTrue(result.said().endsWith("\n0\n"), "bytes were served: " + result.said());
  }

  private Path objectOf(final String name) throws Exception {
    return objectIn(store, original.resolve(name));
  }

  private static Path objectIn(final Path folder, final Path file) throws Exception {
    return folder.resolve("Data").resolve(Xxh128.hash(Files.readAllBytes(file)) + ".xxh128");
  }

  private static void flipLastBit(final Path file) throws Exception {
    final byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  /** Waits until a change of the object would be seen by its time stamps. */
  private void awaitSettled(final Path object) throws Exception {
    final String name = object.getFileName().toString();
    final ContentHash hash = ContentHash.parse(name.substring(0, name.indexOf('.')));
    try (LocalContentStore look = LocalContentStore.open(store)) {
      boolean settled = false;
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!settled) {
        assertTrue(System.nanoTime() < deadline, "the object stays young");
        try (StoredObject opened = look.open(hash)) {
          settled = opened.version().settled();
        }
      }
    }
  }

  private static void await(final BooleanSupplier condition, final String otherwise)
      throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }
}
