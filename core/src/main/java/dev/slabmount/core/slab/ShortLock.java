package dev.slabmount.core.slab;

import java.io.Serial;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for sections of less than a microsecond: a thread that finds it taken {@linkplain
 * ShortWait looks again} for a while before it sleeps.
 *
 * <p>While threads queue for a lock, whoever leaves has to wake the next, and whoever comes finds a
 * queue: a lock that is taken once per microsecond then stays in that state. Looks avoid nearly all
 * of it.
 */
public final class ShortLock extends ReentrantLock {
  @Serial private static final long serialVersionUID = 1L;

  /** A lock that is free. */
  public ShortLock() {}

  @Override
  public void lock() {
    int looks = 0;
    do {
      if (!isLocked() && tryLock()) {
        return;
      }
    } while (ShortWait.pause(looks++));
    super.lock();
  }
}
