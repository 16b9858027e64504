package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/** Pin and unpin a block, whose number comes from draws of its own. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PoolPin(MemoryPool pool, int[] blocks) implements Work {
  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      int block = blocks[i];
      long token = pool.pin(Keys.CONTENT_HIGH, Keys.content(block), Keys.contentBlock(block));
      if (token == MemoryPool.NO_BLOCK) {
        throw new IllegalStateException("block " + block + " is missing, though all of them fit");
      }
      pool.unpin(token);
    }
  }
}
