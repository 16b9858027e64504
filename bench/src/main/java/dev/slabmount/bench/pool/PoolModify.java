package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import java.lang.foreign.MemorySegment;

/** Overwrite 4 KiB of an inode-keyed block in place. */
final class PoolModify implements Work {
  private final MemoryPool pool;
  private final MemorySegment source = Memory.allocate(Draws.PAGE_BYTES);

  PoolModify(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      once(draws[i]);
    }
  }

  /** One write. */
  void once(int draw) {
    int block = draw / Draws.PAGES;
    int offset = (draw % Draws.PAGES) * Draws.PAGE_BYTES;
    pool.modifyDirtyInPlace(
        Keys.inode(block), Keys.inodeBlock(block), offset, source, 0, Draws.PAGE_BYTES);
  }
}
