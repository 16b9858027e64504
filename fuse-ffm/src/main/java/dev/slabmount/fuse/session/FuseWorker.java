package dev.slabmount.fuse.session;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.dispatch.ContextOwner;
import dev.slabmount.fuse.dispatch.RequestContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A thread that receives one request after another and serves it. It owns its context, so workers
 * share nothing on the way; it ends when the mount does.
 *
 * <p>A platform thread on purpose: it spends its life in a blocking read of the kernel, which would
 * pin a virtual thread to its carrier.
 */
final class FuseWorker extends Thread implements ContextOwner {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final VarHandle REQUESTS;

  static {
    try {
      REQUESTS = MethodHandles.lookup().findVarHandle(FuseWorker.class, "requests", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Transport transport;
  private RequestContext current;

  // Written by this thread alone and read by whoever wants figures: opaque is enough for both.
  private long requests;

  FuseWorker(String name, Transport transport) {
    super(null, null, name, 0, false);
    this.transport = transport;
    this.current = transport.contexts().create(this);
    setDaemon(true);
  }

  /** Requests served so far. Any thread. */
  long requestCount() {
    return (long) REQUESTS.getOpaque(this);
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
    while (true) {
      int received = transport.receive(current);
      if (received > 0) {
        REQUESTS.setOpaque(this, requests + 1);
        transport.process(current);
      } else if (received == 0) {
        return;
      } else if (!isPassing(-received)) {
        LOG.log(Level.ERROR, getName() + " ends: receiving a request failed, errno " + -received);
        return;
      }
    }
  }

  /**
   * Errors of one receive that say nothing about the next: a signal, a request that was withdrawn
   * (ENOENT, see the kernel's {@code fuse_dev_do_read}), nothing there after all.
   */
  private static boolean isPassing(int errno) {
    return errno == Errno.EINTR || errno == Errno.EAGAIN || errno == Errno.ENOENT;
  }
}
