package dev.slabmount.fuse.session;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.RequestContext;
import dev.slabmount.fuse.dispatch.RequestGuard;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A thread that receives one request after another and serves it. It owns its context, so workers
 * share nothing on the way; it ends when the mount does.
 *
 * <p>A platform thread on purpose: it spends its life in a blocking read of the kernel, which would
 * pin a virtual thread to its carrier.
 */
final class FuseWorker extends Thread implements ContextOwner {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final long PAUSE_NANOS = 1_000_000;
  private static final VarHandle REQUESTS;
  private static final VarHandle SERVING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      REQUESTS = lookup.findVarHandle(FuseWorker.class, "requests", long.class);
      SERVING = lookup.findVarHandle(FuseWorker.class, "serving", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Transport transport;
  private final RequestGuard guard;
  private final Yielding yielding;
  private final Consumer<Boolean> whenOver;
  private RequestContext current;

  // Written by this thread alone and read by whoever wants figures: opaque is enough for both.
  private long requests;
  private boolean serving;

  /**
   * Creates a worker.
   *
   * @param whenOver told on this thread when it ends, with whether that is because the mount has
   */
  FuseWorker(
      String name,
      Transport transport,
      RequestGuard guard,
      Yielding yielding,
      Consumer<Boolean> whenOver) {
    super(null, null, name, 0, false);
    this.transport = transport;
    this.guard = guard;
    this.yielding = yielding;
    this.whenOver = whenOver;
    this.current = transport.contexts().create(this);
    setDaemon(true);
  }

  /** Why workers have not ended although their mount has, for people. Any thread. */
  static String whatHangs(List<FuseWorker> workers) {
    String serving =
        workers.stream()
            .filter(FuseWorker::isServing)
            .map(w -> w.current.arguments.operation.method() + " (" + w.getName() + ")")
            .collect(Collectors.joining(", "));
    return serving.isEmpty()
        ? "the kernel does not end its connection"
        : "an operation has not returned: " + serving;
  }

  /** Requests served so far. Any thread. */
  long requestCount() {
    return (long) REQUESTS.getOpaque(this);
  }

  /** Whether a request is being served, or its worker waits to detach it. Any thread. */
  boolean isServing() {
    return isAlive() && (boolean) SERVING.getOpaque(this);
  }

  @Override
  public RequestContext current() {
    return current;
  }

  @Override
  public void adopt(RequestContext fresh) {
    current = fresh;
  }

  @Override
  public void run() {
    boolean mountEnded = false;
    try {
      mountEnded = serveUntilTheEnd();
    } finally {
      whenOver.accept(mountEnded);
    }
  }

  /** Returns whether the mount has ended; if not, this worker could not go on. */
  private boolean serveUntilTheEnd() {
    while (true) {
      try {
        letOthersRun();
        int received = transport.receive(current);
        if (received > 0) {
          REQUESTS.setOpaque(this, requests + 1);
          SERVING.setOpaque(this, true);
          process();
          SERVING.setOpaque(this, false);
        } else if (received == 0) {
          return true;
        } else if (!isPassing(-received)) {
          LOG.log(
              Level.ERROR, "{0} ends: receiving a request failed, errno {1}", getName(), -received);
          return false;
        }
      } catch (Throwable thrown) {
        SERVING.setOpaque(this, false);
        guard.threwOutsideRequests(getName(), thrown);
      }
    }
  }

  /** Between two requests: nothing is received and nothing is owed, so this holds up nobody. */
  @SuppressWarnings("ThreadPriorityCheck") // the scheduler is what this is about
  private void letOthersRun() {
    if (yielding.isOn()) {
      long before = System.nanoTime();
      Thread.yield();
      yielding.took(System.nanoTime() - before);
    }
    if ((requests & (Yielding.REQUESTS_PER_LOOK - 1)) == 0) {
      yielding.look(System.nanoTime());
    }
  }

  /**
   * Serves what was received until it has its answer. A transport that throws has not begun with
   * it, and an answer that is still owed could not be sent: both for want of memory, since somebody
   * else fills the heap. The kernel waits for either, so both are tried until there is some.
   */
  private void process() {
    for (boolean again = false; !processed(again); again = true) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    while (current.gate().isOwed() && !guard.answer(current)) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Whether the transport could begin with what was received; says once that it could not. */
  private boolean processed(boolean again) {
    try {
      transport.process(current);
      return true;
    } catch (OutOfMemoryError noMemory) {
      if (!again) {
        guard.threwOutsideRequests(getName(), noMemory);
      }
      return false;
    }
  }

  /**
   * Errors of one receive that say nothing about the next: a signal, a request that was withdrawn
   * (ENOENT, see the kernel's {@code fuse_dev_do_read}), no memory for a moment, nothing there
   * after all.
   */
  private static boolean isPassing(int errno) {
    return errno == Errno.EINTR
        || errno == Errno.EAGAIN
        || errno == Errno.ENOENT
        || errno == Errno.ENOMEM;
  }
}
