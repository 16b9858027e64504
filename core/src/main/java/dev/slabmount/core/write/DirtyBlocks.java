package dev.slabmount.core.write;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.load.PendingLoads;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.state.Versions;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.agrona.collections.IntArrayList;

/**
 * Puts inode-keyed blocks into the pool that no provider loads, and lists those that need flushing.
 *
 * <p>Any thread.
 */
public final class DirtyBlocks {
  private final SlotTable table;
  private final BlockHeaders headers;
  private final BlockIndex index;
  private final BlockFinder finder;
  private final PendingLoads pending;
  private final RoomMaker rooms;
  private final Versions versions;
  private final PoolLife life;

  /** Inserts into this table and this index. */
  public DirtyBlocks(
      final SlotTable table,
      final BlockIndex index,
      final BlockFinder finder,
      final PendingLoads pending,
      final RoomMaker rooms,
      final Versions versions,
      final PoolLife life) {
    this.table = table;
    this.headers = table.headers;
    this.index = index;
    this.finder = finder;
    this.pending = pending;
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
  public long insert(
      final long inode, final int block, final MemorySegment source, final int capacity) {
    final int length = (int) source.byteSize();
    table.counters.cell(); // Which may take heap, and must be there before anything is listed.
    final int slot = rooms.claim(capacity);
    final long token;
    try {
      table.copyIn(slot, 0, source, 0, length);
      headers.init(slot, 0, inode, block, length, versions.next());
      token = publish(slot, KeyHash.ofBlock(true, 0, inode, block), inode, block);
    } catch (final Throwable e) {
      if (BlockWord.isClaimed(table.words.wordAcquire(slot))) { // Otherwise: it is listed.
        table.abandon(slot);
      }
      throw e;
    }
    table.counters.allocations.increment();
    table.counters.inserts.increment();
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
      life.check(); // E14, under the lock: the closer takes it after the pool's life has ended.
      old = shard.find(hash, true, 0, inode, block);
      if (old == IndexShard.ABSENT) {
        index.prepare(hash, slot, true); // After this, nothing can fail.
      }
      table.pages.startWritten(slot, headers.lengthAcquire(slot));
      word =
          BlockTransitions.publish(
              table.words, slot, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH, 1);
      if (old == IndexShard.ABSENT) {
        index.link(hash, slot);
      } else {
        oldWord = table.replace(index, hash, old, slot);
      }
      pending.outdateBlock(hash, inode, block);
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

  /**
   * Pins the inode's block; if it is absent, inserts one without a valid page.
   *
   * @param length the length of the block if it is inserted
   * @param capacity bytes to make room for then
   */
  public long claim(final long inode, final int block, final int length, final int capacity) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final long present = finder.hit(hash, true, 0, inode, block);
    if (present != MemoryPool.NO_BLOCK) {
      return present;
    }
    table.counters.cell(); // As above.
    final int slot = rooms.claim(capacity);
    headers.init(slot, 0, inode, block, length, versions.next());
    return publishIfAbsent(slot, hash, inode, block);
  }

  private long publishIfAbsent(final int slot, final long hash, final long inode, final int block) {
    final IndexShard shard = index.shardOf(hash);
    final int other;
    final long word;
    boolean used = false;
    final long stamp = shard.lockWrite();
    try {
      life.check(); // Under the lock, as above.
      other = shard.find(hash, true, 0, inode, block);
      if (other == IndexShard.ABSENT) {
        index.prepare(hash, slot, true);
        table.pages.startMissing(slot);
        word = BlockTransitions.publish(table.words, slot, BlockWord.INODE_KEYED, 1);
        index.link(hash, slot);
        used = true;
        pending.outdateBlock(hash, inode, block);
        table.linked(slot, false);
      } else {
        word = BlockTransitions.pin(table.words, other);
      }
      table.counters.pinsAdded(word, 1);
    } finally {
      shard.unlockWrite(stamp);
      if (!used) {
        table.abandon(slot);
      }
    }
    if (used) {
      table.counters.allocations.increment();
      table.counters.inserts.increment();
      table.victims.admit(slot);
      return Tokens.of(slot, word);
    }
    table.counters.hitsOfWaiters.increment();
    return Tokens.of(other, word);
  }

  /** The block indexes of the inode's blocks that need flushing, ascending. */
  public int[] needingFlush(final long inode) {
    final IntArrayList blocks = index.blocksOf(true, 0, inode);
    final int[] dirty = new int[blocks.size()];
    int count = 0;
    for (int i = 0; i < blocks.size(); i++) {
      if (needsFlush(inode, blocks.getInt(i))) {
        dirty[count++] = blocks.getInt(i);
      }
    }
    final int[] sorted = Arrays.copyOf(dirty, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private boolean needsFlush(final long inode, final int block) {
    final long hash = KeyHash.ofBlock(true, 0, inode, block);
    final IndexShard shard = index.shardOf(hash);
    final long stamp = shard.lockRead();
    try {
      final int slot = shard.find(hash, true, 0, inode, block);
      return slot != IndexShard.ABSENT
          && BlockWord.has(table.words.wordAcquire(slot), BlockWord.NEEDS_FLUSH);
    } finally {
      shard.unlockRead(stamp);
    }
  }
}
