package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import java.util.concurrent.atomic.AtomicLong;

/** Load a block of 64 KiB that was never there, by copying it in; unpin it. */
final class PoolInsert implements Work {
  private final MemoryPool pool;
  private final BlockContentProvider provider = Pools.filler(Pools.BLOCK_BYTES);

  /** Content ids that no other thread uses: a batch of blocks each. */
  private final AtomicLong contents;

  PoolInsert(MemoryPool pool, AtomicLong contents) {
    this.pool = pool;
    this.contents = contents;
  }

  @Override
  public void batch(int[] draws, int from) {
    long content = contents.getAndIncrement();
    for (int block = 0; block < BATCH; block++) {
      pool.unpin(pool.pinOrLoad(Keys.CONTENT_HIGH, content, block, Pools.BLOCK_BYTES, provider));
    }
  }
}
