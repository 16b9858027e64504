package dev.slabmount.core.block;

/**
 * Lets many readers or one writer into the content of a block. One 32-bit word per slot, in its
 * header:
 *
 * <pre>
 *   31       30        29       28       27       26                              0
 *  +--------+---------+--------+--------+--------+---------------------------------+
 *  | writer | waiters | urgent | waking | orphan |             readers             |
 *  +--------+---------+--------+--------+--------+---------------------------------+
 * </pre>
 *
 * <p>Held only while bytes are copied or a reader's or modifier's code runs, never while waiting
 * for room, a load or the disk. Not reentrant. Who holds the latch must hold a pin as well, with
 * one exception.
 *
 * <p><b>Without a pin.</b> A writer that does not wait for long may enter without a pin, look
 * whether the slot holds the block that it wants ({@link KeyProof#isRewritable}), and if so change
 * its bytes. Until it leaves, the slot is not freed, for whoever is about to free a slot looks at
 * the latch first: if a writer is inside, the <em>orphan</em> bit tells it to free the slot when it
 * leaves (E17). It may find itself in the latch of a slot that is free, or that by now holds
 * another block; then it leaves at once, having changed nothing.
 *
 * <p><b>Getting in.</b> A writer who does not get in looks again a few times, after pauses that
 * become longer, some ten microseconds in all: each look takes the header's cache line from whoever
 * works in the block, and while few look, those get through with their work. It looks no more if
 * the version tells it that others have written meanwhile several times: one thread that writes
 * alone is faster than several that take the block's bytes away from each other. A reader spins for
 * about a microsecond. Then a thread queues up and sleeps ({@link LatchQueues}). Those who come
 * while others sleep may still enter a free latch before them: a latch that was handed from sleeper
 * to sleeper would stand idle for as long as it takes to wake each of them. But readers do not join
 * readers then, so that a stream of them ends; and a sleeper who was overtaken for a millisecond
 * makes itself <em>urgent</em>, whereupon nobody else gets in before it. So nobody starves.
 *
 * <p><b>Waking.</b> Whoever lets go last while the waiters bit is up and nobody is being woken puts
 * the waking bit up, unless somebody else has got in meanwhile, who will see to that when he
 * leaves, and wakes the first in the queue. While that bit is up no one else is woken: the sleeper
 * that was looks at the latch every now and then until it gets in, or takes the bit down again
 * before it sleeps for good. So every release either finds nobody asleep, or wakes somebody, or
 * leaves somebody who will look by himself.
 *
 * <p>Any thread. Allocates only when it sleeps.
 */
public final class ContentLatch {
  static final int WRITER = 1 << 31;
  static final int WAITERS = 1 << 30;
  static final int URGENT = 1 << 29;
  static final int WAKING = 1 << 28;
  static final int ORPHAN = 1 << 27;
  static final int READERS_MASK = ORPHAN - 1;

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

  /** How often a writer looks again before it sleeps, and its pauses before that. */
  private static final int WRITER_LOOKS = 12;

  private static final int WRITER_SPINS_MIN = 16;
  private static final int WRITER_SPINS_MAX = 128;

