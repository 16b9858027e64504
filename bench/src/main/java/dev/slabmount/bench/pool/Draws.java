package dev.slabmount.bench.pool;

import java.util.Random;

/**
 * Which page of which block is used next: one long sequence, drawn beforehand, so that drawing
 * costs nothing while it is measured and all contestants use the same pages in the same order.
 *
 * <p>A draw is a page number: block times {@value #PAGES} plus the page within the block. Threads
 * walk the sequence from different places and begin again at its end. Immutable; any thread.
 */
final class Draws {
  /** Draws in a sequence, a power of two. */
  static final int LENGTH = 1 << 20;

  /** Bytes in a page, which is what one operation copies. */
  static final int PAGE_BYTES = 4 << 10;

  /** Pages in a block of 64 KiB. */
  static final int PAGES = 16;

  private static final long SEED = 0x51ab;

  private Draws() {}

  /**
   * Blocks by Zipf's law: the n-th most popular one is drawn in proportion to n to the power of
   * minus {@code skew}; popularity has nothing to do with the block's number. Pages by chance.
   */
  static int[] zipf(int blocks, double skew) {
    Random random = new Random(SEED);
    double[] sums = new double[blocks];
    double sum = 0;
    for (int rank = 0; rank < blocks; rank++) {
      sum += Math.pow(rank + 1, -skew);
      sums[rank] = sum;
    }
    int[] blockOfRank = shuffled(blocks, random);
    int[] draws = new int[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      int rank = firstNotBelow(sums, random.nextDouble() * sum);
      draws[i] = blockOfRank[rank] * PAGES + random.nextInt(PAGES);
    }
    return draws;
  }

  /** Every block and page as likely as any other. */
  static int[] uniform(int blocks) {
    return new Random(SEED).ints(LENGTH, 0, blocks * PAGES).toArray();
  }

  /** Where a thread starts in the sequence. */
  static int start(int thread) {
    return (int) (thread * 0x9E37_79B9L) & (LENGTH - 1) & -Work.BATCH;
  }

  private static int[] shuffled(int count, Random random) {
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      numbers[i] = numbers[other];
      numbers[other] = i;
    }
    return numbers;
  }

  private static int firstNotBelow(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
