package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;

/** A pool in which all content-keyed blocks of the set are, and the floor under it. */
final class HitStage implements Stage {
  private final MemoryPool pool;
  private final int[] draws;
  private final Floor floor;

  HitStage(String kind, int blocks) {
    pool = Pools.create(kind, Pools.roomFor(blocks, Pools.BLOCK_BYTES));
    draws = Draws.zipf(blocks, Pools.SKEW);
    floor = new Floor(Pools.fillContents(pool, blocks), draws);
  }

  @Override
  public int[] draws() {
    return draws;
  }

  @Override
  public Work.Maker work(String name) {
    return switch (name) {
      case "hit" -> _ -> new PoolHit(pool);
      case "floor" -> Floor.hits(floor);
      case "copy" -> Floor.copies(floor);
      default -> throw new IllegalArgumentException("no work is called '" + name + "'");
    };
  }

  @Override
  public void close() {
    pool.close();
  }
}