  /** So far a version goes on in as many writes as a writer lets pass before it sleeps. */
  private static final long VERSIONS_PASSED_MAX = 16;

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
    final int before = words.addToLatch(slot, -1); // E4 released.
    assert (before & READERS_MASK) > 0 : "no reader in slot " + slot;
    wakeIfDue(slot, before - 1);
  }

  /** Waits until nobody is in the block, and enters as its writer. */
  public void lockExclusive(final int slot) {
    if (!tryLockExclusive(slot)) {
      queues.enter(slot, Entry.WRITER);
    }
  }

  /** The same for who has tried for long enough: sleeps if the latch is not free. */
  public void lockExclusiveAfterTry(final int slot) {
    final int latch = words.latchAcquire(slot);
    if (!isFree(latch) || !words.casLatch(slot, latch, latch | WRITER)) { // E4 acquired.
      queues.enter(slot, Entry.WRITER);
    }
  }

  /**
   * Enters as the writer unless it would have to sleep for that; returns whether it is in. Needs no
   * pin; then the block is to be left by {@link #unlockUnpinned}.
   */
  public boolean tryLockExclusive(final int slot) {
    // Mostly the latch is 0, and its first look a miss: then we had better write at once.
    if (!queues.mayHaveSleepers() && words.casLatch(slot, 0, WRITER)) { // E4 acquired.
      return true;
    }
    final int latch = words.latchAcquire(slot);
    return (isFree(latch) && words.casLatch(slot, latch, latch | WRITER)) // E4 acquired.
        || lockSoon(slot);
  }

  /** Leaves as the writer. */
  public void unlockExclusive(final int slot) {
    final boolean left = unlockUnpinned(slot);
    assert !left : "slot " + slot + " was to be freed under a pin";
  }

  /**
   * Leaves as a writer who may have no pin.
   *
   * @return whether the slot was left to it: then it must free the slot
   */
  public boolean unlockUnpinned(final int slot) {
    final int before = words.addToLatch(slot, -WRITER); // E4 released.
    assert (before & WRITER) != 0 : "no writer in slot " + slot;
    return before != WRITER && leftBits(slot, before & ~WRITER);
  }

  /**
   * To be asked by whoever is about to free a slot, when its word says that nobody finds it any
   * more and nobody has a pin: whether a writer without a pin is inside. If so, that one frees the
   * slot, when it leaves, and the caller does not. Who has evicted the block need not ask: that
   * needs the flag down, and a writer who finds it down writes nothing.
   */
  public boolean leaveToWriter(final int slot) {
    for (; ; ) {
      final int latch = words.latchVolatile(slot); // E17: after the word was changed.
      assert (latch & (READERS_MASK | WAITERS | ORPHAN)) == 0 : "somebody uses slot " + slot;
      if ((latch & WRITER) == 0) {
        return false;
      }
      if (words.casLatch(slot, latch, latch | ORPHAN)) {
        return true;
      }
    }
  }

  /** Whether nobody is in the block or waits for it; for assertions and audits. */
  public boolean isIdle(final int slot) {
    return words.latchAcquire(slot) == 0;
  }

  private boolean lockSoon(final int slot) {
    final long version = words.versionAcquire(slot);
    int spins = WRITER_SPINS_MIN;
    for (int look = 0; look < WRITER_LOOKS; look++) {
      pause(spins);
      spins = Math.min(2 * spins, WRITER_SPINS_MAX);
      final int latch = words.latchAcquire(slot);
      if ((latch & URGENT) != 0 || words.versionAcquire(slot) - version >= VERSIONS_PASSED_MAX) {
        return false; // Nobody gets in but who is urgent; or one is enough.
      }
      if (isFree(latch) && words.casLatch(slot, latch, latch | WRITER)) { // E4 acquired.
        return true;
      }
    }
    return false;
  }

  private static void pause(final int spins) {
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
  }

  /** Sees to what a writer has left behind; returns whether the slot was left to it. */
  private boolean leftBits(final int slot, final int latch) {
    if ((latch & ORPHAN) == 0) {
      wakeIfDue(slot, latch);
      return false;
    }
    for (int seen = latch; !words.casLatch(slot, seen, seen & ~ORPHAN); ) {
      seen = words.latchAcquire(slot);
    }
    return true;
  }

  /** Wakes somebody, if somebody sleeps and nobody else is inside or awake who will see to that. */
  private void wakeIfDue(final int slot, final int after) {
    int latch = after;
    while ((latch & (WRITER | READERS_MASK | WAITERS | WAKING)) == WAITERS) {
      if (words.casLatch(slot, latch, latch | WAKING)) {
        queues.wakeFirst(slot);
        return;
      }
      latch = words.latchAcquire(slot);
    }
  }

  /** Whether a newcomer may enter as the writer. */
  private static boolean isFree(final int latch) {
    return (latch & (WRITER | URGENT | ORPHAN | READERS_MASK)) == 0;
  }

  /** Whether a newcomer may enter as a reader: a free latch, or beside readers if nobody waits. */
  private static boolean admitsReader(final int latch) {
    return isFree(latch) || (latch & (WRITER | URGENT | WAITERS)) == 0;
  }
}
