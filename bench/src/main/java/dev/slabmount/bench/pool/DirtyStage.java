package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/** A pool in which all inode-keyed blocks of the set are, and the floor with stores under it. */
final class DirtyStage implements Stage {
  private final MemoryPool pool;
  private final int[] draws;
  private final Floor floor;

  DirtyStage(String kind, int blocks) {
    pool = Pools.create(kind, Pools.roomFor(blocks, Pools.BLOCK_BYTES));
    draws = Draws.zipf(blocks, Pools.SKEW);
    floor = new Floor(Pools.fillInodes(pool, blocks), draws);
  }

  @Override
  public int[] draws() {
    return draws;
  }

  @Override
  public Work.Maker work(String name) {
    return switch (name) {
      case "has-dirty" -> _ -> new PoolHasDirty(pool);
      case "modify" -> _ -> new PoolModify(pool);
      case "ask-and-modify" -> _ -> new PoolAskAndModify(pool);
      case "one-block" -> few(1);
      case "sixteen-blocks" -> few(16);
      case "mix-90" -> _ -> new PoolMix(pool, 10);
      case "mix-50" -> _ -> new PoolMix(pool, 2);
      case "floor" -> Floor.stores(floor);
      default -> throw new IllegalArgumentException("no work is called '" + name + "'");
    };
  }

  @Override
  public void close() {
    pool.clearDiscardingDirty();
    pool.close();
  }

  /** The same work on the first blocks of the first inode only. */
  private Work.Maker few(int blocks) {
    int[] few = Draws.uniform(blocks);
    return _ -> new Few(new PoolModify(pool), few);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Few(Work work, int[] draws) implements Work {
    @Override
    public void batch(int[] all, int from) {
      work.batch(draws, from);
    }
  }
}
