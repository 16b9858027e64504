package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One load of missing pages under way. The same rules as for {@link Flight}: it ends once, under
 * the pool's lock, and then the latch opens.
 */
final class PageFlight {
  final int first;
  final int last;
  final Thread leader = Thread.currentThread();
  final long startNanos = System.nanoTime();
  final CountDownLatch done = new CountDownLatch(1);

  /** The pages that may be taken over from it. Guarded by the pool's lock. */
  final BitSet wanted = new BitSet();

  /** Nobody may wait for it any more; guarded by the pool's lock. */
  boolean ended;

  private @Nullable Throwable failure;

  PageFlight(final int first, final int last) {
    this.first = first;
    this.last = last;
    wanted.set(first, last);
  }

  /** Ends it: who waits looks again, or fails if there is a cause. Wants the lock. */
  void end(final @Nullable Throwable cause) {
    if (!ended) {
      ended = true;
      failure = cause;
      done.countDown();
    }
  }

  /** Throws an exception of the caller's own if the load failed. */
  void checkSuccess(final BlockKey key) {
    switch (failure) {
      case null -> {}
      case final MemoryPoolException.PoolExhausted e ->
          throw new MemoryPoolException.PoolExhausted(e);
      case final MemoryPoolException.PoolClosed e -> throw new MemoryPoolException.PoolClosed();
      case final MemoryPoolException.BlockNotFound e ->
          throw new MemoryPoolException.BlockNotFound(key);
      case final MemoryPoolException.RetrievalFailed e when e.getCause() != null ->
          throw new MemoryPoolException.RetrievalFailed(key, e.getCause());
      default -> throw new MemoryPoolException.RetrievalFailed(key, failure);
    }
  }
}
