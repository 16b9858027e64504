package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.ManifestReader;
import dev.slabmount.vfs.snapshot.SnapshotProgress;
import dev.slabmount.vfs.snapshot.SnapshotRequest;
import dev.slabmount.vfs.snapshot.Snapshotter;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import org.junit.jupiter.params.provider.EnumSource;

/** A real folder, snapshotted, mounted and used by other processes. */
@ParameterizedClass
@EnumSource(TransportKind.class)
@Timeout(120)
class TreeMountIT {
  private static final int BLOCK_BYTES = 256 << 10;
  private static final int POOL_BYTES = 8 << 20;
  private static final int LARGE_BYTES = (12 << 20) + 4321;

  @Parameter TransportKind transport;
  @TempDir Path dir;
  private Path original;
  private Path store;
  private Path point;
  private MemoryPool pool;
  private LocalContentStore content;
  private VfsFileSystem fileSystem;
  private FuseMount mount;

  @BeforeEach
  void mount() throws Exception {
    original = Files.createDirectory(dir.resolve("original"));
    store = dir.resolve("store");
    point = Files.createDirectory(dir.resolve("mnt"));
    fill(original);
    final Path manifest = dir.resolve("manifest.json");
    new Snapshotter(
            new SnapshotRequest(original, store, manifest, 2, false), new SnapshotProgress())
        .run();
    content = LocalContentStore.open(store);
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder().maxSize(POOL_BYTES).blockSize(BLOCK_BYTES).build());
    fileSystem =
        new VfsFileSystem(
            TreeBuilder.build(ManifestReader.read(manifest)),
            new VerifyingReader(content),
            pool,
            VfsOptions.defaults());
    mount =
        FuseMount.of(fileSystem)
            .transport(transport)
            .at(point)
            .readOnly(true)
            .drain(Duration.ofSeconds(5))
            .mount();
  }

  @AfterEach
  void unmount() throws Exception {
    mount.close();
    fileSystem.close();
    assertEquals(0, pool.stats().pins(), "a pin was leaked");
    pool.close();
    content.close();
  }

  private static void fill(final Path tree) throws Exception {
    final Random random = new Random(20261122);
    final byte[] large = new byte[LARGE_BYTES];
    random.nextBytes(large);
    Files.write(tree.resolve("large.bin"), large);
    Files.createFile(tree.resolve("empty"));
    Files.createDirectories(tree.resolve("a/b/c/no files here"));
    for (int i = 0; i < 300; i++) {
      final byte[] small = new byte[random.nextInt(9000)];
      random.nextBytes(small);
      Files.write(tree.resolve("a/b/file " + i + ".dat"), small);
    }
    Files.writeString(tree.resolve("a/caf\u00e9 \ud83d\ude00.txt"), "names are bytes\n");
    final Path script = Files.writeString(tree.resolve("a/run.sh"), "#!/bin/sh\necho ran\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    // Not by the JDK, which sets 0 instead of a time before 1970 with a fraction.
    assertEquals(0, Client.sh("touch -d @-1234567.890123 \"$1\"", script).exit());
    Files.createSymbolicLink(tree.resolve("a/to file"), Path.of("b/file 7.dat"));
    Files.createSymbolicLink(tree.resolve("a/b/up"), Path.of("../../large.bin"));
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere/at all"));
    Files.createSymbolicLink(tree.resolve("absolute"), Path.of("/etc/hostname"));
  }

  private static final String LISTING =
      "cd \"$1\" && find . -mindepth 1 '(' -type f -printf '%P f %s %m %T@\\n' ')' -o "
          + "'(' -type l -printf '%P l %l\\n' ')' -o -printf '%P %y\\n' | LC_ALL=C sort";

  @Test
  void shouldShowNamesTypesSizesModesTimesAndTargets() throws Exception {
    final String expected = truncateToMicros(Client.sh(LISTING, original).said());
    assertTrue(expected.contains("run.sh f 19 755 -1234568.109877"), expected);
    assertEquals(expected, truncateToMicros(Client.sh(LISTING, point).said()));
  }

  /** Times of files carry microseconds; %T@ prints at least nine digits of fraction. */
  private static String truncateToMicros(final String listing) {
    return listing.replaceAll("(?m)( f .*\\.[0-9]{6})[0-9]+$", "$1");
  }

  @Test
  void shouldShowEveryByteToFourReadersAtOnce() throws Exception {
    final List<Client> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(Client.start("diff -r --no-dereference \"$1\" \"$2\"", original, point));
    }
    for (final Client reader : readers) {
      assertEquals(new Client.Result(0, ""), reader.await());
    }
    assertEquals(0, fileSystem.stats().readFailures());
    assertTrue(pool.stats().evictions() > 0, "the pool was meant to be too small");
  }

  @Test
  void shouldRunAProgramFromTheMount() throws Exception {
    assertEquals(new Client.Result(0, "ran\n"), Client.sh("\"$1\"", point.resolve("a/run.sh")));
  }

  @Test
  void shouldFallQuietWhenTheKernelForgets() throws Exception {
    assertEverythingReads();
    assertNotEquals(0, mount.stats().lookupCount());

    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3");

    await(() -> mount.stats().lookupCount() == 0, "lookup counts above the root's");
    assertEquals(0, mount.stats().inodesReferenced());
    await(() -> fileSystem.stats().openFiles() == 0, "files left open");
    await(() -> fileSystem.stats().openDirectories() == 0, "directories left open");
    assertEquals(0, pool.stats().pins());
    assertNotEquals(0, pool.stats().slotsInUse());

    pool.clear();

    final MemoryPoolStats empty = pool.stats();
    assertEquals(0, empty.totalBlocks());
    assertEquals(0, empty.slotsInUse());
    assertEquals(0, empty.capacityInUse());
    assertEquals(0, empty.slabs());
    assertEverythingReads();
  }

  private void assertEverythingReads() throws Exception {
    assertEquals(
        new Client.Result(0, ""),
        Client.sh("diff -r --no-dereference \"$1\" \"$2\"", original, point));
  }

  private static void await(final BooleanSupplier condition, final String otherwise)
      throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void shouldAnswerEioForAFlippedBitAndServeTheRest() throws Exception {
    final Path object = objectOf("large.bin");
    final byte[] bytes = Files.readAllBytes(object);
    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);

    assertInputOutputError("large.bin");
    assertEquals(
        new Client.Result(0, "names are bytes\n"),
        Client.sh("cat \"$1\"", point.resolve("a/caf\u00e9 \ud83d\ude00.txt")));

    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);
    assertEquals(
        new Client.Result(0, ""),
        Client.sh("cmp \"$1\" \"$2\"", original.resolve("large.bin"), point.resolve("large.bin")));
  }

  @Test
  void shouldAnswerEioForAMissingObject() throws Exception {
    Files.delete(objectOf("a/run.sh"));
    assertInputOutputError("a/run.sh");
    assertNotEquals(0, fileSystem.stats().readFailures());
  }

  @Test
  void shouldAnswerEioForAShortObject() throws Exception {
    final Path object = objectOf("large.bin");
    final byte[] bytes = Files.readAllBytes(object);
    Files.write(object, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    assertInputOutputError("large.bin");
  }

  private void assertInputOutputError(final String name) throws Exception {
    final Client.Result result = Client.sh("cat \"$1\" | wc -c", point.resolve(name));
    assertTrue(result.said().contains("Input/output error"), result.said());
    assertTrue(result.said().endsWith("\n0\n"), "bytes were served: " + result.said());
  }

  private Path objectOf(final String name) throws IOException {
    final String hash = Xxh128.hash(Files.readAllBytes(original.resolve(name))).toString();
    return store.resolve("Data").resolve(hash + ".xxh128");
  }

  @Test
  void shouldRefuseEveryChange() throws Exception {
    for (final String change :
        List.of(
            "echo x >> \"$1/empty\"",
            "echo x > \"$1/new\"",
            "mkdir \"$1/new\"",
            "rm -f \"$1/empty\"",
            "rmdir \"$1/a/b/c/no files here\"",
            "mv \"$1/empty\" \"$1/other\"",
            "chmod 600 \"$1/empty\"",
            "touch \"$1/empty\"",
            "ln \"$1/empty\" \"$1/other\"",
            "ln -s empty \"$1/other\"",
            "truncate -s 5 \"$1/empty\"")) {
      final Client.Result result = Client.sh(change, point);
      assertNotEquals(0, result.exit(), change);
      assertTrue(result.said().contains("Read-only file system"), change + ": " + result.said());
    }
  }

  @Test
  void shouldTellTheHashOfAFile() throws Exception {
    final UserDefinedFileAttributeView view =
        Files.getFileAttributeView(point.resolve("a/run.sh"), UserDefinedFileAttributeView.class);
    assertEquals(List.of("slabmount.hash"), view.list());
    final ByteBuffer value = ByteBuffer.allocate(view.size("slabmount.hash"));
    view.read("slabmount.hash", value);
    assertEquals(
        Xxh128.hash(Files.readAllBytes(original.resolve("a/run.sh"))).toString(),
        new String(value.array(), StandardCharsets.US_ASCII));
  }

  @Test
  void shouldTellItsSize() throws Exception {
    final Client.Result figures = Client.sh("stat -f -c '%T %l %S %b %f %a' \"$1\"", point);
    assertEquals(0, figures.exit(), figures.said());
    final String[] fields = figures.said().strip().split(" ", -1);
    assertEquals("255", fields[1]);
    assertTrue(
        Long.parseLong(fields[2]) * Long.parseLong(fields[3]) >= LARGE_BYTES, figures.said());
    assertEquals("0", fields[4]);
    assertEquals("0", fields[5]);
  }

  @Test
  void shouldNotFindWhatIsNotThere() throws Exception {
    for (final String name : List.of("no", "a/b/file 300.dat", "empty/x", "A")) {
      assertNotEquals(0, Client.sh("test -e \"$1\"", point.resolve(name)).exit(), name);
    }
    assertEquals(0, Client.sh("test -L \"$1\"", point.resolve("dangling")).exit());
  }
}
