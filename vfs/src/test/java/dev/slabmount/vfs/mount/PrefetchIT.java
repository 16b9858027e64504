package dev.slabmount.vfs.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.VfsOptions;
import dev.slabmount.vfs.VfsStats;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.prefetch.PrefetchStrategy;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Eager;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.None;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.OnOpen;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Sequential;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Prefetching through a mount, from a store that takes 20 ms for each request. */
@ParameterizedClass
@EnumSource(TransportKind.class)
@Timeout(120)
class PrefetchIT {
  private static final int STORE_MILLIS = 20;
  private static final int BLOCK_BYTES = 256 << 10;
  private static final int BLOCKS = 96;
  private static final long FILE_BYTES = (long) BLOCKS * BLOCK_BYTES;
  private static final int FILES = 4;

  @Parameter TransportKind transport;
  @TempDir Path dir;

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final ContentReader slowStore =
      (hash, length, offset, destination) -> {
        requests.incrementAndGet();
        underWay.incrementAndGet();
        try {
          TimeUnit.MILLISECONDS.sleep(STORE_MILLIS);
        } catch (final InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        for (long at = 0; at < destination.byteSize(); at += Long.BYTES) {
          destination.set(ValueLayout.JAVA_LONG_UNALIGNED, at, offset + at);
        }
        underWay.decrementAndGet();
        return (int) destination.byteSize();
      };
  private Manifest manifest;

  @BeforeEach
  void makeTree() throws Exception {
    final Manifest.Builder builder = new Manifest.Builder();
    for (int i = 0; i < FILES; i++) {
      builder.add(new FileEntry("f" + i, FILE_BYTES, 0, false, List.of(new ContentHash(7, i + 1))));
    }
    manifest = builder.build();
  }

  private TestMount mount(final PrefetchStrategy strategy) throws Exception {
    return TestMount.of(
        Files.createTempDirectory(dir, "mnt"),
        manifest,
        slowStore,
        MemoryPoolConfig.builder().maxSize(512 << 20).blockSize(BLOCK_BYTES).build(),
        VfsOptions.builder().prefetch(strategy).build(),
        transport);
  }

  /** Reads a file to its end and checks every word; returns how long that took. */
  private static long nanosToRead(final Path file) throws IOException {
    final long start = System.nanoTime();
    long at = 0;
    final byte[] piece = new byte[64 << 10];
    try (InputStream in = Files.newInputStream(file)) {
      int count;
      while ((count = in.readNBytes(piece, 0, piece.length)) > 0) {
        final ByteBuffer words = ByteBuffer.wrap(piece).order(java.nio.ByteOrder.nativeOrder());
        for (int i = 0; i < count; i += Long.BYTES) {
          assertEquals(at + i, words.getLong(i));
        }
        at += count;
      }
    }
    assertEquals(FILE_BYTES, at);
    return System.nanoTime() - start;
  }

  @Test
  void shouldReadInOrderFiveTimesAsFastAsWithoutPrefetching() throws Exception {
    final long without;
    try (TestMount mount = mount(new None())) {
      without = nanosToRead(mount.point().resolve("f0"));
      assertEquals(0, mount.stats().prefetchedBytes());
    }
    assertEquals(BLOCKS, requests.getAndSet(0));
    try (TestMount mount = mount(new Sequential(PrefetchStrategy.AUTOMATIC))) {
      final long with = nanosToRead(mount.point().resolve("f0"));
      final VfsStats stats = mount.stats();
      assertTrue(
          5 * with <= without, "%,d ns against %,d; %s".formatted(with, without, stats.toString()));
      assertEquals(BLOCKS, requests.get(), "each block once");
      assertTrue(stats.prefetchedBytes() > FILE_BYTES / 2, stats.toString());
      assertEquals(stats.prefetchedBytes(), stats.prefetchUsedBytes(), "nothing for nothing");
      awaitTrue(() -> mount.stats().prefetchPendingBytes() == 0, "the budget, after the end");
    }
  }

  @Test
  void shouldWasteAtMostATwentiethOnRandomReads() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    try (TestMount mount = mount(new Sequential(PrefetchStrategy.AUTOMATIC))) {
      final ByteBuffer buffer = ByteBuffer.allocate(128 << 10);
      for (int i = 0; i < 400; i++) {
        final Path file = mount.point().resolve("f" + random.nextInt(FILES));
        try (FileChannel channel = FileChannel.open(file)) {
          buffer.clear().limit(1 + random.nextInt(buffer.capacity()));
          final long offset = random.nextLong(FILE_BYTES - buffer.limit());
          assertEquals(buffer.limit(), channel.read(buffer, offset));
        }
      }
      awaitTrue(() -> underWay.get() == 0, "the store is still at work");
      final VfsStats stats = mount.stats();
      final long fetched = (long) requests.get() * BLOCK_BYTES;
      final long unread = stats.prefetchedBytes() - stats.prefetchUsedBytes();
      assertTrue(20 * unread <= fetched, unread + " of " + fetched + " for nothing; seed " + seed);
    }
  }

  @Test
  void shouldHaveTheHeadOfAFileBeforeItIsRead() throws Exception {
    try (TestMount mount = mount(new OnOpen(3))) {
      try (FileChannel file = FileChannel.open(mount.point().resolve("f1"))) {
        assertEquals(FILE_BYTES, file.size());
        awaitTrue(
            () -> mount.stats().prefetchedBytes() == 3L * BLOCK_BYTES, "three blocks: " + requests);
        assertEquals(3, requests.get());
        assertEquals(3L * BLOCK_BYTES, mount.stats().prefetchPendingBytes());
      }
      awaitTrue(() -> mount.stats().prefetchPendingBytes() == 0, "the budget, after the close");
    }
  }

  @Test
  void shouldHaveAWholeFileBeforeItIsRead() throws Exception {
    try (TestMount mount = mount(new Eager())) {
      try (FileChannel file = FileChannel.open(mount.point().resolve("f1"))) {
        assertEquals(FILE_BYTES, file.size());
        awaitTrue(() -> mount.stats().prefetchedBytes() == FILE_BYTES, "all of it: " + requests);
        assertEquals(0, mount.stats().storeReads());
      }
    }
  }

  @Test
  void shouldStopLoadingWhenAFileIsClosed() throws Exception {
    try (TestMount mount = mount(new Eager())) {
      try (FileChannel file = FileChannel.open(mount.point().resolve("f1"))) {
        assertTrue(file.isOpen());
      }
      awaitTrue(() -> mount.stats().prefetchPendingBytes() == 0, "the budget, after the close");
      awaitTrue(() -> underWay.get() == 0, "what had begun goes on");
      assertTrue(requests.get() < BLOCKS / 2, requests + " blocks, though nobody wanted them");
    }
  }

  private static void awaitTrue(final BooleanSupplier condition, final String otherwise)
      throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }
}
