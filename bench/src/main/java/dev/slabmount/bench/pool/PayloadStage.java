package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.SizeClasses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How much content pools hold. Each call has a pool of its own, into which blocks are loaded that
 * nobody asks for again; the providers write nothing, since only room is measured.
 */
final class PayloadStage implements Stage {
  private static final int PAGE_BYTES = 4 << 10;
  private static final int BLOCK_BYTES = MemoryPoolConfig.BLOCK_SIZE_DEFAULT;
  private static final int PINNED_ROUNDS = 20;
  private static final long SEED = 0x51ab;
  private static final int[] NONE = {};

  @Override
  public int[] draws() {
    return NONE;
  }

  @Override
  public Work.Maker work(String name) {
    throw new IllegalArgumentException("no work is called '" + name + "'");
  }

  /**
   * {@code tree MIB PATH}, {@code one MIB BYTES}, {@code turn MIB}: percent of the budget that is
   * payload at worst and in the end, and how often there was no room. {@code pinned MIB}: how often
   * there was no room, of how many times.
   */
  @Override
  public String call(String name, List<String> arguments) throws Exception {
    long budget = Long.parseLong(arguments.getFirst()) << 20;
    try (MemoryPool pool =
        MemoryPool.create(
            MemoryPoolConfig.builder().maxSize(budget).blockSize(BLOCK_BYTES).build())) {
      Loads loads = new Loads(pool, budget);
      switch (name) {
        case "tree" -> loads.fill(BlockSizes.ofTree(Path.of(arguments.get(1)), BLOCK_BYTES));
        case "one" -> loads.fill(new int[] {Integer.parseInt(arguments.get(1))});
        case "turn" -> {
          loads.fill(new int[] {PAGE_BYTES});
          loads.fill(new int[] {BLOCK_BYTES});
          loads.fill(new int[] {PAGE_BYTES});
        }
        case "pinned" -> {
          return pinned(pool, loads, budget);
        }
        default -> throw new IllegalArgumentException("nothing is called '" + name + "' here");
      }
      return loads.lowest + " " + loads.share() + " " + loads.exhausted;
    }
  }

  /** Every slab but one has a pinned block of 4 KiB; a block of full size must find room in it. */
  private static String pinned(MemoryPool pool, Loads loads, long budget) {
    long slabBytes = new SizeClasses(budget, BLOCK_BYTES).slabBytes();
    Random random = new Random(SEED);
    loads.fill(new int[] {PAGE_BYTES});
    for (int round = 0; round < PINNED_ROUNDS; round++) {
      for (int i = 0; i < 2 * BLOCK_BYTES / PAGE_BYTES; i++) {
        loads.load(PAGE_BYTES);
      }
      List<Long> pins = loads.pinInEverySlab(slabBytes, random.nextInt());
      loads.load(BLOCK_BYTES);
      pins.forEach(pool::unpin);
    }
    return loads.exhausted + " " + PINNED_ROUNDS;
  }

  @Override
  public void close() {
    // Pools are closed by those who make them.
  }

  /** Loads that never ask for the same block twice. */
  private static final class Loads {
    /** Budgets that are loaded before the first look, and in all. */
    private static final int BEFORE = 1;

    private static final int ALL = 3;
    private static final int LOOKS_PER_BUDGET = 2;

    private final MemoryPool pool;
    private final long budget;
    private final List<Integer> sizes = new ArrayList<>();
    private int exhausted;
    private double lowest = 100;

    Loads(MemoryPool pool, long budget) {
      this.pool = pool;
      this.budget = budget;
    }

    /** Loads blocks of these sizes, in turn, three times as much as fits. */
    void fill(int[] of) {
      long loaded = 0;
      long look = budget * BEFORE;
      for (int i = 0; loaded < budget * ALL; i = (i + 1) % of.length) {
        load(of[i]);
        loaded += roundedUp(of[i]);
        if (loaded >= look) {
          lowest = Math.min(lowest, share());
          look += budget / LOOKS_PER_BUDGET;
        }
      }
    }

    /** Loads one block. */
    void load(int size) {
      int number = sizes.size();
      try {
        pool.unpin(
            pool.pinOrLoad(
                Keys.CONTENT_HIGH,
                Keys.content(number),
                Keys.contentBlock(number),
                size,
                (_, _) -> size));
        sizes.add(size);
      } catch (MemoryPoolException.PoolExhausted e) {
        exhausted++;
      }
    }

    /** Percent of the budget that is content, each block rounded up to pages. */
    double share() {
      long payload = 0;
      for (int number = 0; number < sizes.size(); number++) {
        if (pool.contains(Keys.CONTENT_HIGH, Keys.content(number), Keys.contentBlock(number))) {
          payload += roundedUp(sizes.get(number));
        }
      }
      return 100.0 * payload / budget;
    }

    /** Pins one resident block in each slab but the one that is left out. */
    List<Long> pinInEverySlab(long slabBytes, int seed) {
      int slabs = (int) (budget / slabBytes);
      int leftOut = Math.floorMod(seed, slabs);
      List<long[]> resident = new ArrayList<>();
      long base = Long.MAX_VALUE;
      for (int number = 0; number < sizes.size(); number++) {
        long token = pool.pin(Keys.CONTENT_HIGH, Keys.content(number), Keys.contentBlock(number));
        if (token != MemoryPool.NO_BLOCK) {
          long address = pool.address(token);
          base = Math.min(base, address);
          resident.add(new long[] {token, address});
        }
      }
      boolean[] has = new boolean[slabs + 1];
      List<Long> pins = new ArrayList<>();
      for (long[] block : resident) {
        int slab = (int) ((block[1] - base) / slabBytes);
        if (slab == leftOut || has[slab]) {
          pool.unpin(block[0]);
        } else {
          has[slab] = true;
          pins.add(block[0]);
        }
      }
      return pins;
    }

    private static long roundedUp(int size) {
      return (size + PAGE_BYTES - 1L) / PAGE_BYTES * PAGE_BYTES;
    }
  }
}
