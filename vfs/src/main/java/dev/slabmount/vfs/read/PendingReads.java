package dev.slabmount.vfs.read;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Request;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * All reads that wait for the store, at most so many, and the keeper: one thread that looks at each
 * of them every 50 ms and ends those that nobody should wait for any longer.
 *
 * <p>Any thread. The keeper sleeps while nothing is pending, and never waits for anything else.
 */
final class PendingReads implements AutoCloseable {

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How often the keeper finds nothing before it sleeps until it is woken. */
  private static final int LOOKS_BEFORE_SLEEP = 40;

  private final Set<Miss> misses = ConcurrentHashMap.newKeySet();
  private final int max;
  private final Semaphore places;
  private final ReadCounters counters;
  private final Fetches fetches;
  private final long timeoutNanos;
  private final long closeNanos;
  private final Thread keeper;
  private volatile boolean asleep;
  private volatile boolean closed;

  PendingReads(final ReadLimits limits, final Fetches fetches, final ReadCounters counters) {
    this.max = limits.pendingReads();
    this.places = new Semaphore(max);
    this.timeoutNanos = limits.fetchTimeout().toNanos();
    this.closeNanos = limits.closeDeadline().toNanos();
    this.fetches = fetches;
    this.counters = counters;
    this.keeper = Thread.ofPlatform().daemon().name("slabmount-read-keeper").unstarted(this::keep);
  }

  /** Starts the keeper. */
  void start() {
    keeper.start();
  }

  /**
   * Takes a place for a read, waiting until there is one: that is the back-pressure.
   *
   * @return false if the mount ended meanwhile or the caller gave up; the request is answered then
   */
  boolean enter(final Request request) {
    if (places.tryAcquire()) {
      return true;
    }
    counters.waits.increment();
    boolean interrupted = false;
    try {
      while (!closed) {
        if (request.interrupted()) {
          counters.interrupts.increment();
          request.reply().error(Errno.EINTR);
          return false;
        }
        try {
          if (places.tryAcquire(LOOK_NANOS, TimeUnit.NANOSECONDS)) {
            return true;
          }
        } catch (final InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    counters.failures.increment();
    request.reply().error(Errno.EIO);
    return false;
  }

  /** A read that has a place begins to wait. */
  void add(final Miss miss) {
    misses.add(miss);
    wake();
    if (closed) { // V4
      miss.abort();
    }
  }

  /** A place that was taken is not used after all. */
  void leaveUnused() {
    places.release();
  }

  /** A read waits no more. */
  void leave(final Miss miss) {
    if (misses.remove(miss)) {
      places.release();
    }
  }

  /** Something waits for the store: the keeper has to look after it. */
  void wake() {
    if (asleep) {
      LockSupport.unpark(keeper);
    }
  }

  /** How many wait, about now. */
  int count() {
    return misses.size();
  }

  private void keep() {
    int idleLooks = 0;
    while (!closed) {
      if (look()) {
        idleLooks = 0;
      } else {
        idleLooks++;
      }
      if (idleLooks < LOOKS_BEFORE_SLEEP) {
        LockSupport.parkNanos(this, LOOK_NANOS);
      } else {
        sleepUntilWoken();
        idleLooks = 0;
      }
    }
  }

  /** Whoever adds something then sees that we are asleep, or we see what was added: edge V3. */
  private void sleepUntilWoken() {
    asleep = true;
    if (!closed && misses.isEmpty() && fetches.isEmpty()) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  /** Ends what is over; false if nothing is pending. */
  private boolean look() {
    try {
      final long now = System.nanoTime();
      for (final Miss miss : misses) {
        miss.endIfOver(now, timeoutNanos);
      }
      fetches.endOverdue(now, timeoutNanos);
    } catch (final Throwable e) { // Memory or stack, perhaps: there may be some the next time.
      BlockReader.LOG.log(Level.WARNING, "while looking after pending reads", e);
    }
    return !misses.isEmpty() || !fetches.isEmpty();
  }

  /**
   * Waits until nothing is pending or the deadline passes; then answers everything that still waits
   * with EIO, ends the keeper, and lets nobody in any more. Closing twice is harmless.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (places.tryAcquire(max, closeNanos, TimeUnit.NANOSECONDS)) {
        places.release(max);
      }
    } catch (final InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    closed = true;
    LockSupport.unpark(keeper);
    misses.forEach(Miss::abort);
  }
}
