package dev.slabmount.vfs.prefetch;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes may be loaded or being loaded ahead of readers. A block counts as 4 KiB at least:
 * so much of the pool it takes, and so the budget bounds the number of blocks, too. Any thread;
 * never waits.
 */
final class PrefetchBudget {

  private static final long BLOCK_BYTES_MIN = 4096;

  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  PrefetchBudget(final long limit) {
    this.limit = limit;
  }

  /** Takes a block of so many bytes, or none. */
  boolean take(final long blockBytes) {
    final long bytes = Math.max(BLOCK_BYTES_MIN, blockBytes);
    long seen = taken.get();
    while (seen + bytes <= limit) {
      final long witness = taken.compareAndExchange(seen, seen + bytes);
      if (witness == seen) {
        return true;
      }
      seen = witness;
    }
    return false;
  }

  /** Gives a block of so many bytes back. */
  void giveBack(final long blockBytes) {
    taken.addAndGet(-Math.max(BLOCK_BYTES_MIN, blockBytes));
  }

  /** Bytes taken, now. */
  long taken() {
    return taken.get();
  }
}
