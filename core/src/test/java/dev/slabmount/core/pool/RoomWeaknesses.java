package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link KnownWeaknesses} of limits, figures and costs. */
public abstract class RoomWeaknesses extends PoolFixture {
  private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

  /** For pools of this kind. */
  protected RoomWeaknesses(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("W5: growth finds room first, and neither outgrows the pool nor overflows")
  void shouldNotGrowBeyondThePool() {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(4 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ZERO));
    pool.insertDirty(1, 0, segment(bytes(1, 2 * SLOT))).close();
    final byte[] one = {1};
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.modifyDirtyInPlace(1, 0, 3 * SLOT, segment(one), 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.modifyDirtyInPlace(1, 0, 4 * SLOT, segment(one), 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.modifyDirtyInPlace(1, 0, Integer.MAX_VALUE, segment(one), 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.modifyDirtyInPlace(1, 0, 64 << 20, (block, length) -> length));
    try (MutableBlockHandle handle = pool.getDirty(1, 0)) {
      assertArrayEquals(bytes(1, 2 * SLOT), array(handle.data()));
    }
    assertEquals(2 * SLOT, pool.stats().capacityInUse());
  }

  @Test
  @DisplayName("W6: the limit holds at every instant, however many insert and grow at once")
  void shouldStayWithinTheLimitAtEveryInstant() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(32 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ZERO));
    final AtomicBoolean stop = new AtomicBoolean();
    inParallel(
        3,
        () -> {
          final Random random = randoms.next();
          while (!stop.get()) {
            insertOrGrow(pool, random);
          }
          return null;
        },
        () -> {
          final long end = System.nanoTime() + RUN_NANOS;
          try {
            while (System.nanoTime() < end) {
              final MemoryPoolStats stats = pool.stats();
              assertTrue(stats.capacityInUse() <= stats.maxSize(), stats::toString);
            }
          } finally {
            stop.set(true);
          }
        });
    assertTrue(pool.stats().evictions() > 0, "the pool was never full");
  }

  private static void insertOrGrow(final MemoryPool pool, final Random random) {
    final int inode = random.nextInt(24);
    try {
      switch (random.nextInt(3)) {
        case 0 -> pool.insertDirty(inode, 0, segment(bytes(1, random.nextInt(SLOT)))).close();
        case 1 ->
            pool.modifyDirtyInPlace(inode, 0, random.nextInt(4 * SLOT), segment((byte) 1), 0, 1);
        default -> put(pool, random.nextInt(100));
      }
      pool.markFlushed(inode, 0);
    } catch (final MemoryPoolException.PoolExhausted | MemoryPoolException.BlockNotFound e) {
      pool.markFlushed(inode, 0);
    }
  }

  @Test
  @DisplayName("W15: blocks that are used and removed leave nothing behind")
  void shouldUseNoMoreMemoryHoweverManyBlocksComeAndGo() {
    final MemoryPool pool = poolOfSlots(8);
    churn(pool, 20_000);
    final long before = usedHeap();
    churn(pool, 300_000);
    final long grown = usedHeap() - before;
    assertTrue(grown < 2 << 20, "300 000 blocks that are gone keep " + grown + " bytes of heap");
    assertEquals(0, pool.stats().slotsInUse());
    for (int i = 0; i < 16; i++) {
      put(pool, i); // Nothing stands in the way of eviction.
    }
    assertEquals(8, pool.stats().totalBlocks());
  }

  /** Each block is removed while it is held, and used and let go of afterwards. */
  private static void churn(final MemoryPool pool, final int blocks) {
    for (int i = 0; i < blocks; i++) {
      try (MutableBlockHandle handle = pool.insertDirty(i, 0, segment((byte) 1))) {
        final long token = pool.pinDirty(i, 0);
        pool.removeInodeBlocks(i);
        assertEquals(1, handle.length());
        pool.unpin(token);
      }
    }
  }

