package dev.slabmount.fuse.reply;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.LongAdder;

/** Counts answers that went wrong, for all requests of a mount. Thread-safe; off the hot path. */
public final class ReplyCounters {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  private final LongAdder refused = new LongAdder();
  private final LongAdder undelivered = new LongAdder();

  /** Creates counters at zero. */
  public ReplyCounters() {}

  void refused(boolean wrongThread) {
    refused.increment();
    LOG.log(
        Level.WARNING,
        wrongThread
            ? "an answer was refused: the request is not detached and belongs to another thread"
            : "an answer was refused: the request has been answered already");
  }

  void undelivered() {
    undelivered.increment();
  }

  /** Answers refused because the request had one, or because the thread had no right to answer. */
  public long refusedCount() {
    return refused.sum();
  }

  /** Answers that the kernel did not take. */
  public long undeliveredCount() {
    return undelivered.sum();
  }
}
