package dev.slabmount.core.slot;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets threads sleep until something happened that may have made room, and tells them where.
 *
 * <p>A waiter {@linkplain #enter enters}, reads the {@linkplain #epoch epoch}, looks for room, and
 * if there is none {@linkplain #await sleeps} until the epoch has moved on. Whoever makes room does
 * so first and then calls {@link #raise}. Both the waiter count and the change that makes room are
 * volatile, so one of the two sees the other (edge E8 of docs/MEMORY_MODEL.md): either the waiter
 * finds the room, or the raiser finds the waiter.
 *
 * <p>Each slab has an epoch too. What a waiter found out about a slab stays true as long as the
 * slab's epoch and the {@linkplain #session session} stay the same, so nobody need look twice.
 *
 * <p>Any thread. With nobody waiting, {@link #raise} costs one read of a field that is hardly ever
 * written; with waiters that are awake, two atomic adds; a lock only if one sleeps.
 */
public final class RoomSignal {
  private static final int SESSION_SHIFT = 32;

  /** Waiters in the lower half; in the upper half a number that grows when the first comes. */
  private final AtomicLong waiters = new AtomicLong();

  private final AtomicInteger epoch = new AtomicInteger();
  private final AtomicIntegerArray slabEpochs;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raised = lock.newCondition();

  /** Whether anybody needs a signal; written under the lock. */
  private volatile boolean asleep;

  /** Nobody waits yet; for so many slabs. */
  public RoomSignal(final int slabs) {
    slabEpochs = new AtomicIntegerArray(slabs);
  }

  /** From now on {@link #raise} moves the epochs on. To be undone by {@link #leave}. */
  public void enter() {
    waiters.updateAndGet(state -> ((int) state == 0 ? state + (1L << SESSION_SHIFT) : state) + 1);
  }

  /** The caller waits no longer; once for each {@link #enter}. */
  public void leave() {
    waiters.decrementAndGet();
  }

  /**
   * The session: as long as it lasts there was a waiter all the time, so that no change in a slab
   * went unnoticed. To be read by those who entered, before they look.
   */
  public int session() {
    return (int) (waiters.get() >>> SESSION_SHIFT);
  }

  /** Whether anybody has entered and not left. */
  public boolean hasWaiters() {
    return (int) waiters.get() != 0;
  }

  /** To be read before looking for room. */
  public int epoch() {
    return epoch.get();
  }

  /** To be read before looking for room in this slab. */
  public int epochOf(final int slab) {
    return slabEpochs.get(slab);
  }

  /**
   * Sleeps until the epoch differs from {@code seen}.
   *
   * @param deadlineNanos on the clock of {@link System#nanoTime}
   * @return false if the deadline passed first
   */
  public boolean await(final int seen, final long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      for (; ; ) {
        asleep = true; // Before the look at the epoch; who raises looks the other way round.
        if (epoch.get() != seen) {
          return true;
        }
        final long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        raised.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Something happened in this slab that may have made room. */
  public void raise(final int slab) {
    if ((int) waiters.get() != 0) {
      slabEpochs.getAndIncrement(slab); // Before the common epoch, which wakes.
      wake();
    }
  }

  /** Something happened that may have made room anywhere, or that all who wait should know. */
  public void raise() {
    if ((int) waiters.get() != 0) {
      waiters.addAndGet(1L << SESSION_SHIFT); // What is known of any slab is known no more.
      wake();
    }
  }

  private void wake() {
    epoch.getAndIncrement();
    if (asleep) {
      lock.lock();
      try {
        asleep = false;
        raised.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