  private static long usedHeap() {
    final Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @Test
  @DisplayName("W16: the sizes are the sum over the blocks, and 0 when there are none")
  void shouldNotDriftInItsSizes() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(64 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ZERO));
    pool.insertDirty(9, 0, segment(bytes(1, 100))).close();
    pool.modifyDirtyInPlace(
        9,
        0,
        4 * SLOT,
        (block, length) -> {
          CompletableFuture.runAsync(() -> pool.removeInodeBlocks(9)).join(); // Waits for nobody.
          return 4 * SLOT;
        });
    assertEquals(0, pool.stats().currentSize(), "its block was gone before it grew");
    final long end = System.nanoTime() + RUN_NANOS;
    inParallel(
        4,
        () -> {
          final Random random = randoms.next();
          while (System.nanoTime() < end) {
            changeLengths(pool, random);
          }
          return null;
        },
        () -> {});
    audit(pool);
    for (int inode = 0; inode < 4; inode++) {
      pool.removeInodeBlocks(inode);
    }
    pool.clear();
    assertEquals(0, pool.stats().currentSize());
    assertEquals(0, pool.stats().capacityInUse());
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(0, pool.stats().totalBlocks());
  }

  private static void changeLengths(final MemoryPool pool, final Random random) {
    final int inode = random.nextInt(4);
    final int length = random.nextInt(4 * SLOT);
    try {
      switch (random.nextInt(6)) {
        case 0 -> pool.insertDirty(inode, 0, segment(new byte[length])).close();
        case 1, 2 -> pool.modifyDirtyInPlace(inode, 0, length, (block, before) -> length);
        case 3 -> pool.modifyDirtyInPlace(inode, 0, length, segment((byte) 1), 0, 1);
        case 4 -> pool.removeInodeBlocks(inode);
        default -> pool.markFlushed(inode, 0);
      }
    } catch (final MemoryPoolException.BlockNotFound e) {
      assertEquals(inode, e.key().inode());
    }
  }

  @Test
  @DisplayName("R3: nothing looks through all blocks: 100 000 cost about what 100 cost")
  void shouldCostTheSameHoweverManyBlocksThereAre() {
    final MemoryPool few = filled(100);
    final MemoryPool many = filled(100_000);
    compare("touch", few, many, (pool, i) -> pool.unpin(pool.pin(i % 100, 7, 0)));
    compare("hasDirty", few, many, (pool, i) -> pool.hasDirty(i, 0));
    compare("stats", few, many, (pool, i) -> pool.stats());
    compare("invalidateHash", few, many, (pool, i) -> pool.invalidateHash(-i, -1));
    compare("remove", few, many, (pool, i) -> pool.removeInodeBlocks(1_000_000 + i));
    compare("dirtyBlockCount", few, many, (pool, i) -> pool.dirtyBlockCount(i));
    compare(
        "insert and remove",
        few,
        many,
        (pool, i) -> {
          pool.insertDirty(2_000_000, 0, segment((byte) 1)).close();
          pool.removeInodeBlocks(2_000_000);
        });
  }

  private interface Operation {
    void run(MemoryPool pool, int i);
  }

  /** A pool with so many blocks of no bytes, whose memory is never touched. */
  private MemoryPool filled(final int blocks) {
    final MemoryPool pool = pool(slots(2 * blocks + 64));
    for (int i = 0; i < blocks; i++) {
      pool.unpin(pool.pinOrLoad(i, 7, 0, 0, (key, slot) -> 0));
    }
    return pool;
  }

  /** Looking at each of 100 000 blocks takes 1000 times as long; a cache miss, up to 12 times. */
  private static void compare(
      final String what, final MemoryPool few, final MemoryPool many, final Operation operation) {
    medianNanos(few, operation);
    medianNanos(many, operation);
    final double cheap = medianNanos(few, operation);
    final double dear = medianNanos(many, operation);
    assertTrue(
        dear < 50 * Math.max(cheap, 50),
        what + " takes " + dear + " ns with 100 000 blocks, " + cheap + " ns with 100");
  }

  private static double medianNanos(final MemoryPool pool, final Operation operation) {
    final int batch = 20;
    final long[] nanos = new long[101];
    for (int round = 0; round < nanos.length; round++) {
      final long begin = System.nanoTime();
      for (int i = 0; i < batch; i++) {
        operation.run(pool, round * batch + i);
      }
      nanos[round] = System.nanoTime() - begin;
    }
    Arrays.sort(nanos);
    return (double) nanos[nanos.length / 2] / batch;
  }

  @Test
  @DisplayName("R4: there are never fewer than no free blocks")
  void shouldNotCountFewerThanNoFreeBlocks() {
    final MemoryPool pool = poolOfSlots(4);
    try (MutableBlockHandle one = pool.insertDirty(1, 0, segment((byte) 1));
        MutableBlockHandle two = pool.insertDirty(2, 0, segment((byte) 1))) {
      pool.removeInodeBlocks(1);
      pool.removeInodeBlocks(2);
      final MemoryPoolStats stats = pool.stats();
      assertEquals(0, stats.totalBlocks());
      assertEquals(2, stats.inUseBlocks(), "kept by their handles");
      assertEquals(0, stats.freeBlocks());
      assertEquals(0, stats.cleanBlocks());
      assertEquals(one.length(), two.length());
    }
    assertEquals(0, pool.stats().slotsInUse());
  }

  @Test
  @DisplayName("R5: a small block takes a small slot, whatever the block size is")
  void shouldReserveNoMoreThanABlockNeeds() throws IOException {
    final MemoryPool pool =
        pool(MemoryPoolConfig.builder().maxSize(1L << 30).blockSize(256 << 20).hugePages(false));
    final long before = residentBytes();
    for (int inode = 0; inode < 500; inode++) {
      pool.insertDirty(inode, 0, segment(bytes(inode, 10))).close();
    }
    assertEquals(500, pool.stats().totalBlocks());
    assertEquals(500 * SLOT, pool.stats().capacityInUse());
    final long grown = residentBytes() - before;
    assertTrue(grown < 64L << 20, "500 blocks of 10 bytes take " + grown + " bytes of memory");
  }

  private static long residentBytes() throws IOException {
    final String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
    return Long.parseLong(pages[1]) * 4096;
  }
}
