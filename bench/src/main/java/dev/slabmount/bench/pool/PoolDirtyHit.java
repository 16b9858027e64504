package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import java.lang.foreign.MemorySegment;

/** Find and pin an inode-keyed block, copy 4 KiB out of it, unpin: through the pin face. */
final class PoolDirtyHit implements Work {
  private final MemoryPool pool;
  private final MemorySegment copy = Memory.allocate(Draws.PAGE_BYTES);

  PoolDirtyHit(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      once(draws[i]);
    }
  }

  /** One hit. */
  void once(int draw) {
    int block = draw / Draws.PAGES;
    long token = pool.pinDirty(Keys.inode(block), Keys.inodeBlock(block));
    if (token == MemoryPool.NO_BLOCK) {
      throw new IllegalStateException("block " + block + " is missing, though all of them fit");
    }
    long from = pool.address(token) + (draw % Draws.PAGES) * (long) Draws.PAGE_BYTES;
    MemorySegment.copy(Memory.ALL, from, copy, 0, Draws.PAGE_BYTES);
    pool.unpin(token);
  }
}
