package dev.slabmount.core.flush;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slot.RoomSignal;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.victim.Victims;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes blocks back while somebody waits for room: the threads of the pool's own.
 *
 * <p>A thread that finds no room says so and goes to sleep at the {@link RoomSignal}, with its own
 * deadline. Our threads flush the blocks that the eviction policy parked longest ago; each one that
 * becomes clean raises the signal, and whoever waits tries again. So a write-back that fails or
 * hangs can cost a waiter its deadline, and nothing else.
 *
 * <p>Nobody waiting, or nothing to flush: the threads sleep. A write-back that fails makes its
 * thread pause, 10 ms at first, twice as long each time that another fails, up to a second.
 *
 * <p>Any thread. The lock is a leaf.
 */
public final class WriteBackThreads {
  private static final System.Logger LOG = System.getLogger(MemoryPool.class.getName());

  private static final long PAUSE_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PAUSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After so many blocks in a row that were clean, gone, or being flushed by others, pause. */
  private static final int LOOKS = 64;

  /** Pools so far that may have such threads, for their names. */
  private static final AtomicInteger POOLS = new AtomicInteger();

  private final int pool = POOLS.incrementAndGet();
  private final @Nullable BlockWriteBack target;
  private final int limit;
  private final BlockFlusher flusher;
  private final Victims victims;
  private final RoomSignal room;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int running;
  private int idle;
  private int failuresInARow;
  private boolean closed;

  /** No thread runs yet; none ever will if the configuration names no write-back. */
  public WriteBackThreads(
      final MemoryPoolConfig config, final BlockFlusher flusher, final SlotTable table) {
    this.target = config.writeBack();
    this.limit = config.writeBackThreads();
    this.flusher = flusher;
    this.victims = table.victims;
    this.room = table.room;
  }

  /**
   * The caller found no room and is about to wait; it has {@linkplain RoomSignal#enter entered}.
   */
  public void wanted() {
    if (target == null) {
      return;
    }
    lock.lock();
    try {
      if (idle > 0) {
        changed.signalAll();
      } else if (running < limit && !closed) {
        Thread.ofPlatform()
            .daemon()
            .name("slabmount-write-back-" + pool + "-" + (running + 1))
            .start(() -> run(target));
        running++; // Not if the system refused; the thread needs our lock before it counts down.
      }
    } finally {
      lock.unlock();
    }
  }

  /** Begins nothing from now on. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no thread is left; false if the deadline passed first. */
  public boolean awaitEnd(final long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (running > 0) {
        final long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  // ---- Our threads ----

  private void run(final BlockWriteBack to) {
    try {
      int looks = 0;
      boolean lookFurther = false;
      while (awaitDemand()) {
        final BlockKey key = victims.oldestParked(lookFurther);
        // If all that is set aside is hanging in write-backs, others may need flushing since then.
        lookFurther = looks == LOOKS;
        if (key == null || lookFurther) {
          looks = 0;
          pause(PAUSE_MIN_NANOS);
        } else {
          wanted(); // As long as there is work, one more thread: this one may hang.
          looks = writeBack(key, to) ? 0 : looks + 1;
        }
      }
    } finally {
      lock.lock();
      try {
        running--;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Flushes a block; returns whether that may have made room. */
  private boolean writeBack(final BlockKey key, final BlockWriteBack to) {
    try {
      final boolean flushed = flusher.tryFlush(key, to);
      lock.lock();
      try {
        failuresInARow = 0;
      } finally {
        lock.unlock();
      }
      return flushed;
    } catch (final MemoryPoolException.PoolClosed e) {
      return false; // Which awaitDemand is told of.
    } catch (final MemoryPoolException.FlushFailed | Error e) { // An Error passes through a flush.
      final long nanos = failed(e);
      final boolean _ = Thread.interrupted(); // By the write-back; or the pause would end at once.
      pause(nanos);
      return false;
    }
  }

  private long failed(final Throwable e) {
    final int before;
    lock.lock();
    try {
      before = failuresInARow++;
    } finally {
      lock.unlock();
    }
    if (before == 0) {
      LOG.log(System.Logger.Level.WARNING, "no room, and " + e.getMessage() + "; trying again", e);
    }
    return Math.min(PAUSE_MAX_NANOS, PAUSE_MIN_NANOS << Math.min(before, 10));
  }

  /** Sleeps while nobody waits for room; false if the pool is closed. */
  private boolean awaitDemand() {
    lock.lock();
    try {
      idle++;
      while (!closed && !room.hasWaiters()) {
        changed.awaitUninterruptibly();
      }
      return !closed;
    } finally {
      idle--;
      lock.unlock();
    }
  }

  private void pause(final long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (final InterruptedException _) {
      // By the write-back: nobody else knows this thread. A shorter pause is all that comes of it.
    } finally {
      lock.unlock();
    }
  }
}
