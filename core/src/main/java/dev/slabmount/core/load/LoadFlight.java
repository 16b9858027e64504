package dev.slabmount.core.load;

import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.observe.BlockLoadEvent;
import dev.slabmount.core.observe.PoolWaitEvent;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.ShortWait;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One load under way: who runs it, who waits for it, and how it ended.
 *
 * <pre>
 *   under way --landed--> token for the leader and every waiter
 *             --failed--> an exception for all of them
 *             --dropped-> every waiter starts again; one of them becomes the next leader
 * </pre>
 *
 * The end is decided exactly once, under the lock of the key's shard, together with what it means
 * for the index; then the waiters are woken.
 */
public final class LoadFlight {
  final long hash;
  final BlockKey key;

  /** Nobody asked for the block when this began. */
  final boolean ahead;

  /** The thread that loads: the one that made this. */
  public final Thread leader = Thread.currentThread();

  /** When the load began, by {@link System#nanoTime}. */
  public final long startNanos = System.nanoTime();

  /** The next flight whose key has the same hash; guarded by the shard's lock. */
  @Nullable LoadFlight nextInBucket;

  /** Threads that will take a pin each if the flight lands; guarded by the shard's lock. */
  public int waiters;

  /** {@link PendingLoads#contentRemovals} when the load began; written by the leader alone. */
  long contentRemovals;

  /** Bytes that the provider wrote; the leader's alone. */
  public int length;

  /** The block was removed while it was being loaded; guarded by the shard's lock. */
  boolean outdated;

  /** Guarded by the shard's lock until {@link #done} opens, constant afterwards. */
  private boolean ended;

  private long token = MemoryPool.NO_BLOCK;
  private @Nullable Throwable failure;

  private final CountDownLatch done = new CountDownLatch(1);

  /** A load by the calling thread; not listed anywhere yet. */
  public LoadFlight(final long hash, final BlockKey key, final boolean ahead) {
    this.hash = hash;
    this.key = key;
    this.ahead = ahead;
  }

  boolean isFor(final BlockKey other) {
    return key.equals(other);
  }

  /** Whether this has taken so long, or longer. */
  public boolean isOverdue(final long nanos) {
    return System.nanoTime() - startNanos >= nanos;
  }

  /** The slot that a locked shard lists under the key of this load, if the block has come. */
  int findIn(final IndexShard shard) {
    return shard.find(hash, key.inodeKeyed(), key.high(), key.low(), key.block());
  }

  /** Whether it has landed, failed or been dropped; under the lock that guards the end. */
  public boolean hasEnded() {
    return ended;
  }

  /** Everyone gets this token, with a pin each that the leader has taken for them. */
  public void land(final long landed) {
    assert !ended;
    ended = true;
    token = landed;
  }

  /** Everyone gets an exception made of this. */
  public void fail(final Throwable cause) {
    assert !ended;
    ended = true;
    failure = cause;
  }

  /** The waiters start again. */
  public void drop() {
    assert !ended;
    ended = true;
  }

  /** Wakes the waiters; after the end was decided and the lock released. */
  public void announce() {
    done.countDown();
  }

  /** Waits for the announcement; false if {@code nanos} passed first. */
  public boolean await(final long nanos) throws InterruptedException {
    final PoolWaitEvent event = PoolWaitEvent.started();
    String how = PoolWaitEvent.INTERRUPTED;
    try {
      int looks = 0;
      while (done.getCount() != 0 && ShortWait.pause(looks++)) {}
      final boolean inTime = done.await(nanos, TimeUnit.NANOSECONDS); // E9 acquired.
      how = inTime ? PoolWaitEvent.DONE : PoolWaitEvent.TIMED_OUT;
      return inTime;
    } finally {
      if (event != null) {
        event.ended("load of block " + key, how);
      }
    }
  }

  /**
   * What a waiter gets.
   *
   * @return a token whose pin is the caller's, or {@link MemoryPool#NO_BLOCK} to start again
   */
  public long result() {
    if (failure != null) {
      throw asMemoryPoolException(failure);
    }
    return token;
  }

  /** Tells how the load ended; for its leader, after that. */
  public void tell(final BlockLoadEvent event) {
    final String outcome;
    if (token != MemoryPool.NO_BLOCK) {
      outcome = BlockLoadEvent.LOADED;
    } else if (failure instanceof TimeoutException) {
      outcome = BlockLoadEvent.LATE;
    } else {
      outcome = failure == null ? BlockLoadEvent.RESTARTED : BlockLoadEvent.FAILED;
    }
    event.ended(key, length, outcome, waiters, ahead);
  }

  /** An exception of the caller's own, so that stack traces of several threads do not mix. */
  private MemoryPoolException asMemoryPoolException(final Throwable cause) {
    return switch (cause) {
      case final MemoryPoolException.PoolExhausted e -> new MemoryPoolException.PoolExhausted(e);
      case final MemoryPoolException.PoolClosed e -> new MemoryPoolException.PoolClosed();
      case final MemoryPoolException.RetrievalFailed e when e.getCause() != null ->
          new MemoryPoolException.RetrievalFailed(key, e.getCause());
      default -> new MemoryPoolException.RetrievalFailed(key, cause);
    };
  }
}
