package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;

/**
 * Finds and pins blocks that are in the pool: the hit path. Allocates nothing; waits for nothing
 * but the few instructions in which a writer of the same shard changes its map.
 *
 * <p>Any thread.
 */
final class BlockFinder {
  private final BlockIndex index;
  private final SlotTable table;
  private final PoolLife life;
  private final boolean reportsUses;

  BlockFinder(final BlockIndex index, final SlotTable table, final PoolLife life) {
    this.index = index;
    this.table = table;
    this.life = life;
    reportsUses = table.victims.wantsUses;
  }

  /** Pins the block; returns its token, or {@link MemoryPool#NO_BLOCK} if it is absent. */
  long pin(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    final IndexShard shard = index.shardOf(hash);
    final int slot;
    long word = BlockTransitions.REFUSED;
    final long stamp = shard.lockRead();
    try {
      slot = shard.find(hash, inodeKeyed, high, low, block);
      if (slot != IndexShard.ABSENT) {
        word = BlockTransitions.pin(table.words, slot); // What is listed is live.
      }
    } finally {
      shard.unlockRead(stamp);
    }
    if (word == BlockTransitions.REFUSED) {
      life.check();
      return MemoryPool.NO_BLOCK;
    }
    table.counters.pinsAdded(word, 1);
    if (BlockWord.has(word, BlockWord.AHEAD)) {
      table.counters.bytesAheadUsed.add(table.headers.lengthAcquire(slot));
    }
    if (reportsUses) {
      table.victims.used(slot);
    }
    return Tokens.of(slot, word);
  }

  /** As {@link #pin}, and counts a hit. */
  long hit(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    final long token = pin(hash, inodeKeyed, high, low, block);
    if (token != MemoryPool.NO_BLOCK) {
      table.counters.hits.increment();
    }
    return token;
  }

  /** Pins an inode's block, uncounted, for those who write to it. */
  long pinInode(final long inode, final int block) {
    return pin(KeyHash.ofBlock(true, 0, inode, block), true, 0, inode, block);
  }

  /** Whether the block is there. */
  boolean contains(final boolean inodeKeyed, final long high, final long low, final int block) {
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    final IndexShard shard = index.shardOf(hash);
    final boolean found;
    final long stamp = shard.lockRead();
    try {
      found = shard.find(hash, inodeKeyed, high, low, block) != IndexShard.ABSENT;
    } finally {
      shard.unlockRead(stamp);
    }
    if (!found) {
      life.check();
    }
    return found;
  }
}
