package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/** Ask whether an inode has a block in the pool. */
final class PoolHasDirty implements Work {
  private final MemoryPool pool;

  PoolHasDirty(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public void batch(int[] draws, int from) {
    int found = 0;
    for (int i = from; i < from + BATCH; i++) {
      found += once(draws[i]) ? 1 : 0;
    }
    if (found != BATCH) {
      throw new IllegalStateException("blocks are missing, though all of them fit");
    }
  }

  /** One question. */
  boolean once(int draw) {
    int block = draw / Draws.PAGES;
    return pool.hasDirty(Keys.inode(block), Keys.inodeBlock(block));
  }
}
