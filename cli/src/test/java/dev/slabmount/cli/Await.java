package dev.slabmount.cli;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something that happens in another process. */
final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Await() {}

  /** Returns when the condition holds; fails with what is said after 30 s. */
  static void until(final BooleanSupplier condition, final Supplier<String> otherwise) {
    final long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > DEADLINE.toNanos()) {
        throw new AssertionError(otherwise.get());
      }
      try {
        Thread.sleep(PAUSE);
      } catch (final InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
