package dev.slabmount.core.block;

import static dev.slabmount.core.block.ContentLatch.READERS_MASK;
import static dev.slabmount.core.block.ContentLatch.URGENT;
import static dev.slabmount.core.block.ContentLatch.WAITERS;
import static dev.slabmount.core.block.ContentLatch.WAKING;
import static dev.slabmount.core.block.ContentLatch.WRITER;

import dev.slabmount.core.block.ContentLatch.Entry;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Those who sleep until a {@link ContentLatch} lets them in: a few queues for all slots, first come
 * first woken.
 *
 * <p>The waiters bit of a latch is up as long as somebody is in the queue for its slot; both change
 * under the queue's lock. The waking bit is up from the moment when a release decides to wake until
 * the one who was woken is in, or is urgent and sleeps again; so at most one is awake, and he looks
 * again by himself after {@link #POLL_NANOS}.
 *
 * <p>Any thread.
 */
final class LatchQueues {
  /** How often who was woken and overtaken looks again. */
  private static final long POLL_NANOS = 50_000;

  /** How long one may be overtaken. */
  private static final long PATIENCE_NANOS = 1_000_000;

  private static final int QUEUE_BITS = 6;

  /** How often one looks at a queue's lock, which is held for less than a microsecond. */
  private static final int LOCK_LOOKS = 64;

  private final HeaderWords words;

  /** How many are in a queue. */
  private final AtomicInteger sleepers = new AtomicInteger();

  private final Queue[] queues = new Queue[1 << QUEUE_BITS];

  private static final class Queue {
    final ReentrantLock lock = new ReentrantLock();
    final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    /** Takes the lock, if possible without going to sleep for it. */
    void enter() {
      for (int i = 0; i < LOCK_LOOKS; i++) {
        if (lock.tryLock()) {
          return;
        }
        Thread.onSpinWait();
      }
      lock.lock();
    }

    /** The first in the queue for this slot; under the lock. */
    @Nullable Waiter first(final int slot) {
      for (final Waiter waiter : waiters) {
        if (waiter.slot == slot) {
          return waiter;
        }
      }
      return null;
    }

    void remove(final Waiter gone) {
      for (final Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
        if (each.next() == gone) {
          each.remove();
          return;
        }
      }
    }
  }

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    final int slot;
    final Entry entry;

    /** The waking bit is up on behalf of this one. */
    volatile boolean woken;

    /** The urgent bit is up on behalf of this one; only its own thread looks. */
    boolean urgent;

    Waiter(final int slot, final Entry entry) {
      this.slot = slot;
      this.entry = entry;
    }

    boolean isWriter() {
      return entry == Entry.WRITER;
    }

    /** Who was woken may join readers; before, that would be to pass the writers in the queue. */
    boolean isAdmitted(final int latch) {
      final int others =
          switch (entry) {
            case WRITER -> WRITER | READERS_MASK | URGENT;
            case READER -> woken ? WRITER | URGENT : WRITER | READERS_MASK | URGENT;
            case READER_PAST_WAITERS -> WRITER;
          };
      return (latch & (urgent ? others & ~URGENT : others)) == 0;
    }
  }

  LatchQueues(final HeaderWords words) {
    this.words = words;
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new Queue();
    }
  }

  /** Whether somebody may be in a queue; says nothing for sure. */
  boolean mayHaveSleepers() {
    return sleepers.getPlain() != 0;
  }

  /** Sleeps until the latch of this slot is entered. */
  void enter(final int slot, final Entry entry) {
    final Queue queue = queue(slot);
    final Waiter me = new Waiter(slot, entry);
    sleepers.incrementAndGet();
    queue.enter();
    try {
      queue.waiters.add(me);
      change(slot, 0, WAITERS); // E13: before the look in sleepUntilIn.
    } finally {
      queue.lock.unlock();
    }
    final boolean interrupted = sleepUntilIn(me);
    leaveQueue(queue, me);
    sleepers.decrementAndGet();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Wakes who is first; the caller has put the waking bit up. */
  void wakeFirst(final int slot) {
    final Queue queue = queue(slot);
    queue.enter();
    try {
      final Waiter first = queue.first(slot);
      if (first == null) {
        change(slot, WAKING, 0); // He has got in meanwhile.
      } else {
        first.woken = true; // E13
        LockSupport.unpark(first.thread);
      }
    } finally {
      queue.lock.unlock();
    }
  }

  /** Returns whether the thread was interrupted, which is put off until it is in. */
  private boolean sleepUntilIn(final Waiter me) {
    final long urgentAt = System.nanoTime() + PATIENCE_NANOS;
    boolean interrupted = false;
    for (; ; ) {
      final int latch = words.latchAcquire(me.slot);
      if (me.isAdmitted(latch)) {
        if (words.casLatch(me.slot, latch, me.isWriter() ? latch | WRITER : latch + 1)) { // E4
          return interrupted;
        }
      } else if (!me.woken) {
        LockSupport.park(this);
      } else if (System.nanoTime() - urgentAt < 0 || (latch & URGENT) != 0) {
        LockSupport.parkNanos(this, POLL_NANOS);
      } else {
        becomeUrgent(me, latch);
      }
      interrupted |= Thread.interrupted();
    }
  }

  /** Lets nobody else in from now on, and be woken by the next who lets go. */
  private void becomeUrgent(final Waiter me, final int latch) {
    me.woken = false; // First: once the bit is down, somebody may wake us at any moment.
    if (words.casLatch(me.slot, latch, (latch | URGENT) & ~WAKING)) {
      me.urgent = true;
    } else {
      me.woken = true;
    }
  }

  private void leaveQueue(final Queue queue, final Waiter me) {
    final boolean wakesNext;
    queue.enter();
    try {
      queue.remove(me);
      final Waiter next = queue.first(me.slot);
      int down = next == null ? WAITERS : 0;
      down |= me.urgent ? URGENT : 0;
      down |= me.woken ? WAKING : 0;
      final int before = change(me.slot, down, 0);
      // Readers enter together. Who is woken needs the bit, unless somebody else has it.
      wakesNext =
          !me.isWriter() && next != null && !next.isWriter() && (before & ~down & WAKING) == 0;
      if (wakesNext) {
        change(me.slot, 0, WAKING);
      }
    } finally {
      queue.lock.unlock();
    }
    if (wakesNext) {
      wakeFirst(me.slot);
    }
  }

  /** Takes bits down and puts bits up; returns the latch before. */
  private int change(final int slot, final int down, final int up) {
    for (; ; ) {
      final int latch = words.latchAcquire(slot);
      if (words.casLatch(slot, latch, (latch & ~down) | up)) {
        return latch;
      }
    }
  }

  /** Neighbouring slots differ in their high bits or in their low ones, by class: mix both. */
  private Queue queue(final int slot) {
    return queues[(slot * 0x9E3779B9) >>> (Integer.SIZE - QUEUE_BITS)];
  }
}
