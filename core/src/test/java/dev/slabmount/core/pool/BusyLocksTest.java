package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread that has a lock may lose its processor: what others can do meanwhile. */
@Timeout(60)
class BusyLocksTest {
  private static final int SLOTS = 64;

  /** With CLOCK the oldest goes first, as long as none is used. */
  private final ShardedMemoryPool pool =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder()
              .maxSize(SLOTS * SLOT)
              .blockSize(SLOT)
              .eviction(EvictionAlgorithm.CLOCK)
              .build(),
          words -> words);

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.close();
  }

  private static BlockKey content(final int number) {
    return BlockKey.ofContent(7, number, 0);
  }

  private static long hash(final int number) {
    return KeyHash.ofBlock(false, 7, number, 0);
  }

  private void put(final int number) {
    pool.acquire(content(number), new Blocks.Fixed(bytes(number, SLOT))).close();
  }

  private boolean contains(final int number) {
    return pool.contains(7, number, 0);
  }

  private static boolean succeeds(final Runnable action) {
    final FutureTask<Boolean> task = new FutureTask<>(action, true);
    Thread.ofPlatform().daemon().start(task); // If it hangs, it keeps nobody waiting.
    try {
      return PoolFixture.resultOf(task);
    } catch (final Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldPutBlocksIntoThePoolWhileSomebodyHasTheEvictionPolicy() {
    for (int number = 2; number < SLOTS; number++) {
      put(number);
    }
    assertTrue(
        pool.table()
            .victims
            .withoutLooks(() -> succeeds(() -> put(100)) && succeeds(() -> put(101))));
    for (int number = 200; number < 200 + SLOTS - 2; number++) { // The oldest make room for these.
      put(number);
    }
    assertTrue(contains(100) && contains(101), "neither was the oldest");
    put(300);
    assertFalse(contains(100), "the oldest by now: it was admitted, and in its turn");
    assertTrue(contains(101));
    put(301);
    assertFalse(contains(101));
  }

  @Test
  void shouldEvictAnotherBlockWhileTheShardOfTheFirstIsBusy() {
    for (int number = 0; number < SLOTS; number++) {
      put(number);
    }
    final IndexShard shard = pool.index().shardOf(hash(0));
    int fresh = SLOTS;
    while (pool.index().shardOf(hash(fresh)) == shard) {
      fresh++;
      assertTrue(fresh < 10_000, "all are in one shard");
    }
    final int number = fresh;
    final long stamp = shard.lockWrite();
    try {
      assertTrue(succeeds(() -> put(number)));
    } finally {
      shard.unlockWrite(stamp);
    }
    assertTrue(contains(0), "its turn is over, and it is still there");
    assertTrue(contains(number));
    assertEquals(SLOTS, pool.stats().totalBlocks());
  }

  /** Keys whose hints have all to lie in the same window, more than there are places in it. */
  private List<BlockKey> crowd(final int size) {
    final List<BlockKey> crowd = new ArrayList<>();
    for (int number = 0; crowd.size() < size; number++) {
      if (pool.index().shardNumber(hash(number)) == 0 && (hash(number) & 0x7F) == 0) {
        crowd.add(content(number));
      }
      assertTrue(number < 10_000_000, "hashes are not as they should be");
    }
    return crowd;
  }

  @Test
  void shouldFindBlocksWithoutAHintInsteadOfLoadingThem() {
    final List<BlockKey> crowd = crowd(40);
    for (final BlockKey key : crowd) {
      pool.acquire(key, new Blocks.Fixed(bytes(1, SLOT))).close();
    }
    assertEquals(40, pool.stats().allocations());
    long hits = pool.stats().hits();
    for (final BlockKey key : crowd) {
      try (BlockHandle block = pool.acquire(key, new Blocks.Fixed(bytes(2, SLOT)))) {
        assertEquals(++hits, pool.stats().hits(), block.toString());
      }
    }
    assertEquals(40, pool.stats().allocations(), "none was loaded again");
  }
}
