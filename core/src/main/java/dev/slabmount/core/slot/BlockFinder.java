package dev.slabmount.core.slot;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.KeyProof;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.state.PoolLife;

/**
 * Finds and pins blocks that are in the pool: the hit path.
 *
 * <p>Takes no lock: a hint of the index says where the block may be, and {@link KeyProof} whether
 * it is there. That the block is nowhere is seen without a lock too, unless the shard is being
 * changed; only then the map is asked under the lock, and the thread waits for the few instructions
 * in which a writer changes it. Allocates nothing.
 *
 * <p>Any thread.
 */
public final class BlockFinder {
  private final BlockIndex index;
  private final SlotTable table;
  private final KeyProof proof;
  private final PoolLife life;
  private final boolean reportsUses;

  /** Finds what this index lists. */
  public BlockFinder(final BlockIndex index, final SlotTable table, final PoolLife life) {
    this.index = index;
    this.table = table;
    this.proof = table.proof;
    this.life = life;
    reportsUses = table.victims.wantsUses;
  }

  /** Pins the block and counts a hit; returns its token, or {@link MemoryPool#NO_BLOCK}. */
  public long hit(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    return find(hash, inodeKeyed, high, low, block, true);
  }

  /**
   * The same without any lock. {@link MemoryPool#NO_BLOCK} means little: somebody may be changing
   * the shard, or have just put the block there.
   */
  public long hitHinted(
      final long hash, final boolean inodeKeyed, final long high, final long low, final int block) {
    try {
      return findHinted(table.counters.cell(), hash, inodeKeyed, high, low, block, true);
    } catch (final IllegalStateException e) {
      throw closedOr(e);
    }
  }

  /** Pins an inode's block, uncounted, for those who write to it. */
  public long pinInode(final long inode, final int block) {
    return find(KeyHash.ofBlock(true, 0, inode, block), true, 0, inode, block, false);
  }

  /** Whether the block is there. */
  public boolean contains(
      final boolean inodeKeyed, final long high, final long low, final int block) {
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    try {
      for (long hint = index.firstHint(hash);
          hint != BlockIndex.NO_HINT;
          hint = index.nextHint(hash, hint)) {
        if (proof.holds(hint, inodeKeyed, high, low, block)) {
          return true;
        }
      }
      final IndexShard shard = index.shardOf(hash);
      if (!shard.isAbsent(hash, inodeKeyed, high, low, block)
          && isListed(shard, hash, inodeKeyed, high, low, block)) {
        return true;
      }
      life.check();
      return false;
    } catch (final IllegalStateException e) {
      throw closedOr(e);
    }
  }

  private long find(
      final long hash,
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block,
      final boolean isHit) {
    final int cell = table.counters.cell(); // Before the pin, which everything after waits for.
    try {
      final long token = findHinted(cell, hash, inodeKeyed, high, low, block, isHit);
      return token != MemoryPool.NO_BLOCK
          ? token
          : findListed(cell, hash, inodeKeyed, high, low, block, isHit);
    } catch (final IllegalStateException e) {
      throw closedOr(e);
    }
  }

  private long findHinted(
      final int cell,
      final long hash,
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block,
      final boolean isHit) {
    for (long hint = index.firstHint(hash);
        hint != BlockIndex.NO_HINT;
        hint = index.nextHint(hash, hint)) {
      final long word = proof.pin(hint, inodeKeyed, high, low, block);
      if (word != BlockTransitions.REFUSED) {
        count(cell, Tokens.slot(hint), word, isHit);
        return hint; // And not what we read in the header: that would have to be waited for.
      }
    }
    return MemoryPool.NO_BLOCK;
  }

  /** No hint led to the block: it is absent, or it has just come, or moved. */
  private long findListed(
      final int cell,
      final long hash,
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block,
      final boolean isHit) {
    final IndexShard shard = index.shardOf(hash);
    int slot = IndexShard.ABSENT;
    long word = BlockTransitions.REFUSED;
    if (!shard.isAbsent(hash, inodeKeyed, high, low, block)) {
      final long stamp = shard.lockRead();
      try {
        slot = shard.find(hash, inodeKeyed, high, low, block);
        if (slot != IndexShard.ABSENT) {
          word = BlockTransitions.pin(table.words, slot); // What is listed is live.
        }
      } finally {
        shard.unlockRead(stamp);
      }
    }
    if (word == BlockTransitions.REFUSED) {
      life.check();
      return MemoryPool.NO_BLOCK;
    }
    count(cell, slot, word, isHit);
    return Tokens.of(slot, word);
  }

  private static boolean isListed(
      final IndexShard shard,
      final long hash,
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block) {
    final long stamp = shard.lockRead();
    try {
      return shard.find(hash, inodeKeyed, high, low, block) != IndexShard.ABSENT;
    } finally {
      shard.unlockRead(stamp);
    }
  }

  private void count(final int cell, final int slot, final long word, final boolean isHit) {
    table.counters.pinned(cell, word, isHit);
    if (BlockWord.has(word, BlockWord.AHEAD)) {
      table.counters.bytesAheadUsed.add(table.headers.lengthAcquire(slot));
    }
    if (reportsUses) {
      table.victims.used(slot);
    }
  }

  /** Who follows a hint may come upon headers that are unmapped meanwhile. */
  private IllegalStateException closedOr(final IllegalStateException e) {
    life.check();
    return e;
  }

  /**
   * What to throw at the holder of a pinned block that was removed. If the pool is being closed,
   * that is why.
   */
  public MemoryPoolException removed(final int slot) {
    life.check();
    return new MemoryPoolException.BlockNotFound(table.keyOf(slot));
  }
}
