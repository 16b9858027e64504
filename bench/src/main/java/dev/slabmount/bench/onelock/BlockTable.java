package dev.slabmount.bench.onelock;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hash map of all blocks that can be found. Chains run through the blocks themselves, so that
 * neither a lookup nor an insertion makes an object.
 *
 * <p>Guarded by the pool's lock.
 */
final class BlockTable {
  private static final int BUCKETS_AT_FIRST = 64;

  private @Nullable Block[] buckets = new Block[BUCKETS_AT_FIRST];
  private int size;

  /** Spreads all parts of a key over 32 bits. Decides nothing: keys are compared whole. */
  static int hash(final boolean inodeKeyed, final long high, final long low, final int block) {
    long mixed = (low ^ (inodeKeyed ? ~0L : high)) + block * 0x9E37_79B9_7F4A_7C15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
    return (int) (mixed ^ (mixed >>> 32));
  }

  @Nullable Block find(final boolean inodeKeyed, final long high, final long low, final int block) {
    Block seen = buckets[hash(inodeKeyed, high, low, block) & (buckets.length - 1)];
    while (seen != null && !seen.is(inodeKeyed, high, low, block)) {
      seen = seen.nextInBucket;
    }
    return seen;
  }

  void add(final Block block) {
    if (size >= buckets.length) {
      grow();
    }
    link(buckets, block);
    size++;
  }

  void remove(final Block block) {
    final int bucket = block.hash & (buckets.length - 1);
    Block before = null;
    Block seen = buckets[bucket];
    while (seen != block) {
      if (seen == null) {
        throw new AssertionError("not in the table: " + block.key());
      }
      before = seen;
      seen = seen.nextInBucket;
    }
    if (before == null) {
      buckets[bucket] = block.nextInBucket;
    } else {
      before.nextInBucket = block.nextInBucket;
    }
    block.nextInBucket = null;
    size--;
  }

  int size() {
    return size;
  }

  /** Shows every block; the consumer may remove the one that it is shown. */
  void forEach(final Consumer<Block> consumer) {
    for (final Block first : buckets) {
      Block block = first;
      while (block != null) {
        final Block next = block.nextInBucket;
        consumer.accept(block);
        block = next;
      }
    }
  }

  private void grow() {
    final Block[] larger = new Block[2 * buckets.length];
    forEach(block -> link(larger, block));
    buckets = larger;
  }

  private static void link(final @Nullable Block[] buckets, final Block block) {
    final int bucket = block.hash & (buckets.length - 1);
    block.nextInBucket = buckets[bucket];
    buckets[bucket] = block;
  }
}
