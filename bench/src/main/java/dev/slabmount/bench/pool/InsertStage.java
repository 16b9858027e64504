package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A full pool into which blocks of 64 KiB are loaded that nobody asks for again, so that each load
 * evicts one. Readers have a set of their own, three quarters of the pool, that is used and so
 * stays; what a reader misses in spite of that it loads.
 */
final class InsertStage implements Stage {
  private static final int READERS_NUMERATOR = 3;
  private static final int READERS_DENOMINATOR = 4;

  private final MemoryPool pool;
  private final int[] drawsOfReaders;
  private final long[] addresses;
  private final AtomicLong contents = new AtomicLong(1L << 40);

  InsertStage(String kind, int blocks) {
    pool = Pools.create(kind, (long) blocks * Pools.BLOCK_BYTES);
    addresses = Pools.fillContents(pool, blocks);
    int ofReaders = blocks / READERS_DENOMINATOR * READERS_NUMERATOR;
    drawsOfReaders = Draws.zipf(ofReaders, Pools.SKEW);
    for (int block = 0; block < ofReaders; block++) { // Each was used now, and more than once.
      pool.unpin(pool.pin(Keys.CONTENT_HIGH, Keys.content(block), Keys.contentBlock(block)));
      pool.unpin(pool.pin(Keys.CONTENT_HIGH, Keys.content(block), Keys.contentBlock(block)));
    }
  }

  @Override
  public int[] draws() {
    return drawsOfReaders;
  }

  @Override
  public Work.Maker work(String name) {
    return switch (name) {
      case "insert" -> _ -> new PoolInsert(pool, contents);
      case "copy" -> _ -> new BlockCopy(addresses);
      case "read" -> _ -> new PoolRead(pool);
      default -> throw new IllegalArgumentException("no work is called '" + name + "'");
    };
  }

  @Override
  public void close() {
    pool.close();
  }
}
