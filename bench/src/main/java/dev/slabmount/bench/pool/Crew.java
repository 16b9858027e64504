package dev.slabmount.bench.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work until they are told to stop, each with a work of its own. What they did is read
 * while they work, so that neither their start nor their end is in it. Threads are not tied to
 * processors: the system spreads them, for all contestants alike.
 *
 * <p>Begun, sampled and ended by one thread.
 */
final class Crew implements AutoCloseable {
  /** How long the crew works before anything is counted. */
  private static final long SETTLE_MILLIS = 40;

  private static final long END_SECONDS = 60;
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  /** Counts lie so many array elements apart: two cache lines. */
  private static final int APART = 16;

  private final ThreadMXBean threadFigures = ManagementFactory.getThreadMXBean();
  private final List<Thread> threads = new ArrayList<>();
  private final long[] counts;
  private volatile boolean stop;
  private volatile @Nullable Throwable failure;

  /** Starts one thread for each work; all begin together. */
  Crew(List<Work> works, int[] draws) {
    counts = new long[(works.size() + 1) * APART];
    CountDownLatch together = new CountDownLatch(works.size());
    for (int i = 0; i < works.size(); i++) {
      int number = i;
      Work work = works.get(i);
      Thread thread = new Thread(() -> work(number, work, draws, together), "crew-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  private void work(int number, Work work, int[] draws, CountDownLatch together) {
    try {
      int slot = (number + 1) * APART;
      int at = Draws.start(number);
      long count = 0;
      together.countDown();
      together.await();
      while (!stop) {
        work.batch(draws, at);
        at = (at + Work.BATCH) & (draws.length - 1);
        count += Work.BATCH;
        LONGS.setOpaque(counts, slot, count);
      }
    } catch (Throwable e) { // Told to whoever samples.
      failure = e;
    }
  }

  /** Lets them settle, then counts for so long. */
  Tally sample(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    long[] countsBefore = counts();
    long[] cpuBefore = cpuNanos();
    long begin = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(millis);
    long[] operations = counts();
    long nanos = System.nanoTime() - begin;
    long[] cpu = cpuNanos();
    check();
    for (int i = 0; i < operations.length; i++) {
      operations[i] -= countsBefore[i];
      cpu[i] -= cpuBefore[i];
    }
    return new Tally(nanos, operations, cpu);
  }

  /** Operations of all threads so far. */
  long total() {
    check();
    long all = 0;
    for (long each : counts()) {
      all += each;
    }
    return all;
  }

  private void check() {
    if (failure != null) {
      throw new IllegalStateException("a thread failed: " + failure, failure);
    }
  }

  private long[] counts() {
    long[] all = new long[threads.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = (long) LONGS.getOpaque(counts, (i + 1) * APART);
    }
    return all;
  }

  private long[] cpuNanos() {
    long[] all = new long[threads.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = threadFigures.getThreadCpuTime(threads.get(i).threadId());
    }
    return all;
  }

  /** Stops them and waits until they have. */
  @Override
  public void close() {
    stop = true;
    for (Thread thread : threads) {
      try {
        if (!thread.join(Duration.ofSeconds(END_SECONDS))) {
          throw new IllegalStateException(thread.getName() + " does not end");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
