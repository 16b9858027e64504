package dev.slabmount.core.flush;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.slot.SlotTable;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps the flag NEEDS_FLUSH of a block in agreement with the bits of its pages.
 *
 * <p>Both are changed together, by a thread that is in the block's content latch: as its writer; or
 * as a reader, holding the lock of the block's shard for writing as well, so that there is one such
 * thread at a time and no writer beside it; a flusher who takes bits is such a reader, too. Hence
 * the flag is up exactly if a bit is set, or a flusher has taken the bits and is still at it,
 * whenever somebody else can get in.
 *
 * <p>A reader gets in here although writers wait for the latch, so that those who read a block
 * under its latch can mark or flush it there and then.
 *
 * <p>Any thread.
 */
public final class FlushFlags {
  /** What {@link #enter} returns if the block was removed or replaced. */
  public static final int REMOVED = -1;

  private static final int MODIFIED = -2;

  /** Not a version at which anything can be marked: it says that a modifier is at work. */
  private static final long ANY_VERSION = -1;

  private static final int SPINS = 256;
  private static final long PAUSE_NANOS = 20_000;

  private final SlotTable table;
  private final BlockHeaders headers;
  private final BlockIndex index;
  private final FlushTurns turns;

  /** The flags of the blocks that this index lists. */
  public FlushFlags(final SlotTable table, final BlockIndex index, final FlushTurns turns) {
    this.table = table;
    this.headers = table.headers;
    this.index = index;
    this.turns = turns;
  }

  // ---- By key ----

  /** Says that no page needs flushing any more; returns whether the block is there. */
  public boolean markFlushed(final long inode, final int block) {
    return mark(inode, block, true, ANY_VERSION);
  }

  /** The same if the block still has this version; returns whether it is there and has. */
  public boolean markFlushed(final long inode, final int block, final long version) {
    return version != ANY_VERSION && mark(inode, block, true, version);
  }

  /** Says that every valid page needs flushing; returns whether the block is there. */
  public boolean markNeedsFlush(final long inode, final int block) {
    return mark(inode, block, false, ANY_VERSION);
  }

  private boolean mark(
      final long inode, final int block, final boolean flushed, final long version) {
    for (; ; ) {
      final int pinned = hold(inode, block);
      if (pinned == IndexShard.ABSENT) {
        return false;
      }
      try {
        final int slot = enterUnlessModified(pinned);
        if (slot == MODIFIED) {
          return version == ANY_VERSION; // All of it will need flushing, whatever is said here.
        }
        if (slot != REMOVED) {
          return markLatched(slot, flushed, version);
        }
      } finally {
        table.unpinSlot(pinned);
      }
    }
  }

  private boolean markLatched(final int slot, final boolean flushed, final long version) {
    try {
      if (version != ANY_VERSION && headers.versionAcquire(slot) != version) {
        return false;
      }
      if (flushed) {
        allFlushed(slot);
      } else {
        allToFlush(slot);
      }
      return true;
    } finally {
      table.latch.unlockShared(slot);
    }
  }

