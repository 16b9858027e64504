package dev.slabmount.vfs.read;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The threads that may wait for a content store, and the bounded queue before them.
 *
 * <p>Platform threads, because reading a file pins a virtual thread's carrier. They do not keep the
 * JVM alive.
 *
 * <p>{@link #submit} may be called by any thread. Every task that was accepted is run or aborted
 * exactly once, also if this is closed meanwhile.
 */
public final class StoreThreads implements AutoCloseable {

  /** Something that needs a store. */
  public interface Task extends Runnable {
    /** Does it. May block. Throws nothing. */
    @Override
    void run();

    /** Says that it will never be run. Does not block. */
    void abort();
  }

  /** How often a thread that waits for a place in the queue looks whether this was closed. */
  private static final long LOOK_MILLIS = 50;

  private final ThreadPoolExecutor executor;
  private final Duration closeDeadline;
  private final LongAdder waits = new LongAdder();

  /**
   * Starts the threads.
   *
   * @param threadCount how many
   * @param queueCapacity how many tasks may wait for a thread
   * @param closeDeadline how long {@link #close} lets accepted tasks finish, and once more how long
   *     it waits for those that it interrupted then
   */
  public StoreThreads(
      final int threadCount, final int queueCapacity, final Duration closeDeadline) {
    this.closeDeadline = closeDeadline;
    this.executor =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueCapacity),
            Thread.ofPlatform().daemon().name("slabmount-store-", 0).factory(),
            this::waitForPlace);
    executor.prestartAllCoreThreads();
  }

  /**
   * Hands a task over. If the queue is full the caller waits: that is the back-pressure, and it is
   * counted.
   *
   * @return false if this is closed and the task was not accepted
   */
  public boolean submit(final Task task) {
    try {
      executor.execute(task);
      return true;
    } catch (final RejectedExecutionException _) {
      return false;
    }
  }

  private void waitForPlace(final Runnable task, final ThreadPoolExecutor full) {
    boolean waited = false;
    boolean interrupted = false;
    try {
      while (!full.isShutdown()) {
        if (!waited) {
          waited = true;
          waits.increment();
        }
        try {
          if (full.getQueue().offer(task, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            // If it was closed meanwhile, perhaps nobody is left to run what was put last.
            if (full.isShutdown() && full.remove(task)) {
              break;
            }
            return;
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
    throw new RejectedExecutionException("closed");
  }

  /** Tasks that wait for a thread or are being run, about now. */
  public int pending() {
    return executor.getQueue().size() + executor.getActiveCount();
  }

  /** How often {@link #submit} had to wait because the queue was full. */
  public long waits() {
    return waits.sum();
  }

  /**
   * Accepts nothing more, lets accepted tasks finish until the deadline, then interrupts those that
   * run and aborts those that wait. Threads that do not end even then are left behind, which is
   * logged. Closing twice is harmless.
   */
  @Override
  public void close() {
    executor.shutdown();
    if (hasEnded()) {
      return;
    }
    for (final Runnable waiting : executor.shutdownNow()) {
      ((Task) waiting).abort();
    }
    if (!hasEnded()) {
      BlockReader.LOG.log(
          System.Logger.Level.WARNING,
          "store threads did not end within {0}; left behind",
          closeDeadline.multipliedBy(2));
    }
  }

  private boolean hasEnded() {
    try {
      return executor.awaitTermination(closeDeadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (final InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
