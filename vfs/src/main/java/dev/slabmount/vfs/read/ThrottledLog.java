package dev.slabmount.vfs.read;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs at most so many lines in each period, and says at the start of the next how many were left
 * out: a damaged store must not fill the disk with its own log.
 *
 * <p>Any thread. Takes a lock, so it is not for the hot path.
 */
final class ThrottledLog {

  private static final int LINES_PER_PERIOD = 20;
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final LongSupplier nanoTime;
  private long periodStart;
  private int lines;
  private long leftOut;

  ThrottledLog(final Logger log, final LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
    this.periodStart = nanoTime.getAsLong();
  }

  /** Logs a line, with the stack trace of {@code thrown} unless it is null; or leaves it out. */
  synchronized void log(
      final Level level, final Supplier<String> line, final @Nullable Throwable thrown) {
    final long now = nanoTime.getAsLong();
    if (now - periodStart >= PERIOD_NANOS) {
      periodStart = now;
      lines = 0;
      if (leftOut > 0) {
        log.log(level, leftOut + " more messages like the last ones were left out");
        leftOut = 0;
      }
    }
    if (lines == LINES_PER_PERIOD) {
      leftOut++;
      return;
    }
    lines++;
    if (thrown == null) {
      log.log(level, line.get());
    } else {
      log.log(level, line.get(), thrown);
    }
  }
}
