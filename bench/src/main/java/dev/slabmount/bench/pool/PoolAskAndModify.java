package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import java.lang.foreign.MemorySegment;

/** Ask whether the inode has a block, then overwrite 4 KiB of it in place: one operation. */
final class PoolAskAndModify implements Work {
  private final MemoryPool pool;
  private final MemorySegment source = Memory.allocate(Draws.PAGE_BYTES);

  PoolAskAndModify(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      int block = draws[i] / Draws.PAGES;
      if (!pool.hasDirty(Keys.inode(block), Keys.inodeBlock(block))) {
        throw new IllegalStateException("block " + block + " is missing, though all of them fit");
      }
      int offset = (draws[i] % Draws.PAGES) * Draws.PAGE_BYTES;
      pool.modifyDirtyInPlace(
          Keys.inode(block), Keys.inodeBlock(block), offset, source, 0, Draws.PAGE_BYTES);
    }
  }
}
