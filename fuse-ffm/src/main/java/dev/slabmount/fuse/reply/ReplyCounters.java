package dev.slabmount.fuse.reply;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/** Counts answers that went wrong, for all requests of a mount. Thread-safe; off the hot path. */
public final class ReplyCounters {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  private static final int LINES_IN_FULL = 20;

  // Not LongAdder, which may allocate when it counts: this counts what goes wrong without memory.
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong undelivered = new AtomicLong();

  /** Creates counters at zero. */
  public ReplyCounters() {}

  void refused(boolean wrongThread) {
    long count = refused.incrementAndGet();
    if (!isWorthALine(count)) {
      return;
    }
    try {
      LOG.log(
          Level.WARNING,
          wrongThread
              ? "an answer was refused: the request is not detached and belongs to another thread ({0} refused so far)"
              : "an answer was refused: the request has been answered already ({0} refused so far)",
          count);
    } catch (RuntimeException logging) {
      // The count says it; a logger that fails is no reason to fail whoever answered.
    }
  }

  void undelivered() {
    undelivered.incrementAndGet();
  }

  /**
   * Whether the {@code count}th mishap of a kind is logged: the first few, then ever fewer, because
   * a filesystem may get every single request wrong.
   */
  public static boolean isWorthALine(long count) {
    return count <= LINES_IN_FULL || Long.bitCount(count) == 1;
  }

  /** Answers refused because the request had one, or because the thread had no right to answer. */
  public long refusedCount() {
    return refused.get();
  }

  /** Answers that the kernel did not take. */
  public long undeliveredCount() {
    return undelivered.get();
  }
}
