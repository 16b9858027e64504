package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clock shows the time of day and does not go back. */
@Timeout(30)
class WallClockTest {
  private static final int THREADS = 8; // more than processors: some are kept from running
  private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final WallClock clock = new WallClock();

  @Test
  void shouldShowTheTimeOfDay() {
    long nearest = Long.MAX_VALUE;
    for (int i = 0; i < 1000; i++) {
      long difference = clock.now() - TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
      nearest = Math.min(nearest, Math.abs(difference));
    }
    assertTrue(nearest <= NEAR_NANOS, nearest + " ns away");
  }

  @Test
  void shouldNotGoBackThoughManyLookAtATime() throws Exception {
    List<Callable<Long>> lookers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      lookers.add(this::furthestBack);
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Long> each : threads.invokeAll(lookers)) {
        assertEquals(0, each.get(), "ns back");
      }
    }
  }

  @Test
  void shouldNotJumpBecauseAThreadWasKeptFromRunningWhileItLooked() {
    for (int i = 0; i < 100; i++) {
      long before = clock.now();
      long began = System.nanoTime();
      clock.look(began - KEPT_NANOS);
      long passed = clock.now() - before;
      long atMost = System.nanoTime() - began + NEAR_NANOS;
      assertTrue(passed >= 0 && passed <= atMost, passed + " ns, at most " + atMost);
    }
  }

  /** The most that the time went back for this thread. */
  private long furthestBack() {
    long end = System.nanoTime() + RUN_NANOS;
    long furthest = 0;
    long before = clock.now();
    while (System.nanoTime() - end < 0) {
      long now = clock.now();
      furthest = Math.max(furthest, before - now);
      before = now;
    }
    return furthest;
  }
}
