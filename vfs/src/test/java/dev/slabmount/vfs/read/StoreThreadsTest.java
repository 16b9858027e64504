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

    Probe(final int releases) {
      release = new CountDownLatch(releases);
    }

    @Override
    public void run() {
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
  }

  @Test
  void shouldRunTasksOnNamedThreads() throws Exception {
    final CountDownLatch done = new CountDownLatch(1);
    final List<String> names = new ArrayList<>();
    try (StoreThreads threads = new StoreThreads(1, 1, LONG)) {
      threads.submit(
          new StoreThreads.Task() {
            @Override
            public void run() {
              names.add(Thread.currentThread().getName());
              done.countDown();
            }

            @Override
            public void abort() {}
          });
      assertTrue(done.await(30, TimeUnit.SECONDS));
    }
    assertEquals(List.of("slabmount-store-0"), names);
  }

  @Test
  void shouldMakeTheCallerWaitWhenTheQueueIsFull() throws Exception {
    try (StoreThreads threads = new StoreThreads(1, 1, LONG)) {
      final Probe running = new Probe(1);
      final Probe queued = new Probe(0);
      final Probe third = new Probe(0);
      assertTrue(threads.submit(running));
      assertTrue(running.started.await(30, TimeUnit.SECONDS));
      assertTrue(threads.submit(queued));
      final Thread caller = Thread.ofPlatform().start(() -> threads.submit(third));
      waitUntil(() -> threads.waits() == 1);
      assertEquals(0, third.ended.get());
      assertEquals(2, threads.pending());
      running.release.countDown();
      assertTrue(caller.join(LONG));
      waitUntil(() -> third.ended.get() == 1);
      waitUntil(() -> threads.pending() == 0);
      assertEquals(1, threads.waits());
    }
  }

  @Test
  void shouldFinishAcceptedTasksOnClose() throws Exception {
    final StoreThreads threads = new StoreThreads(2, 100, LONG);
    final List<Probe> probes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      probes.add(new Probe(0));
      assertTrue(threads.submit(probes.getLast()));
    }
    threads.close();
    probes.forEach(probe -> assertEquals(1, probe.ended.get()));
    probes.forEach(probe -> assertEquals(0, probe.aborted.get()));
    assertFalse(threads.submit(new Probe(0)));
    threads.close();
  }

  @Test
  void shouldInterruptAndAbortAtTheDeadline() throws Exception {
    final StoreThreads threads = new StoreThreads(1, 5, SHORT);
    final Probe stuck = new Probe(1);
    final Probe waiting = new Probe(0);
    threads.submit(stuck);
    threads.submit(waiting);
    threads.close();
    waitUntil(() -> stuck.ended.get() == 1);
    assertTrue(stuck.interrupted);
    assertEquals(1, waiting.aborted.get());
    assertEquals(0, waiting.ended.get());
  }

  @Test
  void shouldReleaseWhoeverWaitsForAPlaceOnClose() throws Exception {
    final StoreThreads threads = new StoreThreads(1, 1, SHORT);
    final Probe running = new Probe(1);
    threads.submit(running);
    assertTrue(running.started.await(30, TimeUnit.SECONDS));
    threads.submit(new Probe(1));
    final AtomicInteger refused = new AtomicInteger();
    final Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              if (!threads.submit(new Probe(0))) {
                refused.incrementAndGet();
              }
            });
    waitUntil(() -> threads.waits() == 1);
    threads.close();
    assertTrue(caller.join(LONG));
    assertEquals(1, refused.get());
  }

  @Test
  void shouldRunOrAbortOrRefuseEveryTaskWhenClosedMeanwhile() throws Exception {
    for (int round = 0; round < 30; round++) {
      final StoreThreads threads = new StoreThreads(2, 3, SHORT);
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
        assertEquals(1, probe.ended.get() + probe.aborted.get());
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
