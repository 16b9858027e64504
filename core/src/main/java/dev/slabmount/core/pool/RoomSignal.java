package dev.slabmount.core.pool;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets threads sleep until something happened that may have made room.
 *
 * <p>A waiter {@linkplain #enter enters}, reads the {@linkplain #epoch epoch}, looks for room, and
 * if there is none {@linkplain #await sleeps} until the epoch has moved on. Whoever makes room does
 * so first and then calls {@link #raise}. Both the waiter count and the change that makes room are
 * volatile, so one of the two sees the other (edge E8 of docs/MEMORY_MODEL.md): either the waiter
 * finds the room, or the raiser finds the waiter.
 *
 * <p>Any thread. With nobody waiting, {@link #raise} costs one read of a field that is hardly ever
 * written.
 */
final class RoomSignal {
  private final AtomicInteger waiters = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raised = lock.newCondition();
  private final AtomicInteger epoch = new AtomicInteger();

  /** From now on {@link #raise} moves the epoch on. To be undone by {@link #leave}. */
  void enter() {
    waiters.incrementAndGet();
  }

  void leave() {
    waiters.decrementAndGet();
  }

  /** To be read before looking for room. */
  int epoch() {
    return epoch.get();
  }

  /**
   * Sleeps until the epoch differs from {@code seen}.
   *
   * @param deadlineNanos on the clock of {@link System#nanoTime}
   * @return false if the deadline passed first
   */
  boolean await(final int seen, final long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (epoch.get() == seen) {
        final long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        raised.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Something happened that may have made room. */
  void raise() {
    if (waiters.get() != 0) {
      lock.lock();
      try {
        epoch.incrementAndGet();
        raised.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
