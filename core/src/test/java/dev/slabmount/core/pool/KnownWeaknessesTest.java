package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockHeaderDescriptor;
import dev.slabmount.core.block.RecordedWords;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sharded pool has none of the known weaknesses. */
class KnownWeaknessesTest extends KnownWeaknesses {
  @Override
  public MemoryPool create(final MemoryPoolConfig.Builder config) {
    return MemoryPool.create(config.build());
  }

  @Override
  public void audit(final MemoryPool pool) {
    PoolAudit.audit(pool);
  }

  /** What a thread did that hit a block: who it was, and where it counts. */
  private record Hits(Thread thread, int cell) {}

  @Test
  @Timeout(60)
  @DisplayName("R6: hits of two threads on two blocks write no common cache line")
  void shouldShareNoCacheLineBetweenHitsOfDifferentBlocks() throws Exception {
    final RecordedWords[] words = new RecordedWords[1];
    final ShardedMemoryPool pool =
        new ShardedMemoryPool(
            MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(SLOT).build(),
            inner -> words[0] = new RecordedWords(inner));
    pool.unpin(pool.pinOrLoad(1, 1, 0, 8, (key, slot) -> 8));
    pool.unpin(pool.pinOrLoad(2, 1, 0, 8, (key, slot) -> 8));
    words[0].forget();
    final CyclicBarrier bothLive = new CyclicBarrier(2);
    final BlockIndex index = pool.index();
    final long[] stamps = new long[index.shardCount()];
    for (int shard = 0; shard < stamps.length; shard++) {
      stamps[shard] = index.shard(shard).lockWrite(); // So whoever takes a lock gets nowhere.
    }
    try {
      final FutureTask<Hits> one = start(hitting(pool, 1, bothLive));
      final FutureTask<Hits> two = start(hitting(pool, 2, bothLive));
      final Hits first = one.get(20, TimeUnit.SECONDS);
      final Hits second = two.get(20, TimeUnit.SECONDS);
      final Set<Integer> slots = words[0].writtenBy(first.thread);
      final Set<Integer> others = words[0].writtenBy(second.thread);
      assertEquals(1, slots.size(), "headers written: the block's own, and no other");
      assertEquals(1, others.size());
      assertNotEquals(slots, others);
      assertTrue(first.cell >= 0 && second.cell >= 0, "a cell of one's own");
      assertNotEquals(first.cell, second.cell);
    } finally {
      for (int shard = 0; shard < stamps.length; shard++) {
        index.shard(shard).unlockWrite(stamps[shard]);
      }
    }
    assertEquals(64, BlockHeaderDescriptor.HEADER_BYTES, "a header is a cache line");
    assertEquals(200, pool.hitCount());
    PoolAudit.audit(pool);
    pool.close();
  }

  private static FutureTask<Hits> start(final Callable<Hits> hitting) {
    final FutureTask<Hits> task = new FutureTask<>(hitting);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private static Callable<Hits> hitting(
      final ShardedMemoryPool pool, final int content, final CyclicBarrier bothLive) {
    return () -> {
      for (int i = 0; i < 100; i++) {
        final long token = pool.pin(content, 1, 0);
        assertEquals(8, pool.length(token));
        pool.unpin(token);
      }
      final Hits hits = new Hits(Thread.currentThread(), pool.table().counters.cell());
      bothLive.await(20, TimeUnit.SECONDS);
      return hits;
    };
  }
}
