package dev.slabmount.core.block;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches over threads that are about to sleep until somebody wakes them. One that nobody wakes for
 * seconds is woken from here, so that a test with a lost wake-up ends, and says so.
 */
final class Sleepers {
  private static final long PATIENCE_NANOS = 3_000_000_000L;

  private static final ConcurrentHashMap<Thread, Long> ASLEEP = new ConcurrentHashMap<>();
  private static final ConcurrentHashMap<Thread, Boolean> FORGOTTEN = new ConcurrentHashMap<>();

  static {
    Thread.ofPlatform().daemon().name("sleepers").start(Sleepers::watch);
  }

  private Sleepers() {}

  /** Runs something that sleeps; returns whether it ended without help. */
  static boolean sleep(final Runnable sleep) {
    final Thread me = Thread.currentThread();
    ASLEEP.put(me, System.nanoTime());
    sleep.run();
    ASLEEP.remove(me);
    return FORGOTTEN.remove(me) == null;
  }

  private static void watch() {
    for (; ; ) {
      LockSupport.parkNanos(PATIENCE_NANOS / 10);
      ASLEEP.forEach((thread, since) -> {
        if (System.nanoTime() - since > PATIENCE_NANOS) {
          FORGOTTEN.put(thread, true);
          LockSupport.unpark(thread);
        }
      });
    }
  }
}
