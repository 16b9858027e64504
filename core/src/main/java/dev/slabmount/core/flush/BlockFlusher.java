package dev.slabmount.core.flush;

import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.observe.BlockWriteBackEvent;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolLife;

/**
 * Writes blocks back.
 *
 * <p>The flusher takes the bits of the pages that need flushing away, under the latch, so that
 * every write is wholly before that or wholly after it. Then it hands the pages out, without the
 * latch. A write that comes after the bits were taken sets its bits again, and so is not forgotten
 * when the flush succeeds; if it fails, the bits are put back. Meanwhile NEEDS_FLUSH stays up, and
 * the block is pinned. If the block moves meanwhile, the old slot, which is pinned too, keeps the
 * bytes as they were when it moved, and later writes set bits of the new one.
 *
 * <p>Any thread; one at a time per key.
 */
public final class BlockFlusher {
  private final SlotTable table;
  private final FlushFlags flags;
  private final FlushTurns turns;
  private final PoolLife life;

  /** Flushes blocks of this table. */
  public BlockFlusher(
      final SlotTable table, final FlushFlags flags, final FlushTurns turns, final PoolLife life) {
    this.table = table;
    this.flags = flags;
    this.turns = turns;
    this.life = life;
  }

  /** Writes a block back, after waiting for its turn; returns whether the block is there. */
  public boolean flush(final BlockKey key, final BlockWriteBack target) {
    turns.take(key);
    try {
      return flushInTurn(key, target);
    } finally {
      turns.end(key);
    }
  }

  /** The same, unless somebody else is flushing the block; returns whether nobody was. */
  boolean tryFlush(final BlockKey key, final BlockWriteBack target) {
    if (!turns.tryTake(key)) {
      return false;
    }
    try {
      flushInTurn(key, target);
      return true;
    } finally {
      turns.end(key);
    }
  }

  private boolean flushInTurn(final BlockKey key, final BlockWriteBack target) {
    for (; ; ) {
      final int pinned = flags.hold(key.inode(), key.block());
      if (pinned == IndexShard.ABSENT) {
        life.check();
        return false;
      }
      try {
        final int slot = flags.enter(pinned);
        if (slot != FlushFlags.REMOVED) {
          take(key, slot, pinned, target);
          return true;
        }
      } finally {
        table.unpinSlot(pinned);
      }
    }
  }

  private void take(
      final BlockKey key, final int slot, final int pinned, final BlockWriteBack target) {
    final long[] taken;
    final int length;
    try {
      taken = flags.take(slot);
      turns.taken(key);
      length = table.headers.lengthAcquire(slot);
    } finally {
      table.latch.unlockShared(slot);
    }
    writeBack(key, slot, length, pinned, taken, target);
  }

  private void writeBack(
      final BlockKey key,
      final int slot,
      final int length,
      final int pinned,
      final long[] taken,
      final BlockWriteBack target) {
    BlockWriteBackEvent event = null;
    long bytes = 0;
    boolean done = false;
    try {
      final PageRuns runs = new PageRuns(table, slot, taken, length);
      if (runs.count() > 0) {
        bytes = runs.bytes();
        event = BlockWriteBackEvent.started();
        target.writeBack(key.inode(), key.block(), runs);
        table.counters.bytesWrittenBack.add(bytes);
        table.counters.flushes.increment();
      }
      done = true;
    } catch (final Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      table.counters.writeBackFailures.increment();
      throw new MemoryPoolException.FlushFailed(key, e);
    } finally {
      final boolean clean = settle(key, pinned, taken, done);
      if (event != null) {
        event.ended(key, bytes, done ? clean ? "FLUSHED" : "DIRTIED" : "FAILED");
      }
    }
  }

  /**
   * Puts the bits back if they were not flushed, and sees to the flag, also of a block that took
   * this one's place.
   *
   * @return whether nothing of the block needs flushing
   */
  private boolean settle(
      final BlockKey key, final int pinned, final long[] taken, final boolean flushed) {
    final int slot = flags.enter(pinned);
    if (slot != FlushFlags.REMOVED) {
      return settleLatched(key, slot, taken, flushed);
    }
    turns.settled(key); // Then look: who is not found here sees to his flag himself.
    final int other = flags.hold(key.inode(), key.block());
    if (other != IndexShard.ABSENT) {
      try {
        final int others = flags.enter(other);
        if (others != FlushFlags.REMOVED) {
          settleLatched(key, others, taken, true);
        }
      } finally {
        table.unpinSlot(other);
      }
    }
    return true;
  }

  private boolean settleLatched(
      final BlockKey key, final int slot, final long[] taken, final boolean flushed) {
    try {
      if (!flushed) {
        flags.putBack(slot, taken);
      }
      turns.settled(key);
      return flags.settleFlushed(slot);
    } finally {
      table.latch.unlockShared(slot);
    }
  }
}
