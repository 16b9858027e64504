package dev.slabmount.bench.pool;

import java.lang.foreign.MemorySegment;

/** Caffeine with all blocks of the set. */
final class CaffeineStage implements Stage {
  private final CaffeineBlocks cache;
  private final int[] draws;

  CaffeineStage(int blocks) {
    cache = new CaffeineBlocks(blocks + blocks / 8);
    draws = Draws.zipf(blocks, Pools.SKEW);
    for (int block = 0; block < blocks; block++) {
      cache.put(Keys.CONTENT_HIGH, Keys.content(block), Keys.contentBlock(block));
    }
  }

  @Override
  public int[] draws() {
    return draws;
  }

  @Override
  public Work.Maker work(String name) {
    if (!name.equals("hit")) {
      throw new IllegalArgumentException("no work is called '" + name + "'");
    }
    return _ -> new Hit(cache);
  }

  @Override
  public void close() {
    cache.close();
  }

  /** Find and retain a slot, copy 4 KiB out of it, release. */
  private static final class Hit implements Work {
    private final CaffeineBlocks cache;
    private final MemorySegment copy = Memory.allocate(Draws.PAGE_BYTES);

    Hit(CaffeineBlocks cache) {
      this.cache = cache;
    }

    @Override
    public void batch(int[] draws, int from) {
      for (int i = from; i < from + BATCH; i++) {
        int block = draws[i] / Draws.PAGES;
        CaffeineBlocks.Slot slot =
            cache.acquire(Keys.CONTENT_HIGH, Keys.content(block), Keys.contentBlock(block));
        if (slot == null) {
          throw new IllegalStateException("block " + block + " is missing, though all fit");
        }
        long at = slot.address() + (draws[i] % Draws.PAGES) * (long) Draws.PAGE_BYTES;
        MemorySegment.copy(Memory.ALL, at, copy, 0, Draws.PAGE_BYTES);
        cache.release(slot);
      }
    }
  }
}
