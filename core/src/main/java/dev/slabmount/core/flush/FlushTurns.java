package dev.slabmount.core.flush;

import dev.slabmount.core.observe.PoolWaitEvent;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whose turn it is to flush a key: one thread at a time, whatever becomes of the block meanwhile.
 *
 * <p>Who has the turn and has taken the bits of a block's pages owes it to the block to settle its
 * flag in the end; until then, others leave the flag alone.
 *
 * <p>Any thread.
 */
public final class FlushTurns {
  private static final class Turn {
    final Thread owner = Thread.currentThread();
    final CountDownLatch ended = new CountDownLatch(1);

    /** The owner has taken bits, and will settle the flag. */
    volatile boolean settlesLater;
  }

  private final ConcurrentHashMap<BlockKey, Turn> turns = new ConcurrentHashMap<>();
  private final long timeoutNanos;

  /** Turns for which a thread waits so long at most. */
  public FlushTurns(final long timeoutNanos) {
    this.timeoutNanos = timeoutNanos;
  }

  /** Takes the turn if nobody has it. */
  boolean tryTake(final BlockKey key) {
    return turns.putIfAbsent(key, new Turn()) == null;
  }

  /**
   * Waits for the turn and takes it.
   *
   * @throws IllegalStateException if the calling thread has it: a write-back flushes its own block
   * @throws MemoryPoolException.FlushFailed if others keep it for too long
   */
  void take(final BlockKey key) {
    final Turn mine = new Turn();
    final Turn other = turns.putIfAbsent(key, mine);
    if (other != null) {
      if (other.owner == mine.owner) {
        throw new IllegalStateException("the write-back of block " + key + " flushes that block");
      }
      waitForTurn(key, mine, other);
    }
  }

  private void waitForTurn(final BlockKey key, final Turn mine, final Turn first) {
    final long start = System.nanoTime();
    final PoolWaitEvent event = PoolWaitEvent.started();
    String how = PoolWaitEvent.DONE;
    try {
      for (Turn other = first; other != null; other = turns.putIfAbsent(key, mine)) {
        final long left = timeoutNanos - (System.nanoTime() - start);
        if (!other.ended.await(left, TimeUnit.NANOSECONDS)) {
          how = PoolWaitEvent.TIMED_OUT;
          throw new MemoryPoolException.FlushFailed(key, tooLong(start));
        }
      }
    } catch (final InterruptedException e) {
      how = PoolWaitEvent.INTERRUPTED;
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("another flush of block " + key);
    } finally {
      if (event != null) {
        event.ended("another flush of block " + key, how);
      }
    }
  }

  private static TimeoutException tooLong(final long start) {
    final long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    return new TimeoutException("another flush of it has not ended within " + millis + " ms");
  }

  /** Ends the turn, which the calling thread has. */
  void end(final BlockKey key) {
    final Turn turn = Objects.requireNonNull(turns.remove(key), "turn");
    assert turn.owner == Thread.currentThread() : "not our turn at block " + key;
    turn.ended.countDown();
  }

  /**
   * The calling thread, which has the turn, has taken the bits of the block's pages, and is still
   * in the block's latch: who gets in afterwards leaves the flag to it.
   */
  void taken(final BlockKey key) {
    Objects.requireNonNull(turns.get(key), "turn").settlesLater = true;
  }

  /**
   * The calling thread, which has the turn, settles the block's flag now, in the block's latch: who
   * gets in afterwards has to see to the flag himself, though the turn is not over. If the block
   * was removed, it says so before it looks whether another block has taken its place: one that
   * comes after that look is no business of its.
   */
  void settled(final BlockKey key) {
    Objects.requireNonNull(turns.get(key), "turn").settlesLater = false;
  }

  /** Whether somebody has the turn who will still settle the block's flag. */
  boolean isSettledLater(final BlockKey key) {
    final Turn turn = turns.get(key);
    return turn != null && turn.settlesLater;
  }
}
