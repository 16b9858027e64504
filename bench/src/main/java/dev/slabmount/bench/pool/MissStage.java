package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/**
 * A pool with room for a quarter of the blocks that are asked for, and a few blocks of an inode
 * beside them: hits, loads that evict, and every tenth time a write.
 */
final class MissStage implements Stage {
  private static final int SHARE = 4;
  private static final int WRITTEN = 256;
  private static final int WRITE_EVERY = 10;

  private final MemoryPool pool;
  private final int[] draws;
  private final int[] drawsOfWritten = Draws.uniform(WRITTEN);

  MissStage(String kind, int blocks) {
    pool = Pools.create(kind, (long) blocks / SHARE * Pools.BLOCK_BYTES);
    draws = Draws.zipf(blocks, Pools.SKEW);
    Pools.fillInodes(pool, WRITTEN);
    Pools.fillContents(pool, blocks);
  }

  @Override
  public int[] draws() {
    return draws;
  }

  @Override
  public Work.Maker work(String name) {
    if (!name.equals("mix")) {
      throw new IllegalArgumentException("no work is called '" + name + "'");
    }
    return _ -> new Mix(new PoolRead(pool), new PoolModify(pool), drawsOfWritten);
  }

  @Override
  public void close() {
    pool.clearDiscardingDirty();
    pool.close();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Mix(PoolRead read, PoolModify modify, int[] written) implements Work {
    @Override
    public void batch(int[] draws, int from) {
      for (int i = from; i < from + BATCH; i++) {
        if (i % WRITE_EVERY == 0) {
          modify.once(written[i]);
        } else {
          read.once(draws[i]);
        }
      }
    }
  }
}
