package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/** Hits of inode-keyed blocks, and among every so many operations one modification. */
final class PoolMix implements Work {
  private final PoolDirtyHit hit;
  private final PoolModify modify;
  private final int every;

  PoolMix(MemoryPool pool, int every) {
    this.hit = new PoolDirtyHit(pool);
    this.modify = new PoolModify(pool);
    this.every = every;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      if (i % every == 0) {
        modify.once(draws[i]);
      } else {
        hit.once(draws[i]);
      }
    }
  }
}
