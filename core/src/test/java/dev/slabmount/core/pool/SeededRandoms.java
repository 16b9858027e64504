package dev.slabmount.core.pool;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Random numbers for the threads of a test, all from one seed, which is printed if the test fails.
 * {@code -Dtest.seed=SEED} makes the threads draw the same again; when each of them runs is not
 * theirs to repeat.
 *
 * <p>Registered with a field of the test. Any thread may call it; what it returns is for one.
 */
final class SeededRandoms implements AfterEachCallback {
  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final AtomicLong made = new AtomicLong();

  /** Numbers for one thread. */
  Random next() {
    return new Random(seed + made.getAndIncrement());
  }

  @Override
  public void afterEach(final ExtensionContext context) {
    if (context.getExecutionException().isPresent() && made.get() > 0) {
      System.out.println(context.getDisplayName() + ": failed with -Dtest.seed=" + seed);
    }
  }
}
