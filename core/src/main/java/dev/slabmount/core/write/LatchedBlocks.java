package dev.slabmount.core.write;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.SlotTable;

/**
 * How a writer gets into a block and out again: finds where the block lies now, moves it to a
 * larger slot if it has to grow, and holds its content latch exclusively.
 *
 * <p>Room to grow is claimed while no latch is held, so nobody waits for a writer that waits for
 * room.
 *
 * <p>Any thread.
 */
public final class LatchedBlocks {
  private final SlotTable table;
  private final BlockHeaders headers;
  private final BlockIndex index;
  private final RoomMaker rooms;
  private final BlockMover mover;
  private final FlushFlags flags;
  private final int blockSize;

  /** The latches of blocks of this table. */
  public LatchedBlocks(
      final SlotTable table,
      final BlockIndex index,
      final RoomMaker rooms,
      final FlushFlags flags,
      final int blockSize) {
    this.table = table;
    this.headers = table.headers;
    this.index = index;
    this.rooms = rooms;
    this.mover = new BlockMover(table, index);
    this.flags = flags;
    this.blockSize = blockSize;
  }

  /** The same as {@link #enter(int, int, boolean)} for who has not tried yet. */
  public int enter(final int pinned, final int bytes) {
    return enter(pinned, bytes, false);
  }

  /**
   * Latches the block's present slot exclusively, after moving the block to a larger one if it has
   * to hold more.
   *
   * @param pinned a slot of the block that the caller has pinned
   * @param tried whether the caller has looked at the latch for long enough and may as well sleep
   * @return the slot; {@link FlushFlags#REMOVED}, without the latch, if the block was removed
   */
  public int enter(final int pinned, final int bytes, final boolean tried) {
    int spare = SlabAllocator.NO_SLOT;
    try {
      for (; ; ) {
        final int slot = table.newest(pinned);
        final int capacity = table.capacity(slot);
        if (bytes > capacity && spare == SlabAllocator.NO_SLOT) {
          spare = claimForGrowth(capacity, bytes); // No latch is held.
        }
        lock(slot, tried); // E4 acquired.
        final long word = table.words.wordAcquire(slot);
        if (BlockWord.isLive(word)) {
          if (bytes <= capacity) {
            return slot;
          }
          if (mover.move(slot, spare)) {
            final int grown = spare;
            spare = SlabAllocator.NO_SLOT;
            return grown;
          }
        }
        final boolean moved = BlockWord.isMoved(table.words.wordAcquire(slot));
        table.latch.unlockExclusive(slot);
        if (!moved) {
          return FlushFlags.REMOVED;
        }
      }
    } finally {
      if (spare != SlabAllocator.NO_SLOT) {
        table.abandon(spare);
      }
    }
  }

  private void lock(final int slot, final boolean tried) {
    if (tried) {
      table.latch.lockExclusiveAfterTry(slot);
    } else {
      table.latch.lockExclusive(slot);
    }
  }

  /** Leaves a block in which nothing was changed that needs flushing. */
  public void leave(final int slot) {
    table.latch.unlockExclusive(slot); // E4
  }

  /** Leaves a block of which pages were written. */
  void leaveWritten(final int slot) {
    flags.raise(slot);
    table.latch.unlockExclusive(slot); // E4
  }

  /** Leaves a block of which pages were written, or forgotten, or both. */
  public void leaveChanged(final int slot) {
    if (table.pages.anyToFlush(slot)) {
      flags.raise(slot);
    } else {
      flags.settle(slot);
    }
    table.latch.unlockExclusive(slot); // E4
  }

  /**
   * Moves a pinned block to the smallest slot that holds it, if it lies in a larger one, there is a
   * free one, and nobody but the caller holds it. Every move under a holder's pin keeps one more
   * slot until he lets go: while blocks only grow under him, those are few, because slots double;
   * if they shrank as well, one sleeping holder could fill the pool.
   */
  void shrink(final int pinned) {
    final int slot = table.newest(pinned);
    if (slot != pinned || BlockWord.pins(table.words.wordAcquire(slot)) > 1) {
      return;
    }
    final int sizeClass = table.allocator.classes().classFor(headers.lengthAcquire(slot));
    if (table.allocator.classes().slotBytes(sizeClass) >= table.capacity(slot)) {
      return;
    }
    final int spare = rooms.claimFree(sizeClass);
    if (spare == SlabAllocator.NO_SLOT) {
      return;
    }
    table.latch.lockExclusive(slot);
    if (BlockWord.isLive(table.words.wordAcquire(slot))
        && headers.lengthAcquire(slot) <= table.capacity(spare)
        && mover.move(slot, spare)) {
      table.latch.unlockExclusive(spare);
    } else {
      table.latch.unlockExclusive(slot);
      table.abandon(spare);
    }
  }

  /**
   * Sets the length of a latched block; under the shard's lock, so that removal subtracts what we
   * added.
   */
  public void setLength(final int slot, final int before, final int after) {
    if (before != after) {
      final IndexShard shard = index.shardOf(index.hashOf(slot));
      final long stamp = shard.lockRead();
      try {
        headers.setLengthRelease(slot, after);
        if (BlockWord.isLive(table.words.wordAcquire(slot))) {
          table.counters.contentBytes.add(after - before);
        }
      } finally {
        shard.unlockRead(stamp);
      }
    }
  }

  /**
   * Claims twice the capacity if that is to be had at once, which keeps the bytes that a growing
   * block copies within twice its final length; otherwise as much as is needed.
   */
  private int claimForGrowth(final int capacity, final int bytes) {
    final int slot = rooms.claimNow(Math.min(blockSize, Math.max(bytes, 2 * capacity)));
    return slot == SlabAllocator.NO_SLOT ? rooms.claim(bytes) : slot;
  }
}
