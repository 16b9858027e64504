package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps whatever a filesystem throws away from the kernel and from libfuse: the request gets EIO,
 * the failure a log line and a count, and the worker lives on. A throwable that left an upcall
 * would end the JVM ({@link java.lang.foreign.Linker#upcallStub}).
 *
 * <p>The order is answer, count, log, because logging may itself fail when memory or stack is
 * short; such a second failure is ignored. Of a flood of failures only some get a line. Nothing
 * that is done before the log line allocates, except what the JVM may do when code runs for the
 * first time, the constants of a line among it: so all of it lies within a catch of everything.
 * Thread-safe. Costs nothing until something is thrown.
 */
public final class RequestGuard {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  // Not LongAdder, which may allocate when it counts: this counts what is thrown without memory.
  private final AtomicLong uncaught = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();

  /** Creates a guard that has seen nothing. */
  public RequestGuard() {}

  /** An operation, or the code that unpacked its request, threw. Does not throw. */
  public void threw(RequestContext context, Throwable thrown) {
    answer(context);
    try {
      log(
          uncaught.incrementAndGet(),
          context.arguments.operation.method(),
          " threw and was answered with EIO",
          thrown);
    } catch (Throwable whileLogging) {
      // The counts say it; there is nowhere left to tell.
    }
  }

  /**
   * An operation returned. If it neither answered nor detached, the kernel gets EIO for it. Does
   * not throw.
   */
  public void returned(RequestContext context) {
    if (!context.gate().isOwed()) {
      return;
    }
    answer(context);
    try {
      log(
          unanswered.incrementAndGet(),
          context.arguments.operation.method(),
          " returned without an answer; it got EIO",
          null);
    } catch (Throwable whileLogging) {
      // As above.
    }
  }

  /** Something that is no request threw. Does not throw. */
  public void threwOutsideRequests(String what, Throwable thrown) {
    try {
      log(uncaught.incrementAndGet(), what, " threw", thrown);
    } catch (Throwable whileLogging) {
      // As above.
    }
  }

  /** Gives the answer that is owed, if one is; returns whether none is owed now. Does not throw. */
  public boolean answer(RequestContext context) {
    try {
      context.gate().errorIfUnanswered(Errno.EIO);
      return true;
    } catch (Throwable whileAnswering) {
      return false; // The gate still owes the answer, and gives it when it is asked again.
    }
  }

  private static void log(long count, String what, String happened, @Nullable Throwable thrown) {
    if (ReplyCounters.isWorthALine(count)) {
      LOG.log(Level.WARNING, what + happened + " (" + count + " so far)", thrown);
    }
  }

  /** Operations that threw. */
  public long uncaughtCount() {
    return uncaught.get();
  }

  /** Operations that returned without an answer. */
  public long unansweredCount() {
    return unanswered.get();
  }
}
