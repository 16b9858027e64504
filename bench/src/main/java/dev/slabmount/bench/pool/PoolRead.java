package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import java.lang.foreign.MemorySegment;

/** Find and pin a block, or load it if it is absent; copy 4 KiB out of it, unpin. */
final class PoolRead implements Work {
  private final MemoryPool pool;
  private final MemorySegment copy = Memory.allocate(Draws.PAGE_BYTES);
  private final BlockContentProvider provider = Pools.filler(Pools.BLOCK_BYTES);

  PoolRead(MemoryPool pool) {
    this.pool = pool;
  }

  @Override
  public void batch(int[] draws, int from) {
    for (int i = from; i < from + BATCH; i++) {
      once(draws[i]);
    }
  }

  /** One read. */
  void once(int draw) {
    int block = draw / Draws.PAGES;
    long token =
        pool.pinOrLoad(
            Keys.CONTENT_HIGH,
            Keys.content(block),
            Keys.contentBlock(block),
            Pools.BLOCK_BYTES,
            provider);
    long at = pool.address(token) + (draw % Draws.PAGES) * (long) Draws.PAGE_BYTES;
    MemorySegment.copy(Memory.ALL, at, copy, 0, Draws.PAGE_BYTES);
    pool.unpin(token);
  }
}
