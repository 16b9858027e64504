package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One load under way. Its end is decided once, under the pool's lock; the latch opens afterwards,
 * so that those who waited take their result without coming for the lock again.
 */
final class Flight {
  final BlockKey key;

  /** Nobody asked for the block when this began. */
  final boolean ahead;

  final Thread leader = Thread.currentThread();
  final long startNanos = System.nanoTime();
  final CountDownLatch done = new CountDownLatch(1);

  /** Threads that get a pin each if the flight lands. Guarded by the pool's lock. */
  int waiters;

  /** What is being read is not what may be kept any more. Guarded by the pool's lock. */
  boolean outdated;

  /** Guarded by the pool's lock until the latch opens, constant afterwards; so is what follows. */
  boolean ended;

  private long token = MemoryPool.NO_BLOCK;
  private @Nullable Throwable failure;

  Flight(final BlockKey key, final boolean ahead) {
    this.key = key;
    this.ahead = ahead;
  }

  /** Everyone gets this token; with {@link MemoryPool#NO_BLOCK} everyone starts again. */
  void land(final long landed) {
    assert !ended;
    ended = true;
    token = landed;
  }

  /** Everyone gets an exception made of this. */
  void fail(final Throwable cause) {
    assert !ended;
    ended = true;
    failure = cause;
  }

  /** A token with a pin for the caller, or {@link MemoryPool#NO_BLOCK} to start again. */
  long result() {
    if (failure != null) {
      throw ownException(failure);
    }
    return token;
  }

  /** Each thread gets an exception with a stack trace of its own. */
  private MemoryPoolException ownException(final Throwable cause) {
    return switch (cause) {
      case final MemoryPoolException.PoolExhausted e -> new MemoryPoolException.PoolExhausted(e);
      case final MemoryPoolException.PoolClosed e -> new MemoryPoolException.PoolClosed();
      case final MemoryPoolException.RetrievalFailed e when e.getCause() != null ->
          new MemoryPoolException.RetrievalFailed(key, e.getCause());
      default -> new MemoryPoolException.RetrievalFailed(key, cause);
    };
  }
}
