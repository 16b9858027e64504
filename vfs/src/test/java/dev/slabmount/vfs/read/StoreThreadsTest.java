package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoreThreadsTest {

  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Waits for a latch when run, and counts what became of it. */
  private static final class Probe implements StoreThreads.Task {
    final CountDownLatch release;
    final CountDownLatch started = new CountDownLatch(1);
    final AtomicInteger ended = new AtomicInteger();
    final AtomicInteger aborted = new AtomicInteger();
    volatile boolean interrupted;
    volatile String thread = "";

    Probe(final int releases) {
      release = new CountDownLatch(releases);
    }

    @Override
    public void run() {
      thread = Thread.currentThread().getName();
      started.countDown();
      try {
        release.await();
      } catch (final InterruptedException _) {
        interrupted = true;
      }
      ended.incrementAndGet();
    }

    @Override
    public void abort() {
      aborted.incrementAndGet();
    }

    void awaitStart() throws InterruptedException {
      assertTrue(started.await(30, TimeUnit.SECONDS));
    }
  }

  private static StoreThreads threads(final int max, final Duration deadline) {
    return new StoreThreads("test-store-", max, deadline);
  }

  @Test
  void shouldRunTasksOnNamedThreads() throws Exception {
    try (StoreThreads threads = threads(1, LONG)) {
      final Probe probe = new Probe(0);
      assertTrue(threads.submit(probe));
      probe.awaitStart();
      assertEquals("test-store-0", probe.thread);
    }
  }

  @Test
  void shouldStartAThreadForEachTaskThatFindsNoneIdle() throws Exception {
    try (StoreThreads threads = threads(200, LONG)) {
      final List<Probe> stuck = new ArrayList<>();
      for (int i = 0; i < 199; i++) {
        stuck.add(new Probe(1));
        assertTrue(threads.submit(stuck.getLast()));
        stuck.getLast().awaitStart();
      }
      assertEquals(199, threads.threads());
      for (int i = 0; i < 50; i++) {
        final Probe healthy = new Probe(0);
        assertTrue(threads.submit(healthy));
        waitUntil(() -> healthy.ended.get() == 1);
      }
      stuck.forEach(probe -> assertEquals(0, probe.ended.get()));
      stuck.forEach(probe -> probe.release.countDown());
    }
  }

  @Test
  void shouldLetTasksWaitInOrderWhenAllThreadsHang() throws Exception {
    try (StoreThreads threads = threads(2, LONG)) {
      final List<Probe> probes = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        probes.add(new Probe(1));
        threads.submit(probes.getLast());
        probes.getLast().awaitStart();
      }
      for (int i = 0; i < 100; i++) {
        probes.add(new Probe(i == 0 ? 1 : 0));
        assertTrue(threads.submit(probes.getLast()));
      }
      assertEquals(2, threads.threads());
      probes.subList(2, 102).forEach(probe -> assertEquals(1, probe.started.getCount()));
      probes.getFirst().release.countDown();
      probes.get(2).awaitStart();
      assertEquals(1, probes.get(3).started.getCount(), "in order");
      probes.get(2).release.countDown();
      probes.getLast().awaitStart();
      probes.get(1).release.countDown();
    }
  }

  @Test
  void shouldForgetWhatNeedNotBeRun() throws Exception {
    try (StoreThreads threads = threads(1, LONG)) {
      final Probe stuck = new Probe(1);
      final Probe over = new Probe(0);
      final Probe waiting = new Probe(0);
      threads.submit(stuck);
      threads.submit(over);
      threads.submit(waiting);
      stuck.awaitStart();
      threads.forget(task -> task == over);
      stuck.release.countDown();
      waitUntil(() -> waiting.ended.get() == 1);
      assertEquals(0, over.ended.get() + over.aborted.get());
    }
  }

  @Test
  void shouldInterruptWhatRunsAndAbortWhatWaitsOnClose() throws Exception {
    final StoreThreads threads = threads(1, SHORT);
    final Probe stuck = new Probe(1);
    final Probe waiting = new Probe(0);
    threads.submit(stuck);
    threads.submit(waiting);
    stuck.awaitStart();
    threads.close();
    waitUntil(() -> stuck.ended.get() == 1);
    assertTrue(stuck.interrupted);
    assertEquals(1, waiting.aborted.get());
    assertEquals(0, waiting.ended.get());
    assertFalse(threads.submit(new Probe(0)));
    threads.close();
  }

  @Test
  void shouldRunOrAbortOrRefuseEveryTaskWhenClosedMeanwhile() throws Exception {
    for (int round = 0; round < 30; round++) {
      final StoreThreads threads = threads(2, SHORT);
      final List<Probe> accepted = java.util.Collections.synchronizedList(new ArrayList<>());
      final List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        callers.add(
            Thread.ofPlatform()
                .start(() -> {
                  Probe probe = new Probe(0);
                  while (threads.submit(probe)) {
                    accepted.add(probe);
                    probe = new Probe(0);
                  }
                }));
      }
      waitUntil(() -> accepted.size() > 20);
      threads.close();
      for (final Thread caller : callers) {
        assertTrue(caller.join(LONG));
      }
      for (final Probe probe : accepted) {
        waitUntil(() -> probe.ended.get() + probe.aborted.get() == 1);
      }
    }
  }

  private static void waitUntil(final BooleanSupplier condition) throws InterruptedException {
    final long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not in time");
      Thread.onSpinWait();
    }
  }
}
