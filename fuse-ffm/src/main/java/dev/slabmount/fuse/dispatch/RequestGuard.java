package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.Errno;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps whatever a filesystem throws away from the kernel and from libfuse: the request gets EIO,
 * the failure a log line and a count, and the worker lives on. A throwable that left an upcall
 * would end the JVM ({@link java.lang.foreign.Linker#upcallStub}).
 *
 * <p>The order is answer, count, log, because logging may itself fail when memory or stack is
 * short; such a second failure is counted and otherwise ignored. Thread-safe. Costs nothing until
 * something is thrown.
 */
public final class RequestGuard {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");

  private final LongAdder uncaught = new LongAdder();
  private final LongAdder unanswered = new LongAdder();

  /** Creates a guard that has seen nothing. */
  public RequestGuard() {}

  /** An operation, or the code that unpacked its request, threw. Does not throw. */
  public void threw(RequestContext context, Throwable thrown) {
    try {
      context.gate().errorIfUnanswered(Errno.EIO);
      uncaught.increment();
      LOG.log(
          Level.WARNING,
          () -> context.arguments.operation.method() + " threw and was answered with EIO",
          thrown);
    } catch (Throwable whileGuarding) {
      uncaught.increment();
    }
  }

  /** An operation returned. If it neither answered nor detached, the kernel gets EIO for it. */
  public void returned(RequestContext context) {
    if (context.gate().isOwed()) {
      context.gate().errorIfUnanswered(Errno.EIO);
      unanswered.increment();
      LOG.log(
          Level.WARNING,
          () -> context.arguments.operation.method() + " returned without an answer; it got EIO");
    }
  }

  /** Operations that threw. */
  public long uncaughtCount() {
    return uncaught.sum();
  }

  /** Operations that returned without an answer. */
  public long unansweredCount() {
    return unanswered.sum();
  }

  /** Something that is no request threw. */
  public void threwOutsideRequests(String what, Throwable thrown) {
    uncaught.increment();
    LOG.log(Level.WARNING, what + " threw", thrown);
  }
}
