package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pool's own threads, which write back the dirty blocks that were used longest ago while
 * somebody waits for room. Whoever waits does so with his own deadline, so a write-back that fails
 * or hangs costs nobody more than that.
 */
final class WriteBacks {
  private static final System.Logger LOG = System.getLogger(MemoryPool.class.getName());

  private static final long PAUSE_MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int PAUSE_DOUBLINGS_MAX = 7;

  private final PoolState state;
  private final Flushes flushes;
  private final ReentrantLock lock;

  /** Somebody waits for room, or the pool is closed. */
  private final Condition demand;

  private int idle;
  private int running;
  private int failuresInARow;

  WriteBacks(final PoolState state, final Flushes flushes) {
    this.state = state;
    this.flushes = flushes;
    this.lock = state.lock;
    this.demand = lock.newCondition();
  }

  /** The caller waits for room. Wants the lock. */
  void wanted() {
    final BlockWriteBack target = state.config.writeBack();
    if (target == null || state.dirty.oldest() == null) {
      return;
    }
    if (idle > 0) {
      demand.signal();
    } else if (running < state.config.writeBackThreads()) {
      running++;
      Thread.ofPlatform().daemon().name("one-lock-write-back-" + running).start(() -> run(target));
    }
  }

  /** Ends the threads, each after the block that it is at. Wants the lock. */
  void close() {
    demand.signalAll();
  }

  /** Threads that have not ended. Wants the lock. */
  int running() {
    return running;
  }

  private void run(final BlockWriteBack target) {
    lock.lock();
    try {
      while (awaitDemand()) {
        final @Nullable Block oldest = state.dirty.oldest();
        if (oldest == null) {
          pause(PAUSE_MIN_NANOS);
        } else {
          writeBack(oldest.key(), target);
        }
      }
    } finally {
      running--;
      state.roomMade.signalAll(); // Who closes waits for us.
      lock.unlock();
    }
  }

  /** Sleeps while nobody waits for room; false if the pool is closed. */
  private boolean awaitDemand() {
    idle++;
    while (!state.closed && state.roomWaiters == 0) {
      demand.awaitUninterruptibly();
    }
    idle--;
    return !state.closed;
  }

  private void writeBack(final BlockKey key, final BlockWriteBack target) {
    lock.unlock();
    MemoryPoolException failure = null;
    try {
      flushes.tryFlush(key, target);
    } catch (final MemoryPoolException.FlushFailed e) {
      failure = e;
    } catch (final MemoryPoolException.PoolClosed e) {
      LOG.log(Level.DEBUG, "closed while writing back", e);
    } finally {
      lock.lock();
    }
    if (failure == null) {
      failuresInARow = 0;
      return;
    }
    if (failuresInARow++ == 0) {
      LOG.log(Level.WARNING, "no room, and " + failure.getMessage() + "; trying again", failure);
    }
    pause(PAUSE_MIN_NANOS << Math.min(failuresInARow - 1, PAUSE_DOUBLINGS_MAX));
  }

  private void pause(final long nanos) {
    long left = nanos;
    try {
      while (!state.closed && left > 0) {
        left = demand.awaitNanos(left);
      }
    } catch (final InterruptedException e) {
      LOG.log(Level.DEBUG, "a write-back interrupted its thread", e); // A shorter pause.
    }
  }
}
