package dev.slabmount.core.flush;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Whose turn it is to flush a key: one thread at a time, whatever becomes of the block meanwhile.
 *
 * <p>Any thread.
 */
public final class FlushTurns {
  private static final class Turn {
    final Thread owner = Thread.currentThread();
    final CountDownLatch ended = new CountDownLatch(1);

    /** The owner has settled flag and bits of the block; changed in the block's latch. */
    volatile boolean settled;
  }

  private final ConcurrentHashMap<BlockKey, Turn> turns = new ConcurrentHashMap<>();

  /** Takes the turn if nobody has it. */
  boolean tryTake(final BlockKey key) {
    return turns.putIfAbsent(key, new Turn()) == null;
  }

  /**
   * Waits for the turn and takes it.
   *
   * @throws IllegalStateException if the calling thread has it: a write-back flushes its own block
   */
  void take(final BlockKey key) {
    final Turn mine = new Turn();
    Turn other;
    while ((other = turns.putIfAbsent(key, mine)) != null) {
      if (other.owner == mine.owner) {
        throw new IllegalStateException("the write-back of block " + key + " flushes that block");
      }
      try {
        other.ended.await();
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MemoryPoolException.WaitInterrupted("another flush of block " + key);
      }
    }
  }

  /** Ends the turn, which the calling thread has. */
  void end(final BlockKey key) {
    final Turn turn = Objects.requireNonNull(turns.remove(key), "turn");
    assert turn.owner == Thread.currentThread() : "not our turn at block " + key;
    turn.ended.countDown();
  }

  /**
   * The calling thread, which has the turn, settles the block's flag now, in the block's latch: who
   * gets in afterwards has to see to the flag himself, though the turn is not over.
   */
  void settled(final BlockKey key) {
    Objects.requireNonNull(turns.get(key), "turn").settled = true;
  }

  /** Whether somebody has the turn who will still settle the block's flag. */
  boolean isSettledLater(final BlockKey key) {
    final Turn turn = turns.get(key);
    return turn != null && !turn.settled;
  }
}
