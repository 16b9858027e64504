package dev.slabmount.fuse.session;

import dev.slabmount.fuse.EndReason;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.MountException.Reason;
import dev.slabmount.fuse.dispatch.ContextPool;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One mount from beginning to end.
 *
 * <pre>
 *   begin: mount, start workers, wait for init
 *   end:   the kernel answers ENODEV to every worker, for whatever reason: our own unmount, somebody's
 *          fusermount3 -u, an abort. The keeper thread waits for the workers and for detached requests,
 *          frees the transport, tells the filesystem.
 * </pre>
 *
 * Every end takes the same way, so {@link #unmount} only has to make the kernel let go. Each step
 * of it has a deadline: ask (and ask again while the mount is busy), then cut the connection and
 * take the name away.
 *
 * <p>An operation that never returns holds up nobody: when the keeper's own deadline has passed,
 * the mount counts as ended. What the operation may still use is freed, and the filesystem told,
 * only when it does return.
 *
 * <p>Thread-safe; {@link #unmount} may be called by several threads and at any time, but not by a
 * worker.
 */
public final class MountLifecycle {
  private static final Logger LOG = System.getLogger("dev.slabmount.fuse");
  private static final long INIT_SECONDS = 20;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration AFTER_ABANDONING = Duration.ofSeconds(1);
  private static final Duration AFTER_DRAINING = Duration.ofSeconds(5);

  private final Transport transport;
  private final Dispatcher dispatcher;
  private final Path mountPoint;
  private final Duration drain;
  private final List<FuseWorker> workers = new ArrayList<>();
  private final Yielding yielding;
  private final AtomicInteger workersLeft = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CompletableFuture<EndReason> ended = new CompletableFuture<>();
  private EndReason reason = EndReason.CONNECTION_LOST; // the keeper's
  private volatile boolean unmountAsked;
  private volatile boolean cut;
  private volatile String device = "";
  private volatile String hanging = "";

  private MountLifecycle(
      Transport transport,
      Dispatcher dispatcher,
      Path mountPoint,
      boolean mayYield,
      Duration drain) {
    yielding = new Yielding(mayYield, this::requestCount, System.nanoTime());
    this.transport = transport;
    this.dispatcher = dispatcher;
    this.mountPoint = mountPoint;
    this.drain = drain;
  }

  /**
   * Mounts and returns when the mount answers.
   *
   * @param mayYield whether workers may let others run before they wait, where that pays
   * @param drain how long an unmount waits for a busy mount, and again for requests under way
   */
  public static MountLifecycle begin(
      Transport transport,
      Dispatcher dispatcher,
      Path requested,
      List<String> options,
      int threads,
      boolean mayYield,
      Duration drain)
      throws MountException {
    MountLifecycle life;
    try {
      Path mountPoint = MountPoint.prepare(requested);
      life = new MountLifecycle(transport, dispatcher, mountPoint, mayYield && threads > 1, drain);
      for (int i = 0; i < threads; i++) {
        life.addWorker("fuse-worker-" + i);
      }
      transport.mount(mountPoint, options);
    } catch (MountException | RuntimeException | Error e) {
      transport.close();
      throw e;
    }
    life.start();
    life.awaitInit();
    return life;
  }

  /** Where it is mounted, absolute and resolved. */
  public Path mountPoint() {
    return mountPoint;
  }

  /** Has the kernel read so many bytes ahead in this mount, and logs what came of it. */
  public void readAhead(int bytes) {
    LOG.log(Level.INFO, "{0}: {1}", mountPoint, new ReadAhead().set(device, bytes));
  }

  /** Requests served so far. */
  public long requestCount() {
    long sum = 0;
    for (int i = 0; i < workers.size(); i++) { // no iterator: workers ask, who allocate nothing
      sum += workers.get(i).requestCount();
    }
    return sum;
  }

  /** Completed when the mount is gone and everything is freed that no operation still uses. */
  public CompletableFuture<EndReason> ended() {
    return ended;
  }

  /**
   * Ends the mount and returns when it has ended. Harmless if it has ended already.
   *
   * @throws MountException if the mount is still there after every deadline, or if it is gone but
   *     an operation has not returned
   * @throws IllegalStateException on a worker, which would wait for itself
   */
  public void unmount() throws MountException {
    if (Thread.currentThread() instanceof FuseWorker worker && workers.contains(worker)) {
      throw new IllegalStateException("an operation cannot wait for the end of its own mount");
    }
    unmountAsked = true;
    String problem = letGo(drain);
    if (!problem.isEmpty()) {
      // Whoever waits for an answer that never comes keeps the mount busy.
      transport.contexts().abandonDetached();
      problem = letGo(AFTER_ABANDONING);
    }
    if (!problem.isEmpty()) {
      LOG.log(Level.WARNING, "{0}: {1}; its connection is cut", mountPoint, problem);
      cutConnection();
    }
    over.countDown();
    if (!awaitEnd(drain.plus(AFTER_ABANDONING).plus(AFTER_DRAINING))) {
      throw new MountException(
          Reason.BUSY,
          "cannot unmount %s: %s; close what is open there and run 'fusermount3 -u %s'"
              .formatted(
                  mountPoint,
                  problem.isEmpty() ? "its filesystem does not end" : problem,
                  mountPoint));
    }
    if (!hanging.isEmpty()) {
      throw new MountException(
          Reason.BUSY, "the mount on %s is gone, but %s".formatted(mountPoint, hanging));
    }
  }

  private void addWorker(String name) {
    workers.add(
        new FuseWorker(
            name,
            transport,
            dispatcher.guard(),
            yielding,
            mountEnded -> {
              if (workersLeft.decrementAndGet() == 0 || mountEnded) {
                over.countDown();
              }
            }));
  }

  /** It is mounted; from here on the keeper cleans up, whatever happens. */
  private void start() {
    workersLeft.set(workers.size());
    Thread keeper = new Thread(null, this::keep, "fuse-keeper", 0, false);
    keeper.setDaemon(true);
    try {
      workers.forEach(Thread::start);
      keeper.start();
    } catch (RuntimeException | Error e) {
      unmountAsked = true;
      cutConnection();
      over.countDown();
      keep();
      throw e;
    }
  }

  private void awaitInit() throws MountException {
    CompletableFuture<String> agreed = transport.whenAgreed();
    Throwable problem;
    try {
      CompletableFuture.anyOf(agreed, ended).get(INIT_SECONDS, TimeUnit.SECONDS);
      if (agreed.isDone()) {
        device = mounted().map(MountTable.Mount::device).orElse("");
        LOG.log(
            Level.INFO,
            "mounted {0} with {1}: {2}",
            mountPoint,
            transport.description(),
            agreed.get());
        return;
      }
      problem = new IOException("the connection ended before it began");
    } catch (ExecutionException e) {
      problem = e.getCause();
    } catch (TimeoutException e) {
      problem = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = e;
    }
    MountException failure =
        new MountException(
            Reason.REFUSED, "cannot mount on " + mountPoint + ": init failed: " + problem, problem);
    try {
      unmount();
    } catch (MountException e) {
      failure.addSuppressed(e);
    }
    throw failure;
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
          awaitEnd(Duration.ofNanos(RETRY_NANOS));
        }
      }
    }
    return "";
  }

  /** Fails every request under way and every later one, and takes the name away. */
  private void cutConnection() {
    cut = true;
    if (isStillOurs()) {
      Unmounter.abort(device, mountPoint);
      Unmounter.unmount(mountPoint, true);
    }
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
    return Uninterrupted.await(
        atMost.toNanos(),
        nanos -> {
          try {
            ended.get(nanos, TimeUnit.NANOSECONDS);
            return true;
          } catch (TimeoutException e) {
            return false;
          } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a mount cannot fail", e);
          }
        });
  }

  /**
   * The keeper thread: waits for the end and cleans up. Memory that an operation may use is freed
   * only when none is left, whatever fails before.
   */
  private void keep() {
    Uninterrupted.await(Long.MAX_VALUE, nanos -> over.await(nanos, TimeUnit.NANOSECONDS));
    tidied(() -> reason = whyEnded());
    while (!tidied(this::awaitNobody)) {
      LockSupport.parkNanos(RETRY_NANOS); // The heap is full, as a rule; not for ever.
    }
    tidied(transport::close);
    tidied(dispatcher::destroy);
    ended.complete(reason);
  }

  /** Does a part of cleaning up; returns whether it did not fail. Does not throw. */
  private boolean tidied(Runnable part) {
    try {
      part.run();
      return true;
    } catch (RuntimeException | Error e) {
      dispatcher.guard().threwOutsideRequests("cleaning up after a mount", e);
      return false;
    }
  }

  /** Returns when no request is under way, for good. */
  private void awaitNobody() {
    if (!drained()) {
      hanging = FuseWorker.whatHangs(workers);
      LOG.log(
          Level.ERROR,
          "the mount on {0} is gone, but {1}; what it may still use is freed when it does",
          mountPoint,
          hanging);
      ended.complete(reason);
      awaitRequests(Long.MAX_VALUE);
      hanging = "";
    }
  }

  private EndReason whyEnded() {
    if (unmountAsked) {
      return cut ? EndReason.CUT_BY_US : EndReason.UNMOUNTED_BY_US;
    }
    if (!isStillOurs()) {
      return EndReason.UNMOUNTED_BY_OTHERS;
    }
    LOG.log(Level.ERROR, "the connection of {0} is lost; its mount is removed", mountPoint);
    Unmounter.unmount(mountPoint, true);
    return EndReason.CONNECTION_LOST;
  }

  /**
   * Waits until no request is under way. Those that are still detached at the deadline get EIO,
   * again and again, because each makes room for a worker that waits to detach the next.
   */
  private boolean drained() {
    if (awaitRequests(drain.toNanos())) {
      return true;
    }
    ContextPool contexts = transport.contexts();
    int abandoned = 0;
    long deadline = System.nanoTime() + AFTER_ABANDONING.toNanos();
    boolean done = false;
    while (!done && System.nanoTime() - deadline < 0) {
      abandoned += contexts.abandonDetached();
      done = awaitRequests(RETRY_NANOS);
    }
    if (abandoned > 0) {
      LOG.log(Level.WARNING, "{0} requests were still unanswered and got EIO", abandoned);
    }
    if (!done && workers.stream().anyMatch(w -> w.isAlive() && !w.isServing())) {
      // It still receives, so the connection lives on: in a mount namespace that has a copy of it.
      cut = true;
      Unmounter.abortConnection(device);
      done = awaitRequests(AFTER_ABANDONING.toNanos());
    }
    return done;
  }

  private boolean awaitRequests(long nanos) {
    return Uninterrupted.await(
        nanos,
        left -> {
          long deadline = System.nanoTime() + left;
          for (FuseWorker worker : workers) {
            long rest = Math.max(0, deadline - System.nanoTime());
            if (worker.isAlive() && !worker.join(Duration.ofNanos(rest))) {
              return false;
            }
          }
          long rest = Math.max(0, deadline - System.nanoTime());
          return transport.contexts().awaitNoneDetached(rest);
        });
  }
}
