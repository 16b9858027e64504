package dev.slabmount.core.block;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;

/** Something that several threads do at once and that must end well. */
abstract class ConcurrentCheck {
  private static final int THREADS = 4;
  private static final long HANGS_AFTER_NANOS = 10_000_000_000L;

  private volatile String failure = "";

  /** What each thread does. */
  abstract void run(int thread);

  /** What must be true afterwards. */
  abstract boolean endsWell();

  final void fail(final String what) {
    failure = what;
  }

  final boolean hasFailed() {
    return !failure.isEmpty();
  }

  /** Runs all threads to their end, or until they hang; whether nothing failed. */
  final boolean passes() throws Exception {
    final CyclicBarrier start = new CyclicBarrier(THREADS);
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      final int number = i;
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  start.await();
                  run(number);
                } catch (final Exception | AssertionError e) {
                  fail(e.toString());
                }
              }));
    }
    final long deadline = System.nanoTime() + HANGS_AFTER_NANOS;
    for (final Thread thread : threads) {
      if (!thread.join(Duration.ofNanos(deadline - System.nanoTime()))) {
        fail("a thread hangs");
      }
    }
    return !hasFailed() && endsWell();
  }
}
