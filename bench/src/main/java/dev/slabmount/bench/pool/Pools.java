package dev.slabmount.bench.pool;

import dev.slabmount.bench.onelock.SingleLockMemoryPool;
import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import java.lang.foreign.MemorySegment;

/** Pools and what fills them. */
final class Pools {
  /** Bytes in a block of the usual set. */
  static final int BLOCK_BYTES = 64 << 10;

  /** How much more popular some blocks are than others: the exponent of Zipf's law. */
  static final double SKEW = 0.99;

  private Pools() {}

  /** A pool of this kind with the default settings and so much memory. */
  static MemoryPool create(String kind, long maxBytes) {
    MemoryPoolConfig config = MemoryPoolConfig.builder().maxSize(maxBytes).build();
    return switch (kind) {
      case "ours" -> MemoryPool.create(config);
      case "onelock" -> new SingleLockMemoryPool(config);
      default -> throw new IllegalArgumentException("no pool is called '" + kind + "'");
    };
  }

  /** Memory for these blocks and a quarter more, so that nothing is evicted. */
  static long roomFor(int blocks, int blockBytes) {
    return Math.max(64L << 20, (long) blocks * blockBytes / 4 * 5);
  }

  /**
   * Loads content-keyed blocks of 64 KiB.
   *
   * @return where each of them begins
   */
  static long[] fillContents(MemoryPool pool, int blocks) {
    long[] addresses = new long[blocks];
    BlockContentProvider provider = filler(BLOCK_BYTES);
    for (int block = 0; block < blocks; block++) {
      long token =
          pool.pinOrLoad(
              Keys.CONTENT_HIGH,
              Keys.content(block),
              Keys.contentBlock(block),
              BLOCK_BYTES,
              provider);
      addresses[block] = pool.address(token);
      pool.unpin(token);
    }
    return addresses;
  }

  /**
   * Inserts inode-keyed blocks of 64 KiB.
   *
   * @return where each of them begins
   */
  static long[] fillInodes(MemoryPool pool, int blocks) {
    long[] addresses = new long[blocks];
    MemorySegment source = Memory.allocate(BLOCK_BYTES);
    for (int block = 0; block < blocks; block++) {
      pool.insertDirty(Keys.inode(block), Keys.inodeBlock(block), source).close();
      long token = pool.pinDirty(Keys.inode(block), Keys.inodeBlock(block));
      addresses[block] = pool.address(token);
      pool.unpin(token);
    }
    return addresses;
  }

  /** Writes so many bytes into every slot. */
  static BlockContentProvider filler(int bytes) {
    MemorySegment source = Memory.allocate(bytes);
    return (_, slot) -> {
      MemorySegment.copy(source, 0, slot, 0, bytes);
      return bytes;
    };
  }
}
