package dev.slabmount.core.slab;

import java.io.Serial;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for sections of less than a microsecond: a thread that finds it taken looks again for
 * about as long as such a section takes before it sleeps.
 *
 * <p>Going to sleep and being woken cost two system calls and many times the section itself, and
 * while threads queue, whoever leaves has to wake the next: a lock that is taken once per
 * microsecond then stays in that state. A short look avoids nearly all of it. If the holder has
 * lost its processor the look is in vain, and the thread sleeps as with any lock.
 */
public final class ShortLock extends ReentrantLock {
  @Serial private static final long serialVersionUID = 1L;

  private static final int LOOKS = 64;

  /** A lock that is free. */
  public ShortLock() {}

  @Override
  public void lock() {
    for (int i = 0; i < LOOKS; i++) {
      if (!isLocked() && tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    super.lock();
  }
}
