package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The limit, eviction, waiting for room; the figures; clearing. */
public abstract class RoomContract extends PoolFixture {
  /** For pools of this kind. */
  protected RoomContract(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("P8: the clean block goes, the dirty one stays")
  void shouldEvictTheCleanBlockAndKeepTheDirtyOne() {
    final MemoryPool pool = poolOfSlots(2);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    put(pool, 1);
    put(pool, 2);
    assertTrue(pool.hasDirty(42, 0));
    assertFalse(has(pool, 1));
    assertTrue(has(pool, 2));
    assertEquals(1, pool.stats().evictions());
  }

  @Test
  @DisplayName("P16: the oldest of three blocks goes for a fourth")
  void shouldEvictTheOldestOfThreeBlocksForAFourth() {
    final MemoryPool pool = poolOfSlots(3);
    for (int i = 1; i <= 4; i++) {
      put(pool, i);
    }
    assertEquals(3, pool.stats().totalBlocks());
    assertFalse(has(pool, 1));
    assertTrue(has(pool, 2));
  }

  @Test
  void shouldCountAWriteAsAUseOfTheBlock() {
    final MemoryPool pool = poolOfSlots(3);
    for (int inode = 1; inode <= 3; inode++) {
      pool.insertDirty(inode, 0, segment(bytes(inode, SLOT))).close();
      pool.markFlushed(inode, 0);
    }
    pool.modifyDirtyInPlace(1, 0, 0, segment((byte) 1), 0, 1);
    pool.markFlushed(1, 0);
    put(pool, 1);
    assertTrue(pool.hasDirty(1, 0), "the block that was written last");
    assertFalse(pool.hasDirty(2, 0), "the oldest that was not");
  }

  @Test
  @DisplayName("P17: with all blocks pinned there is no room for another")
  void shouldSayHowManyBlocksArePinnedWhenNoneCanGo() {
    final MemoryPool pool = poolOfSlots(2);
    try (BlockHandle one = pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT)));
        BlockHandle two = pool.acquire(content(2), new Blocks.Fixed(bytes(2, SLOT)))) {
      final MemoryPoolException.PoolExhausted thrown =
          assertThrows(
              MemoryPoolException.PoolExhausted.class,
              () -> pool.acquire(content(3), new Blocks.Fixed(bytes(3, SLOT))));
      assertEquals(2, thrown.blocks());
      assertEquals(2, thrown.pinned());
      assertEquals(0, thrown.needingFlush());
      assertArrayEquals(bytes(1, SLOT), array(one.data()));
      assertArrayEquals(bytes(2, SLOT), array(two.data()));
      assertTrue(pool.stats().waits() > 0);
    }
    put(pool, 3);
  }

  @Test
  @DisplayName("P23: a written block can go only after it was flushed")
  void shouldEvictAWrittenBlockOnlyAfterItWasFlushed() {
    final MemoryPool pool = poolOfSlots(1);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    final MemoryPoolException.PoolExhausted thrown =
        assertThrows(
            MemoryPoolException.PoolExhausted.class,
            () -> pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT))));
    assertEquals(1, thrown.needingFlush());
    assertEquals(0, thrown.pinned());
    assertTrue(pool.markFlushed(42, 0));
    put(pool, 1);
    assertFalse(pool.hasDirty(42, 0));
  }

  @Test
  void shouldKeepTheOldBlockWhenThereIsNoRoomForItsReplacement() {
    final MemoryPool pool = poolOfSlots(1);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.insertDirty(42, 0, segment(bytes(2, SLOT))));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(1, SLOT), array(handle.data()));
    }
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldKeepABlockAsItWasWhenThereIsNoRoomForItToGrow() {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(4 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ofMillis(20)));
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.modifyDirtyInPlace(42, 0, 3 * SLOT, segment((byte) 1), 0, 1));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(1, 100), array(handle.data()));
    }
    assertEquals(100, pool.stats().currentSize());
  }

  @Test
  void shouldWaitForRoomUntilAPinIsDropped() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ofSeconds(30)));
    final BlockHandle pinned = pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT)));
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      final Future<?> waiting = executor.submit(() -> put(pool, 2));
      awaitWaits(pool, 1);
      pinned.close();
      waiting.get(20, TimeUnit.SECONDS);
    }
    assertTrue(has(pool, 2));
  }

  @Test
  void shouldWaitForRoomUntilABlockIsFlushed() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ofSeconds(30)));
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      final Future<?> waiting = executor.submit(() -> put(pool, 2));
      awaitWaits(pool, 1);
      pool.markFlushed(42, 0);
      waiting.get(20, TimeUnit.SECONDS);
    }
    assertTrue(has(pool, 2));
  }

  @Test
  @DisplayName("P20: the figures: sizes, blocks, pins, rates")
  void shouldCountSizesBlocksAndPinsInItsStats() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(1, 0, segment(new byte[SLOT])).close();
    pool.acquire(content(1), new Blocks.Fixed(new byte[SLOT / 2])).close();
    pool.acquire(content(2), new Blocks.Fixed(new byte[SLOT / 4])).close();
    try (BlockHandle one = pool.acquire(content(3), new Blocks.Fixed(new byte[SLOT / 4]));
        BlockHandle two = pool.tryGet(content(1))) {
      final MemoryPoolStats stats = pool.stats();
      assertEquals(4, stats.totalBlocks());
      assertEquals(2, stats.inUseBlocks());
      assertEquals(2, stats.pins());
      assertEquals(1, stats.dirtyBlocks());
      assertEquals(2 * SLOT, stats.currentSize());
      assertEquals(4 * SLOT, stats.maxSize());
      assertEquals(50.0, stats.utilization());
      assertEquals(2, stats.freeBlocks());
      assertEquals(3, stats.cleanBlocks());
      assertEquals(4, stats.slotsInUse());
      assertEquals(4 * SLOT, stats.capacityInUse());
      assertEquals(4, stats.allocations());
      assertEquals(1, stats.hits());
      assertEquals(20.0, stats.hitRate());
      assertNotNull(one);
      assertNotNull(two);
    }
  }

  @Test
  void shouldClearOnlyWhenNothingIsPinnedOrUnflushed() {
    final MemoryPool pool = poolOfSlots(4);
    put(pool, 1);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    assertThrows(MemoryPoolException.PoolExhausted.class, pool::clear);
    assertEquals(2, pool.stats().totalBlocks());
    try (BlockHandle handle = pool.tryGet(content(1))) {
      assertNotNull(handle);
      assertThrows(MemoryPoolException.PoolExhausted.class, pool::clearDiscardingDirty);
      assertEquals(2, pool.stats().totalBlocks());
    }
    pool.markFlushed(42, 0);
    pool.clear();
    assertEquals(0, pool.stats().totalBlocks());
    assertEquals(0, pool.stats().slotsInUse());
    assertEquals(2, pool.allocationCount());
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().totalBlocks());
  }
}