  /**
   * Pins the inode's block, without counting that as a use.
   *
   * @return its slot, or {@link IndexShard#ABSENT}
   */
  int hold(final long inode, final int block) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final IndexShard shard = index.shardOf(hash);
    final int slot;
    long word = BlockTransitions.REFUSED;
    final long stamp = shard.lockRead();
    try {
      slot = shard.find(hash, true, 0, inode, block);
      if (slot != IndexShard.ABSENT) {
        word = BlockTransitions.hold(table.words, slot); // What is listed is live.
      }
    } finally {
      shard.unlockRead(stamp);
    }
    if (slot != IndexShard.ABSENT) {
      table.counters.pinsAdded(word, 1);
    }
    return slot;
  }

  // ---- In the latch ----

  /**
   * Enters the latch of a pinned block where it lies now, as a reader.
   *
   * @return the slot, or {@link #REMOVED} without the latch
   */
  int enter(final int pinned) {
    for (; ; ) {
      final int slot = table.newest(pinned);
      table.latch.lockSharedPastWaiters(slot); // E4 acquired.
      final long word = table.words.wordAcquire(slot);
      if (BlockWord.isLive(word)) {
        return slot;
      }
      table.latch.unlockShared(slot);
      if (!BlockWord.isMoved(word)) {
        return REMOVED;
      }
    }
  }

  /**
   * The same, but does not wait for a modifier, which is not ours and may take its time, or call
   * us.
   *
   * @return the slot; without the latch: {@link #REMOVED}, or {@link #MODIFIED} if one is at work
   */
  private int enterUnlessModified(final int pinned) {
    for (int i = 0; ; i++) {
      final int slot = table.newest(pinned);
      if (table.latch.tryLockSharedPastWaiters(slot)) { // E4 acquired.
        final long word = table.words.wordAcquire(slot);
        if (BlockWord.isLive(word)) {
          return slot;
        }
        table.latch.unlockShared(slot);
        if (!BlockWord.isMoved(word)) {
          return REMOVED;
        }
      } else if (BlockHeaders.isModified(headers.versionAcquire(slot))) {
        return MODIFIED;
      } else if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS); // A large copy, or whoever makes it is not running.
      }
    }
  }

  /** A page was written: the flag goes up if it is down. For the writer in the latch. */
  public void raise(final int slot) {
    if (BlockTransitions.needFlush(table.words, slot)) { // E5: after the bytes and the bits.
      table.counters.needingFlush.increment();
    }
  }

  /**
   * Bits were cleared: the flag goes down if none is left. For the writer in the latch. If the
   * block is being flushed, its bits are with the flusher, who settles it in the end.
   */
  public void settle(final int slot) {
    if (!turns.isSettledLater(table.keyOf(slot))) {
      settleFlushed(slot);
    }
  }

  /** The same, for the flusher of the block's key; returns whether no bit is left. */
  boolean settleFlushed(final int slot) {
    final IndexShard shard = index.shardOf(index.hashOf(slot));
    final boolean none;
    final boolean down;
    final long stamp = shard.lockWrite();
    try {
      none = !table.pages.anyToFlush(slot);
      down = none && BlockTransitions.flushed(table.words, slot);
    } finally {
      shard.unlockWrite(stamp);
    }
    if (down) {
      wentDown(slot);
    }
    return none;
  }

  /**
   * Takes the bits of the pages that need flushing. The flag stays as it is: whoever marks the
   * block has put it up together with the bits that are taken here. For the flusher, in the latch.
   */
  long[] take(final int slot) {
    final IndexShard shard = index.shardOf(index.hashOf(slot));
    final long stamp = shard.lockWrite();
    try {
      return table.pages.takeToFlush(slot);
    } finally {
      shard.unlockWrite(stamp);
    }
  }

  /** Puts bits back that were taken from the block, where pages are still valid. */
  void putBack(final int slot, final long[] taken) {
    final IndexShard shard = index.shardOf(index.hashOf(slot));
    final long stamp = shard.lockWrite();
    try {
      table.pages.putBackToFlush(slot, taken);
      if (table.pages.anyToFlush(slot)) {
        raise(slot);
      }
    } finally {
      shard.unlockWrite(stamp);
    }
  }

  private void allFlushed(final int slot) {
    final IndexShard shard = index.shardOf(index.hashOf(slot));
    final boolean down;
    final long stamp = shard.lockWrite();
    try {
      table.pages.clearToFlush(slot);
      down = BlockTransitions.flushed(table.words, slot);
    } finally {
      shard.unlockWrite(stamp);
    }
    if (down) {
      table.counters.bytesWrittenBack.add(headers.lengthAcquire(slot));
      table.counters.flushes.increment();
      wentDown(slot);
    }
  }

  private void allToFlush(final int slot) {
    final IndexShard shard = index.shardOf(index.hashOf(slot));
    final long stamp = shard.lockWrite();
    try {
      table.pages.setValidToFlush(slot);
      if (table.pages.anyToFlush(slot)) {
        raise(slot);
      }
    } finally {
      shard.unlockWrite(stamp);
    }
  }

  private void wentDown(final int slot) {
    table.counters.needingFlush.decrement();
    table.victims.flushed(slot); // Before the signal, so that a waiter finds it.
    table.room.raise(table.allocator.slabOf(slot)); // E8: after the flag is down.
  }
}
