package dev.slabmount.core.block;

/**
 * Lets many readers or one writer into the content of a block. One 32-bit word per slot, in its
 * header:
 *
 * <pre>
 *   31       30        29       28       27                              0
 *  +--------+---------+--------+--------+---------------------------------+
 *  | writer | waiters | urgent | waking |             readers             |
 *  +--------+---------+--------+--------+---------------------------------+
 * </pre>
 *
 * <p>Held only while bytes are copied or a reader's or modifier's code runs, never while waiting
 * for room, a load or the disk. It has nothing to do with the life of the slot: who holds the latch
 * must hold a pin as well. Not reentrant.
 *
 * <p><b>Getting in.</b> A writer who does not get in looks again a dozen times, each time after
 * twice as long a pause, some ten microseconds in all: each look takes the header's cache line from
 * whoever works in the block, and while few look, those get through with their work. A reader spins
 * for about a microsecond. Then a thread queues up and sleeps ({@link LatchQueues}). Those who come
 * while others sleep may still enter a free latch before them: a latch that was handed from sleeper
 * to sleeper would stand idle for as long as it takes to wake each of them. But readers do not join
 * readers then, so that a stream of them ends; and a sleeper who was overtaken for a millisecond
 * makes itself <em>urgent</em>, whereupon nobody else gets in before it. So nobody starves.
 *
 * <p><b>Waking.</b> Whoever lets go last while the waiters bit is up and nobody is being woken puts
 * the waking bit up in the same step and wakes the first in the queue. While that bit is up no one
 * else is woken: the sleeper that was looks at the latch every now and then until it gets in, or
 * takes the bit down again before it sleeps for good. So every release either finds nobody asleep,
 * or wakes somebody, or leaves somebody who will look by himself.
 *
 * <p>Any thread. Allocates only when it sleeps.
 */
public final class ContentLatch {
  static final int WRITER = 1 << 31;
  static final int WAITERS = 1 << 30;
  static final int URGENT = 1 << 29;
  static final int WAKING = 1 << 28;
  static final int READERS_MASK = WAKING - 1;

  /** How somebody wants to get in. */
  enum Entry {
    WRITER,
    READER,
    READER_PAST_WAITERS
  }

  /** About a microsecond: longer than a small copy takes. */
  private static final int SPINS = 64;

  /** For a reader, who is let in late once others sleep: it may as well join them. */
  private static final int SPINS_IF_OTHERS_SLEEP = 2;

  /** How often a writer looks before it sleeps, and its longest pause between two looks. */
  private static final int WRITER_LOOKS = 12;

  private static final int WRITER_SPINS_MAX = 128;

  private final HeaderWords words;
  private final LatchQueues queues;

  /** The latches of these headers. */
  public ContentLatch(final HeaderWords words) {
    this(words, new LatchQueues(words));
  }

  /** The same, with queues that the caller knows. */
  ContentLatch(final HeaderWords words, final LatchQueues queues) {
    this.words = words;
    this.queues = queues;
  }

  /** Waits until no writer is in the block, and enters as a reader. */
  public void lockShared(final int slot) {
    for (int i = 0; i < SPINS; i++) {
      final int latch = words.latchAcquire(slot);
      if (admitsReader(latch) && words.casLatch(slot, latch, latch + 1)) { // E4 acquired.
        return;
      }
      if ((latch & (URGENT | WAITERS)) != 0 && i >= SPINS_IF_OTHERS_SLEEP) {
        break;
      }
      Thread.onSpinWait();
    }
    queues.enter(slot, Entry.READER);
  }

  /**
   * Enters as a reader as soon as no writer is inside, even if somebody waits. So a thread that is
   * inside as a reader can enter once more; it leaves as often as it entered. For rare visits: a
   * stream of these would keep writers out.
   */
  public void lockSharedPastWaiters(final int slot) {
    for (int i = 0; i < SPINS; i++) {
      if (tryLockSharedPastWaiters(slot)) {
        return;
      }
      Thread.onSpinWait();
    }
    queues.enter(slot, Entry.READER_PAST_WAITERS);
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
      if (left(slot, latch, latch - 1)) {
        return;
      }
    }
  }

  /** Waits until nobody is in the block, and enters as its writer. */
  public void lockExclusive(final int slot) {
    final int latch = words.latchAcquire(slot);
    if (!isFree(latch) || !words.casLatch(slot, latch, latch | WRITER)) { // E4 acquired.
      lockContended(slot);
    }
  }

  /** Leaves as the writer. */
  public void unlockExclusive(final int slot) {
    for (; ; ) {
      final int latch = words.latchAcquire(slot);
      assert (latch & WRITER) != 0 : "no writer in slot " + slot;
      if (left(slot, latch, latch & ~WRITER)) { // E4: the writes before whoever enters next.
        return;
      }
    }
  }

  /** Whether nobody is in the block or waits for it; for assertions and audits. */
  public boolean isIdle(final int slot) {
    return words.latchAcquire(slot) == 0;
  }

  private void lockContended(final int slot) {
    int spins = 1;
    for (int look = 0; look < WRITER_LOOKS; look++) {
      final int latch = words.latchAcquire(slot);
      if (isFree(latch) && words.casLatch(slot, latch, latch | WRITER)) { // E4 acquired.
        return;
      }
      if ((latch & URGENT) != 0) {
        break; // Nobody gets in but who is urgent.
      }
      pause(spins);
      spins = Math.min(2 * spins, WRITER_SPINS_MAX);
    }
    queues.enter(slot, Entry.WRITER);
  }

  private static void pause(final int spins) {
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
  }

  /** Leaves, and wakes somebody if that is to be done; false if the latch was changed meanwhile. */
  private boolean left(final int slot, final int latch, final int after) {
    final boolean wakes = (after & (READERS_MASK | WAITERS | WAKING)) == WAITERS;
    if (!words.casLatch(slot, latch, wakes ? after | WAKING : after)) { // E4 released.
      return false;
    }
    if (wakes) {
      queues.wakeFirst(slot);
    }
    return true;
  }

  /** Whether a newcomer may enter as the writer. */
  private static boolean isFree(final int latch) {
    return (latch & (WRITER | URGENT | READERS_MASK)) == 0;
  }

  /** Whether a newcomer may enter as a reader: a free latch, or beside readers if nobody waits. */
  private static boolean admitsReader(final int latch) {
    return isFree(latch) || (latch & (WRITER | URGENT | WAITERS)) == 0;
  }
}
