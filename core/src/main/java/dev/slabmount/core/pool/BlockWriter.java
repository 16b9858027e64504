package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import java.lang.foreign.MemorySegment;

/**
 * Changes inode-keyed blocks in place.
 *
 * <p>Every change goes the same way: pin the block, find room if it has to grow, take the content
 * latch, check that the block is still where it was, raise its version, change the bytes, put up
 * NEEDS_FLUSH, let go of the latch, unpin. So at every moment an unfinished or unflushed change is
 * protected from eviction, first by the pin and then by the flag.
 *
 * <p>Any thread. A latch is never held while waiting for room.
 */
final class BlockWriter {
  /** What the methods on pinned slots return if the block was removed or replaced meanwhile. */
  private static final int REMOVED = -1;

  private final SlotTable table;
  private final BlockHeaders headers;
  private final BlockIndex index;
  private final BlockFinder finder;
  private final RoomMaker rooms;
  private final BlockMover mover;
  private final int blockSize;

  BlockWriter(
      final SlotTable table,
      final BlockIndex index,
      final BlockFinder finder,
      final RoomMaker rooms,
      final int blockSize) {
    this.table = table;
    this.headers = table.headers;
    this.index = index;
    this.finder = finder;
    this.rooms = rooms;
    this.mover = new BlockMover(table, index);
    this.blockSize = blockSize;
  }

  int modify(final long inode, final int block, final int capacity, final BlockModifier modifier) {
    for (; ; ) {
      final long token = pinOrThrow(inode, block);
      try {
        final int length = modifyPinned(table.slotOf(token), capacity, modifier);
        if (length != REMOVED) {
          return length;
        }
      } finally {
        table.unpin(token);
      }
    }
  }

  int write(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    for (; ; ) {
      final long token = pinOrThrow(inode, block);
      try {
        final int after = writePinned(table.slotOf(token), offset, source, sourceOffset, length);
        if (after != REMOVED) {
          return after;
        }
      } finally {
        table.unpin(token);
      }
    }
  }

  int write(
      final long token,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    final int slot = table.slotOf(token);
    if (!BlockWord.has(table.words.wordAcquire(slot), BlockWord.INODE_KEYED)) {
      throw new MemoryPoolException.BlockNotMutable(table.keyOf(slot));
    }
    final int after = writePinned(slot, offset, source, sourceOffset, length);
    if (after == REMOVED) {
      throw new MemoryPoolException.BlockNotFound(table.keyOf(slot));
    }
    return after;
  }

  boolean shrink(final long inode, final int block) {
    final long token = finder.pinInode(inode, block);
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    try {
      shrinkPinned(table.newest(table.slotOf(token)));
      return true;
    } finally {
      table.unpin(token);
    }
  }

  private long pinOrThrow(final long inode, final int block) {
    final long token = finder.pinInode(inode, block);
    if (token == MemoryPool.NO_BLOCK) {
      throw new MemoryPoolException.BlockNotFound(BlockKey.ofInode(inode, block));
    }
    return token;
  }

  // ---- On pinned slots ----

  private int modifyPinned(final int pinned, final int capacity, final BlockModifier modifier) {
    final int slot = enter(pinned, capacity);
    if (slot == REMOVED) {
      return REMOVED;
    }
    try {
      final int before = headers.lengthAcquire(slot);
      final int room = Math.max(capacity, before);
      headers.nextVersionRelease(slot);
      table.zero(slot, before, room);
      final int after = modifier.modify(table.writable(slot, room), before);
      if (after < 0 || after > room) {
        throw new IllegalArgumentException(
            "the modifier says the block has " + after + " bytes, but it was given " + room);
      }
      setLength(slot, before, after);
      return after;
    } finally {
      leave(slot);
    }
  }

  private int writePinned(
      final int pinned,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    final int end = offset + length;
    final int slot = enter(pinned, end);
    if (slot == REMOVED) {
      return REMOVED;
    }
    try {
      final int before = headers.lengthAcquire(slot);
      final int after = Math.max(before, end);
      headers.nextVersionRelease(slot);
      table.zero(slot, before, offset);
      table.copyIn(slot, offset, source, sourceOffset, length);
      setLength(slot, before, after);
      return after;
    } finally {
      leave(slot);
    }
  }

  private void shrinkPinned(final int slot) {
    final SizeClasses classes = table.allocator.classes();
    final int sizeClass = classes.classFor(headers.lengthAcquire(slot));
    if (classes.slotBytes(sizeClass) >= table.capacity(slot)) {
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

  // ---- Latch and growth ----

  /**
   * Latches the block's present slot exclusively, after moving the block to a larger one if it has
   * to hold more.
   *
   * @return the slot, or {@link #REMOVED} without the latch
   */
  private int enter(final int pinned, final int bytes) {
    int spare = SlabAllocator.NO_SLOT;
    try {
      for (; ; ) {
        final int slot = table.newest(pinned);
        final int capacity = table.capacity(slot);
        if (bytes > capacity && spare == SlabAllocator.NO_SLOT) {
          spare = claimForGrowth(capacity, bytes); // No latch is held.
        }
        table.latch.lockExclusive(slot); // E4 acquired.
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
          return REMOVED;
        }
      }
    } finally {
      if (spare != SlabAllocator.NO_SLOT) {
        table.abandon(spare);
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

  /** Ends a change, also one that failed half way. */
  private void leave(final int slot) {
    if (BlockTransitions.needFlush(table.words, slot)) { // E5: after the bytes and the version.
      table.counters.needingFlush.increment();
    }
    table.latch.unlockExclusive(slot); // E4
  }

  /** Sets the length; under the shard's lock, so that removal subtracts what we added. */
  private void setLength(final int slot, final int before, final int after) {
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
}
