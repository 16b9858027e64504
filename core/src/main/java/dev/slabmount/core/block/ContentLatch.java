package dev.slabmount.core.block;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets many readers or one writer into the content of a block. One 32-bit word per slot, in its
 * header:
 *
 * <pre>
 *   31       30        29                                    0
 *  +--------+---------+---------------------------------------+
 *  | writer | waiters |                readers                |
 *  +--------+---------+---------------------------------------+
 * </pre>
 *
 * <p>Held only while bytes are copied or a reader's or modifier's code runs, never while waiting
 * for room, a load or the disk. It has nothing to do with the life of the slot: who holds the latch
 * must hold a pin as well. Not reentrant.
 *
 * <p>A thread that does not get in spins a little, then sets the waiters bit and sleeps on one of a
 * few stripes. While the bit is up, newcomers queue behind the sleepers, so that a stream of
 * readers cannot keep a writer out. Whoever lets go last takes the bit down and wakes the stripe.
 * The bit is set under the stripe's lock and the wake-up takes that lock, so no wake-up is lost.
 *
 * <p>Any thread. Allocates only when it sleeps.
 */
public final class ContentLatch {
  private static final int WRITER = 1 << 31;
  private static final int WAITERS = 1 << 30;
  private static final int READERS_MASK = WAITERS - 1;

  /** About a microsecond: as long as a small copy takes. */
  private static final int SPINS = 64;

  private static final int STRIPE_BITS = 6;

  private final HeaderWords words;
  private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];

  private enum Entry {
    WRITER,
    READER,
    READER_PAST_WAITERS
  }

  private static final class Stripe {
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
  }

  /** The latches of these headers. */
  public ContentLatch(final HeaderWords words) {
    this.words = words;
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** Waits until no writer is in the block, and enters as a reader. */
  public void lockShared(final int slot) {
    for (int i = 0; i < SPINS; i++) {
      final int latch = words.latchAcquire(slot);
      if (admitsReader(latch) && words.casLatch(slot, latch, latch + 1)) { // E4 acquired.
        return;
      }
      Thread.onSpinWait();
    }
    sleepUntilIn(slot, Entry.READER);
  }

  /**
   * Enters as a reader as soon as no writer is inside, even if somebody waits. So a thread that is
   * inside as a reader can enter once more; it leaves as often as it entered. For rare visits: a
   * stream of these would keep writers out.
   */
  public void lockSharedPastWaiters(final int slot) {
    for (int i = 0; i < SPINS; i++) {
      final int latch = words.latchAcquire(slot);
      if ((latch & WRITER) == 0 && words.casLatch(slot, latch, latch + 1)) { // E4 acquired.
        return;
      }
      Thread.onSpinWait();
    }
    sleepUntilIn(slot, Entry.READER_PAST_WAITERS);
  }

  /** The same, unless a writer is inside; returns whether the thread is in. */
  public boolean tryLockSharedPastWaiters(final int slot) {
    for (; ; ) {
      final int latch = words.latchAcquire(slot);
      if ((latch & WRITER) != 0) {
        return false;
      }
      if (words.casLatch(slot, latch, latch + 1)) { // E4 acquired.
        return true;
      }
    }
  }

  /** Leaves as a reader. */
  public void unlockShared(final int slot) {
    for (; ; ) {
      final int latch = words.latchAcquire(slot);
      assert (latch & READERS_MASK) > 0 : "no reader in slot " + slot;
      final boolean last = (latch & READERS_MASK) == 1;
      if (words.casLatch(slot, latch, last ? 0 : latch - 1)) {
        if (last && (latch & WAITERS) != 0) {
          wake(slot);
        }
        return;
      }
    }
  }

  /** Waits until nobody is in the block, and enters as its writer. */
  public void lockExclusive(final int slot) {
    for (int i = 0; i < SPINS; i++) {
      if (words.latchAcquire(slot) == 0 && words.casLatch(slot, 0, WRITER)) { // E4 acquired.
        return;
      }
      Thread.onSpinWait();
    }
    sleepUntilIn(slot, Entry.WRITER);
  }

  /** Leaves as the writer. */
  public void unlockExclusive(final int slot) {
    for (; ; ) {
      final int latch = words.latchAcquire(slot);
      assert (latch & WRITER) != 0 : "no writer in slot " + slot;
      if (words.casLatch(slot, latch, 0)) { // E4: the writes before whoever enters next.
        if ((latch & WAITERS) != 0) {
          wake(slot);
        }
        return;
      }
    }
  }

  /** Whether nobody is in the block or waits for it; for assertions and audits. */
  public boolean isIdle(final int slot) {
    return words.latchAcquire(slot) == 0;
  }

  private void sleepUntilIn(final int slot, final Entry entry) {
    final Stripe stripe = stripe(slot);
    stripe.lock.lock();
    try {
      for (; ; ) {
        final int latch = words.latchAcquire(slot);
        if (admits(entry, latch)) {
          if (words.casLatch(slot, latch, entry == Entry.WRITER ? WRITER : latch + 1)) { // E4.
            return;
          }
        } else if ((latch & WAITERS) != 0 || words.casLatch(slot, latch, latch | WAITERS)) {
          stripe.changed.awaitUninterruptibly();
        }
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  private void wake(final int slot) {
    final Stripe stripe = stripe(slot);
    stripe.lock.lock();
    try {
      stripe.changed.signalAll();
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Neighbouring slots differ in their high bits or in their low ones, by class: mix both. */
  private Stripe stripe(final int slot) {
    return stripes[(slot * 0x9E3779B9) >>> (Integer.SIZE - STRIPE_BITS)];
  }

  private static boolean admits(final Entry entry, final int latch) {
    return switch (entry) {
      case WRITER -> latch == 0;
      case READER -> admitsReader(latch);
      case READER_PAST_WAITERS -> (latch & WRITER) == 0;
    };
  }

  private static boolean admitsReader(final int latch) {
    return (latch & (WRITER | WAITERS)) == 0;
  }
}
