package dev.slabmount.fuse.session;

import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.dispatch.Dispatcher;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One mount from beginning to end.
 *
 * <pre>
 *   begin: mount, start workers, wait for init
 *   end:   the kernel answers ENODEV to every worker, for whatever reason: our own unmount, somebody's
 *          fusermount3 -u, an abort. The keeper thread joins the workers, waits for detached requests,
 *          frees the transport, tells the filesystem.
 * </pre>
 *
 * Every end takes the same way, so {@link #unmount} only has to make the kernel let go. Each step
 * of it has a deadline: ask (and ask again while the mount is busy), then take the name away and
 * serve the files that are still open, then cut the connection.
 */
public final class MountLifecycle {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final long INIT_SECONDS = 20;
  private static final long BUSY_RETRY_MILLIS = 20;
  private static final Duration AFTER_ABANDONING = Duration.ofSeconds(1);
  private static final Duration AFTER_CUTTING = Duration.ofSeconds(5);

  private final Transport transport;
  private final Dispatcher dispatcher;
  private final Path mountPoint;
  private final Duration drain;
  private final List<FuseWorker> workers = new ArrayList<>();
  private final CompletableFuture<EndReason> ended = new CompletableFuture<>();
  private volatile boolean unmountAsked;
  private volatile boolean cut;
  private volatile String device = "";

  private MountLifecycle(
      Transport transport, Dispatcher dispatcher, Path mountPoint, Duration drain) {
    this.transport = transport;
    this.dispatcher = dispatcher;
    this.mountPoint = mountPoint;
    this.drain = drain;
  }

  /**
   * Mounts and returns when the mount answers.
   *
   * @param drain how long an unmount waits for a busy mount, and again for requests under way
   */
  public static MountLifecycle begin(
      Transport transport,
      Dispatcher dispatcher,
      Path requested,
      List<String> options,
      int threads,
      Duration drain)
      throws MountException {
    MountLifecycle life;
    try {
      Path mountPoint = MountPoint.prepare(requested);
      transport.mount(mountPoint, options);
      life = new MountLifecycle(transport, dispatcher, mountPoint, drain);
    } catch (MountException | RuntimeException | Error e) {
      transport.close();
      throw e;
    }
    life.start(threads);
    return life;
  }

  /** Where it is mounted, absolute and resolved. */
  public Path mountPoint() {
    return mountPoint;
  }

  /** Requests served so far. */
  public long requestCount() {
    long sum = 0;
    for (FuseWorker worker : workers) {
      sum += worker.requestCount();
    }
    return sum;
  }

  /** Completed when everything has ended and is freed. */
  public CompletableFuture<EndReason> ended() {
    return ended;
  }

  /**
   * Ends the mount and returns when it has ended. Harmless if it has ended already.
   *
   * @throws MountException if the mount is still there after every deadline
   */
  public void unmount() throws MountException {
    unmountAsked = true;
    String problem = letGo(drain);
    if (!problem.isEmpty() && !ended.isDone()) {
      transport.contexts().abandonDetached();
      problem = letGo(AFTER_ABANDONING);
    }
    if (problem.isEmpty() && awaitEnd(drain)) {
      return;
    }
    LOG.log(Level.WARNING, "{0} is still in use; its connection is cut", mountPoint);
    cut = true;
    Unmounter.abort(device, mountPoint);
    Unmounter.unmount(mountPoint, true);
    if (!awaitEnd(drain.plus(AFTER_CUTTING))) {
      throw new MountException(
          Reason.BUSY,
          "cannot unmount %s: %s; close what is open there and run 'fusermount3 -u %s'"
              .formatted(mountPoint, problem.isEmpty() ? "it is in use" : problem, mountPoint));
    }
  }

  private void start(int threads) throws MountException {
    for (int i = 0; i < threads; i++) {
      workers.add(new FuseWorker("fuse-worker-" + i, transport));
    }
    workers.forEach(Thread::start);
    Thread keeper = new Thread(this::keep, "fuse-keeper");
    keeper.setDaemon(true);
    keeper.start();
    try {
      String agreed = transport.whenAgreed().get(INIT_SECONDS, TimeUnit.SECONDS);
      device = mounted().map(MountTable.Mount::device).orElse("");
      LOG.log(Level.INFO, "mounted {0} with {1}: {2}", mountPoint, transport.description(), agreed);
    } catch (ExecutionException | TimeoutException e) {
      unmount();
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new MountException(
          Reason.REFUSED, "cannot mount on " + mountPoint + ": init failed: " + cause, cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      unmount();
      throw new MountException(Reason.REFUSED, "interrupted while mounting on " + mountPoint, e);
    }
  }

  /** Unmounts, trying again while the mount is busy; returns what stood in the way, or nothing. */
  private String letGo(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!ended.isDone() && isStillOurs()) {
      Unmounter.Result result = Unmounter.unmount(mountPoint, false);
      switch (result.outcome()) {
        case DONE, NOT_MOUNTED -> {
          return "";
        }
        case FAILED -> {
          return result.message();
        }
        case BUSY -> {
          if (System.nanoTime() - deadline >= 0) {
            return "it is in use";
          }
          awaitEnd(Duration.ofMillis(BUSY_RETRY_MILLIS));
        }
      }
    }
    return "";
  }

  private boolean isStillOurs() {
    return mounted().filter(mount -> device.isEmpty() || mount.device().equals(device)).isPresent();
  }

  private Optional<MountTable.Mount> mounted() {
    try {
      return MountTable.at(mountPoint).filter(MountTable.Mount::isFuse);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot read the table of mounts", e);
      return Optional.empty();
    }
  }

  private boolean awaitEnd(Duration atMost) {
    try {
      ended.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the end of a mount cannot fail", e);
    }
  }

  /** The keeper thread: waits for the end and cleans up. */
  private void keep() {
    EndReason reason = EndReason.CONNECTION_LOST;
    try {
      for (FuseWorker worker : workers) {
        join(worker);
      }
      if (unmountAsked) {
        reason = cut ? EndReason.CUT_BY_US : EndReason.UNMOUNTED_BY_US;
      } else if (!isStillOurs()) {
        reason = EndReason.UNMOUNTED_BY_OTHERS;
      } else {
        LOG.log(Level.ERROR, "the connection of {0} is lost; its mount is removed", mountPoint);
        Unmounter.unmount(mountPoint, true);
      }
      drainDetached();
      transport.close();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "cleaning up after the mount on " + mountPoint + " failed", e);
    } finally {
      dispatcher.destroy();
      ended.complete(reason);
    }
  }

  private void drainDetached() {
    try {
      if (!transport.contexts().awaitNoneDetached(drain.toNanos())) {
        int abandoned = transport.contexts().abandonDetached();
        LOG.log(Level.WARNING, "{0} requests were still unanswered and got EIO", abandoned);
        transport.contexts().awaitNoneDetached(Long.MAX_VALUE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
