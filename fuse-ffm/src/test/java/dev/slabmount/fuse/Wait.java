package dev.slabmount.fuse;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for a condition, with a deadline. */
public final class Wait {
  private static final long SECONDS = 20;
  private static final long PAUSE_MILLIS = 2;

  private Wait() {}

  /** Returns when {@code condition} holds; fails with {@code what} if that takes too long. */
  public static void until(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("did not happen within " + SECONDS + " s: " + what);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
