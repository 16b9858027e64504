package dev.slabmount.vfs.read;

import java.time.Duration;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The threads that may wait for a content store.
 *
 * <p>A task goes to an idle thread if there is one, else to a new one: so tasks that hang do not
 * keep others waiting, until as many hang as there may be threads. Only then tasks wait in a queue,
 * in order. A few threads are kept for ever, others until they were idle for half a minute.
 *
 * <p>Platform threads, because reading a file pins a virtual thread's carrier. They do not keep the
 * JVM alive. A system that refuses to start another thread makes tasks wait for those there are.
 *
 * <p>{@link #submit} may be called by any thread and waits for nothing. Every task that was
 * accepted is run, aborted or {@linkplain #forget forgotten} exactly once, also if this is closed
 * meanwhile.
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

  private static final int KEPT_THREADS = 4;
  private static final long IDLE_SECONDS = 30;

  private final HandOver waiting = new HandOver();
  private final ThreadPoolExecutor executor;
  private final Duration closeDeadline;

  /** Accepts an offer only if a thread waits for it, so that the executor starts one otherwise. */
  private static final class HandOver extends LinkedTransferQueue<Runnable> {
    private static final long serialVersionUID = 1;

    @Override
    public boolean offer(final Runnable task) {
      return tryTransfer(task);
    }
  }

  /**
   * Starts the threads that are kept.
   *
   * @param name what the threads are called, before their number
   * @param threadsMax most threads at once
   * @param closeDeadline how long {@link #close} waits for threads that it interrupted
   */
  public StoreThreads(final String name, final int threadsMax, final Duration closeDeadline) {
    this.closeDeadline = closeDeadline;
    this.executor =
        new ThreadPoolExecutor(
            Math.min(KEPT_THREADS, threadsMax),
            threadsMax,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            waiting,
            Thread.ofPlatform().daemon().name(name, 0).factory(),
            (task, full) -> enqueue(task));
    executor.prestartAllCoreThreads();
  }

  /**
   * Hands a task over.
   *
   * @return false if this is closed and the task was not accepted
   */
  public boolean submit(final Task task) {
    try {
      executor.execute(task);
      return true;
    } catch (final RejectedExecutionException _) {
      return false;
    } catch (final OutOfMemoryError e) { // No thread could be started; the kept ones are there.
      BlockReader.LOG.log(System.Logger.Level.WARNING, "cannot start a thread: {0}", e);
      return tryEnqueue(task);
    }
  }

  private void enqueue(final Runnable task) {
    if (!tryEnqueue(task)) {
      throw new RejectedExecutionException("closed");
    }
  }

  /** Lets a task wait for a thread; false if this is closed. */
  private boolean tryEnqueue(final Runnable task) {
    if (executor.isShutdown()) {
      return false;
    }
    waiting.put(task);
    // V6: if it was closed meanwhile, perhaps nobody is left to run what was put last.
    return !(executor.isShutdown() && waiting.remove(task));
  }

  /** Takes tasks out that wait for a thread and need not be run any more. Looks at all of them. */
  void forget(final Predicate<? super Runnable> isOver) {
    waiting.removeIf(isOver);
  }

  /** Threads there are, about now. */
  public int threads() {
    return executor.getPoolSize();
  }

  /**
   * Accepts nothing more, interrupts the tasks that run and aborts those that wait. Waits for
   * nothing.
   */
  public void stop() {
    for (final Runnable unrun : executor.shutdownNow()) {
      ((Task) unrun).abort();
    }
  }

  /**
   * {@linkplain #stop Stops} and waits for the threads to end. Those that do not end by the
   * deadline are left behind, which is logged. Closing twice is harmless.
   */
  @Override
  public void close() {
    stop();
    awaitEnd(System.nanoTime() + closeDeadline.toNanos());
  }

  /**
   * Waits for the threads to end, after {@link #stop}, as {@link #close} does.
   *
   * @param untilNanos how long, as {@link System#nanoTime}
   */
  void awaitEnd(final long untilNanos) {
    try {
      if (!executor.awaitTermination(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        BlockReader.LOG.log(
            System.Logger.Level.WARNING,
            "{0} store threads did not end within {1}; left behind",
            executor.getPoolSize(),
            closeDeadline);
      }
    } catch (final InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
