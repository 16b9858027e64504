package dev.slabmount.vfs.prefetch;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes may be loaded or being loaded ahead of readers. Any thread; never waits. */
final class PrefetchBudget {

  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  PrefetchBudget(final long limit) {
    this.limit = limit;
  }

  /** Takes so many bytes, or none. */
  boolean take(final long bytes) {
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

  void giveBack(final long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes taken, now. */
  long taken() {
    return taken.get();
  }
}
