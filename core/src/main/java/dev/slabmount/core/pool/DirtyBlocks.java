package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import java.lang.foreign.MemorySegment;

/**
 * Puts inode-keyed blocks into the pool, and turns their NEEDS_FLUSH flag up and down.
 *
 * <p>Any thread.
 */
final class DirtyBlocks {
  private final SlotTable table;
  private final BlockHeaders headers;
  private final BlockIndex index;
  private final RoomMaker rooms;
  private final Versions versions;
  private final PoolLife life;

  DirtyBlocks(
      final SlotTable table,
      final BlockIndex index,
      final RoomMaker rooms,
      final Versions versions,
      final PoolLife life) {
    this.table = table;
    this.headers = table.headers;
    this.index = index;
    this.rooms = rooms;
    this.versions = versions;
    this.life = life;
  }

  /**
   * Inserts a block that needs flushing in place of whatever block the key had. The old block is
   * touched last, when nothing can fail any more.
   *
   * @param capacity bytes to make room for, at least the source's size
   * @return the new block's token, pinned for the caller
   */
  long insert(final long inode, final int block, final MemorySegment source, final int capacity) {
    final int length = (int) source.byteSize();
    final int slot = rooms.claim(capacity);
    final long token;
    try {
      table.copyIn(slot, 0, source, 0, length);
      headers.init(slot, 0, inode, block, length, versions.next());
      token = publish(slot, KeyHash.ofBlock(true, 0, inode, block), inode, block);
    } catch (final Throwable e) {
      table.abandon(slot);
      throw e;
    }
    table.counters.allocations.increment();
    table.victims.admit(slot);
    return token;
  }

  private long publish(final int slot, final long hash, final long inode, final int block) {
    final IndexShard shard = index.shardOf(hash);
    final long word;
    long oldWord = BlockTransitions.REFUSED;
    final int old;
    final long stamp = shard.lockWrite();
    try {
      life.check(); // Under the lock: the closer takes it after the pool's life has ended.
      old = shard.find(hash, true, 0, inode, block);
      if (old != IndexShard.ABSENT) {
        oldWord = table.unlink(index, hash, old);
      }
      word =
          BlockTransitions.publish(
              table.words, slot, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH, 1);
      index.link(hash, slot);
      table.linked(slot, true);
      table.counters.pinsAdded(word, 1);
    } finally {
      shard.unlockWrite(stamp);
    }
    if (old != IndexShard.ABSENT && BlockWord.pins(oldWord) == 0) {
      table.free(old);
    }
    return Tokens.of(slot, word);
  }

  /** Takes the flag down; returns whether the block is there. */
  boolean markFlushed(final long inode, final int block) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final IndexShard shard = index.shardOf(hash);
    final int slot;
    int flushedBytes = -1;
    final long stamp = shard.lockRead();
    try {
      slot = shard.find(hash, true, 0, inode, block);
      if (slot != IndexShard.ABSENT && BlockTransitions.flushed(table.words, slot)) {
        flushedBytes = headers.lengthAcquire(slot);
      }
    } finally {
      shard.unlockRead(stamp);
    }
    return afterMarking(slot, flushedBytes);
  }

  /**
   * Takes the flag down if the block still has this version.
   *
   * <p>A writer raises the version before it changes bytes and puts the flag up afterwards. We look
   * at the version, take the flag down, and look again: a write whose flag we took down is seen by
   * the second look, and every other one puts its flag up after us (E5). In between, the block
   * cannot be evicted, because eviction wants the shard's lock for writing.
   */
  boolean markFlushed(final long inode, final int block, final long version) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final IndexShard shard = index.shardOf(hash);
    final int slot;
    int flushedBytes = -1;
    final long stamp = shard.lockRead();
    try {
      slot = shard.find(hash, true, 0, inode, block);
      if (slot != IndexShard.ABSENT) {
        if (headers.versionAcquire(slot) != version) {
          return false;
        }
        if (BlockTransitions.flushed(table.words, slot)) {
          if (headers.versionAcquire(slot) != version) {
            if (!BlockTransitions.needFlush(table.words, slot)) {
              table.counters.needingFlush.decrement(); // The writer has put it up and counted it.
            }
            return false;
          }
          flushedBytes = headers.lengthAcquire(slot);
        }
      }
    } finally {
      shard.unlockRead(stamp);
    }
    return afterMarking(slot, flushedBytes);
  }

  private boolean afterMarking(final int slot, final int flushedBytes) {
    if (slot == IndexShard.ABSENT) {
      life.check();
      return false;
    }
    if (flushedBytes >= 0) {
      table.counters.needingFlush.decrement();
      table.counters.bytesWrittenBack.add(flushedBytes);
      table.victims.flushed(slot); // Before the signal, so that a waiter finds it.
      table.room.raise(table.allocator.slabOf(slot)); // E8: after the flag is down.
    }
    return true;
  }

  /** Puts the flag up; returns whether the block is there. */
  boolean markNeedsFlush(final long inode, final int block) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final IndexShard shard = index.shardOf(hash);
    final boolean found;
    final long stamp = shard.lockRead();
    try {
      final int slot = shard.find(hash, true, 0, inode, block);
      found = slot != IndexShard.ABSENT;
      if (found && BlockTransitions.needFlush(table.words, slot)) {
        table.counters.needingFlush.increment();
      }
    } finally {
      shard.unlockRead(stamp);
    }
    if (!found) {
      life.check();
    }
    return found;
  }
}
