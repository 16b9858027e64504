package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.vfs.VfsFileSystem;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.ObjectWriter;
import dev.slabmount.vfs.content.StuckStore;
import dev.slabmount.vfs.content.TestBytes;
import dev.slabmount.vfs.content.VerificationMode;
import dev.slabmount.vfs.content.VerifyingReader;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store on a disk that is gone: its files are found and opened, but a read never returns, and
 * nothing can interrupt it. The disk is a mount of its own, here, which keeps its readers waiting.
 */
@Timeout(180)
class DeadStoreIT {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int SMALL_BYTES = 4096;
  private static final int LARGE_BYTES = 4 << 20;

  @TempDir Path dir;
  private Path point;
  private Disk disk;
  private MemoryPool pool;
  private VerifyingReader content;
  private VfsFileSystem fileSystem;
  private FuseMount mount;

  /** What the store lies on. */
  private record Disk(
      FuseMount mount, VfsFileSystem fileSystem, MemoryPool pool, StuckStore below) {

    /** Whoever waits for it fails from now on. */
    void cut() throws Exception {
      mount.close();
      fileSystem.close();
      pool.close();
      below.close();
    }
  }

  @BeforeEach
  void mount() throws Exception {
    final LocalContentStore whole = LocalContentStore.create(dir.resolve("below"));
    final Manifest.Builder files = new Manifest.Builder();
    final Manifest.Builder objects = new Manifest.Builder();
    final StuckStore below = new StuckStore(whole, true);
    try (ObjectWriter writer = whole.startWriting()) {
      for (final int length : new int[] {SMALL_BYTES, SMALL_BYTES + 1, LARGE_BYTES}) {
        final byte[] bytes = TestBytes.random(length, length);
        final ContentHash hash = Xxh128.hash(bytes);
        writer.put(hash, length, TestBytes.source(bytes));
        files.add(new FileEntry("f" + length, length, 0, false, List.of(hash)));
        objects.add(new FileEntry("Data/" + hash + ".xxh128", length, 0, false, List.of(hash)));
        below.hang(hash);
      }
      writer.sync();
    }
    final Path broken = Files.createDirectory(dir.resolve("broken"));
    final MemoryPool memory = pool(Duration.ofMinutes(5));
    final VfsFileSystem served =
        new VfsFileSystem(
            TreeBuilder.build(objects.build()),
            new VerifyingReader(below),
            memory,
            VfsOptions.builder()
                .fetchTimeout(Duration.ofMinutes(5))
                .closeDeadline(Duration.ofSeconds(2))
                .build());
    disk = new Disk(at(broken, served), served, memory, below);

    pool = pool(Duration.ofSeconds(1));
    content = new VerifyingReader(LocalContentStore.open(broken), VerificationMode.BACKGROUND);
    fileSystem =
        new VfsFileSystem(
            TreeBuilder.build(files.build()),
            content,
            pool,
            VfsOptions.builder()
                .fetchTimeout(Duration.ofSeconds(1))
                .closeDeadline(Duration.ofSeconds(2))
                .build());
    point = Files.createDirectory(dir.resolve("mnt"));
    mount = at(point, fileSystem);
  }

  private static MemoryPool pool(final Duration loadTimeout) {
    return MemoryPool.create(
        MemoryPoolConfig.builder()
            .maxSize(16 << 20)
            .blockSize(BLOCK_BYTES)
            .loadTimeout(loadTimeout)
            .build());
  }

  private static FuseMount at(final Path point, final VfsFileSystem fileSystem) throws Exception {
    return FuseMount.of(fileSystem).at(point).readOnly(true).drain(Duration.ofSeconds(2)).mount();
  }

  @AfterEach
  void unmount() throws Exception {
    disk.cut(); // First: this frees whoever still waits for it.
    close();
    await(() -> threads().isEmpty(), "threads are left: " + threads());
    assertEquals(0, pool.stats().pins(), "a pin was leaked");
    pool.close();
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(dir.toString()));
  }

  private void close() throws Exception {
    mount.close();
    fileSystem.close();
    content.close();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("slabmount-"))
        .toList();
  }

  private static void await(final BooleanSupplier condition, final String otherwise)
      throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void shouldGiveUpOneReadAfterTheOtherAndCloseThoughNoneOfThemReturns() throws Exception {
    int timeouts = 0;
    for (final int length : new int[] {SMALL_BYTES, SMALL_BYTES + 1, LARGE_BYTES}) {
      final Client reader = Client.start("cat \"$1\" | wc -c", point.resolve("f" + length));
      final int before = timeouts;
      await(() -> fileSystem.stats().readTimeouts() > before, "not given up: " + length);
      final String said = reader.await().said();
      assertTrue(said.contains("Input/output error"), said);
      assertTrue(said.endsWith("\n0\n"), said);
      timeouts = Math.toIntExact(fileSystem.stats().readTimeouts());
    }
    assertTrue(fileSystem.stats().stuckThreads() >= 3, "they still hang: " + fileSystem.stats());

    // On a thread of its own, so that the disk can be cut from here if it hangs too.
    final long begun = System.nanoTime();
    final Throwable[] failure = new Throwable[1];
    final Thread closer =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                close();
              } catch (final Throwable e) {
                failure[0] = e;
              }
            });
    final boolean closed = closer.join(Duration.ofSeconds(15));
    assertTrue(closed, "close() waits for a read that never returns");
    assertEquals(null, failure[0]);
    System.getLogger(DeadStoreIT.class.getName())
        .log(
            System.Logger.Level.INFO,
            "closed after {0} ms",
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }
}
