package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A pool with very many blocks of 4 KiB, and one with few; and calls on the large one that must not
 * look at all of them.
 */
final class PinStage implements Stage {
  private static final int FEW = 64;
  private static final long SEED = 0x51ab;

  /** Content ids and inodes that the calls make and remove, beyond those of the set. */
  private static final int OTHERS = 1 << 30;

  private static final int REPEATS_OF_ONE = 4_000;
  private static final int REPEATS_OF_MANY = 100;
  private static final int MANY_FROM = 100;

  private final MemoryPool large;
  private final MemoryPool small;
  private final int loaded;
  private final int[] drawsOfAll;
  private final int[] drawsOfFew;
  private final BlockContentProvider filler = Pools.filler(Draws.PAGE_BYTES);

  PinStage(String kind, int blocks) {
    loaded = blocks;
    large = filled(kind, blocks);
    small = filled(kind, FEW);
    drawsOfAll = blocksOnly(blocks);
    drawsOfFew = blocksOnly(FEW);
  }

  private MemoryPool filled(String kind, int blocks) {
    MemoryPool pool = Pools.create(kind, Pools.roomFor(blocks, Draws.PAGE_BYTES));
    for (int block = 0; block < blocks; block++) {
      load(pool, Keys.content(block), Keys.contentBlock(block));
    }
    return pool;
  }

  private void load(MemoryPool pool, long content, int block) {
    pool.unpin(pool.pinOrLoad(Keys.CONTENT_HIGH, content, block, Draws.PAGE_BYTES, filler));
  }

  private static int[] blocksOnly(int blocks) {
    return new Random(SEED).ints(Draws.LENGTH, 0, blocks).toArray();
  }

  @Override
  public int[] draws() {
    return drawsOfAll;
  }

  @Override
  public Work.Maker work(String name) {
    return switch (name) {
      case "pin-of-all" -> _ -> new PoolPin(large, drawsOfAll);
      case "pin-of-few" -> _ -> new PoolPin(small, drawsOfFew);
      default -> throw new IllegalArgumentException("no work is called '" + name + "'");
    };
  }

  /** {@code stats}, {@code invalidate BLOCKS} or {@code remove BLOCKS}: nanoseconds of one call. */
  @Override
  public String call(String name, List<String> arguments) {
    return switch (name) {
      case "stats" -> quantiles(stats());
      case "invalidate" -> quantiles(invalidate(Integer.parseInt(arguments.getFirst())));
      case "remove" -> quantiles(remove(Integer.parseInt(arguments.getFirst())));
      default -> throw new IllegalArgumentException("nothing is called '" + name + "' here");
    };
  }

  private List<Long> stats() {
    List<Long> nanos = new ArrayList<>();
    long blocks = 0;
    for (int i = 0; i < REPEATS_OF_ONE; i++) {
      long begin = System.nanoTime();
      blocks = large.stats().totalBlocks();
      nanos.add(System.nanoTime() - begin);
    }
    if (blocks < loaded) {
      throw new IllegalStateException("only " + blocks + " blocks are left");
    }
    return nanos;
  }

  private List<Long> invalidate(int blocks) {
    List<Long> nanos = new ArrayList<>();
    for (int i = 0; i < repeats(blocks); i++) {
      for (int block = 0; block < blocks; block++) {
        load(large, OTHERS, block);
      }
      long begin = System.nanoTime();
      int removed = large.invalidateHash(Keys.CONTENT_HIGH, OTHERS);
      nanos.add(System.nanoTime() - begin);
      check(removed, blocks);
    }
    return nanos;
  }

  private List<Long> remove(int blocks) {
    List<Long> nanos = new ArrayList<>();
    var source = Memory.allocate(Draws.PAGE_BYTES);
    for (int i = 0; i < repeats(blocks); i++) {
      for (int block = 0; block < blocks; block++) {
        large.insertDirty(OTHERS, block, source).close();
      }
      long begin = System.nanoTime();
      int removed = large.removeInodeBlocks(OTHERS);
      nanos.add(System.nanoTime() - begin);
      check(removed, blocks);
    }
    return nanos;
  }

  private static int repeats(int blocks) {
    return blocks < MANY_FROM ? REPEATS_OF_ONE : REPEATS_OF_MANY;
  }

  private static void check(int removed, int blocks) {
    if (removed != blocks) {
      throw new IllegalStateException(removed + " blocks were removed, not " + blocks);
    }
  }

  /** The first half warmed up; median and 99th percentile of the second one. */
  private static String quantiles(List<Long> nanos) {
    List<Long> warm = new ArrayList<>(nanos.subList(nanos.size() / 2, nanos.size()));
    Collections.sort(warm);
    return warm.get(warm.size() / 2) + " " + warm.get(warm.size() * 99 / 100);
  }

  @Override
  public void close() {
    large.close();
    small.close();
  }
}
