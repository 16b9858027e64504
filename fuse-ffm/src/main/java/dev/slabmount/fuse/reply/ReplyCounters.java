package dev.slabmount.fuse.reply;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/** Counts answers that went wrong, for all requests of a mount. Thread-safe; off the hot path. */
public final class ReplyCounters {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  // Not LongAdder, which may allocate when it counts: this counts what goes wrong without memory.
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong undelivered = new AtomicLong();

  /** Creates counters at zero. */
  public ReplyCounters() {}

  void refused(boolean wrongThread) {
    refused.incrementAndGet();
    try {
      LOG.log(
          Level.WARNING,
          wrongThread
              ? "an answer was refused: the request is not detached and belongs to another thread"
              : "an answer was refused: the request has been answered already");
    } catch (RuntimeException logging) {
      // The count says it; a logger that fails is no reason to fail whoever answered.
    }
  }

  void undelivered() {
    undelivered.incrementAndGet();
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
