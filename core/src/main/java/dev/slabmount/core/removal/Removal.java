package dev.slabmount.core.removal;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.load.PendingLoads;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slot.SlotTable;
import org.agrona.collections.IntArrayList;

/**
 * Takes blocks out of the pool on request. Only unlinks: a block that somebody holds lives on until
 * its last pin is gone. Waits for no latch.
 *
 * <p>Any thread.
 */
public final class Removal {
  private final SlotTable table;
  private final BlockIndex index;
  private final PendingLoads pending;
  private final RoomMaker rooms;

  /** Removes what this index lists. */
  public Removal(
      final SlotTable table,
      final BlockIndex index,
      final PendingLoads pending,
      final RoomMaker rooms) {
    this.table = table;
    this.index = index;
    this.pending = pending;
    this.rooms = rooms;
  }

  /** Removes the unpinned blocks of this content; returns how many. */
  public int invalidate(final long high, final long low) {
    return removeAll(false, high, low, index.blocksOf(false, high, low), false);
  }

  /** Removes all blocks of this content; returns how many. */
  public int removeContent(final long high, final long low) {
    pending.outdateContent(high, low); // First: a load that lands before this is listed below.
    return removeAll(false, high, low, index.blocksOf(false, high, low), true);
  }

  /** Removes all blocks of this inode; returns how many. */
  public int removeInode(final long inode) {
    pending.outdateInode(inode); // First, likewise.
    return removeAll(true, 0, inode, index.blocksOf(true, 0, inode), true);
  }

  private int removeAll(
      final boolean inodeKeyed,
      final long high,
      final long low,
      final IntArrayList blocks,
      final boolean evenPinned) {
    int removed = 0;
    for (int i = 0; i < blocks.size(); i++) {
      if (removeOne(inodeKeyed, high, low, blocks.getInt(i), evenPinned)) {
        removed++;
      }
    }
    table.counters.removals.add(removed);
    return removed;
  }

  private boolean removeOne(
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block,
      final boolean evenPinned) {
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    final IndexShard shard = index.shardOf(hash);
    final int slot;
    final boolean freeable;
    final long stamp = shard.lockWrite();
    try {
      slot = shard.find(hash, inodeKeyed, high, low, block);
      if (slot == IndexShard.ABSENT) {
        return false;
      }
      if (evenPinned) {
        freeable = unlink(hash, slot);
      } else {
        final long before = BlockTransitions.removeUnpinned(table.words, slot);
        if (before == BlockTransitions.REFUSED) {
          return false;
        }
        unlinkRemoved(hash, slot, before);
        freeable = true;
      }
    } finally {
      shard.unlockWrite(stamp);
    }
    if (freeable) {
      table.free(slot);
    }
    return true;
  }

  /** Unlinks a slot, under its shard's lock; returns whether the caller must free it. */
  private boolean unlink(final long hash, final int slot) {
    return BlockWord.pins(table.unlink(index, hash, slot)) == 0;
  }

  /** Unlinks a slot that had no pin when it was removed, so that no other thread touches it. */
  private void unlinkRemoved(final long hash, final int slot, final long before) {
    index.unlink(hash, slot);
    table.unlinked(table.headers.lengthAcquire(slot), BlockWord.has(before, BlockWord.NEEDS_FLUSH));
  }

  /**
   * Removes every block, or none.
   *
   * @throws MemoryPoolException.PoolExhausted if a block is pinned, or dirty and not to be
   *     discarded
   */
  public void clear(final boolean discardDirty) {
    final IntArrayList slots = new IntArrayList();
    final long[] stamps = new long[index.shardCount()];
    lockAll(stamps);
    try {
      for (int i = 0; i < stamps.length; i++) {
        index.collect(i, slots);
      }
      final long[] before = removeAll(slots, discardDirty);
      for (int i = 0; i < slots.size(); i++) {
        final int slot = slots.getInt(i);
        unlinkRemoved(index.hashOf(slot), slot, before[i]);
      }
    } finally {
      unlockAll(stamps);
    }
    table.counters.removals.add(slots.size());
    for (int i = 0; i < slots.size(); i++) {
      table.free(slots.getInt(i)); // None had a pin, and nobody could take one.
    }
  }

  /**
   * Takes all of these slots out of their live state, or none; under the lock of every shard. Pins
   * and writes go on without those locks, so each slot is looked at and taken in one step. The
   * eviction policy, which lets go of what it sees removed, does not look meanwhile; and who looked
   * through the slabs for room is told to look again.
   *
   * @return their words before
   */
  private long[] removeAll(final IntArrayList slots, final boolean discardDirty) {
    final long[] before = new long[slots.size()];
    if (table.victims.withoutLooks(() -> removeOrRevive(slots, discardDirty, before))) {
      return before;
    }
    table.room.raise();
    throw rooms.exhausted("the pool cannot be cleared");
  }

  private boolean removeOrRevive(
      final IntArrayList slots, final boolean discardDirty, final long[] before) {
    for (int i = 0; i < before.length; i++) {
      final int slot = slots.getInt(i);
      before[i] = BlockTransitions.removeUnpinned(table.words, slot);
      final boolean removed = before[i] != BlockTransitions.REFUSED;
      if (!removed || (!discardDirty && BlockWord.has(before[i], BlockWord.NEEDS_FLUSH))) {
        for (int j = removed ? i : i - 1; j >= 0; j--) {
          BlockTransitions.revive(table.words, slots.getInt(j), before[j]);
        }
        return false;
      }
    }
    return true;
  }

  /**
   * Unlinks everything, after the end of the pool's life was declared: who links looks at that
   * under the shard's lock, so what we do not find here is never linked.
   *
   * @return how many blocks needed flushing
   */
  int closeIndex() {
    int unflushed = 0;
    for (int i = 0; i < index.shardCount(); i++) {
      final IntArrayList slots = new IntArrayList();
      final IntArrayList freeable = new IntArrayList();
      final long stamp = index.shard(i).lockWrite();
      try {
        index.collect(i, slots);
        for (int j = 0; j < slots.size(); j++) {
          final int slot = slots.getInt(j);
          if (BlockWord.has(table.words.wordAcquire(slot), BlockWord.NEEDS_FLUSH)) {
            unflushed++;
          }
          if (unlink(index.hashOf(slot), slot)) {
            freeable.addInt(slot);
          }
        }
      } finally {
        index.shard(i).unlockWrite(stamp);
      }
      for (int j = 0; j < freeable.size(); j++) {
        table.free(freeable.getInt(j));
      }
    }
    return unflushed;
  }

  /** All shards, in order of their number; no other thread takes more than one. */
  private void lockAll(final long[] stamps) {
    for (int i = 0; i < stamps.length; i++) {
      stamps[i] = index.shard(i).lockWrite();
    }
  }

  private void unlockAll(final long[] stamps) {
    for (int i = 0; i < stamps.length; i++) {
      index.shard(i).unlockWrite(stamps[i]);
    }
  }
}
