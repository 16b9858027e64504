package dev.slabmount.core.write;

import dev.slabmount.core.block.KeyProof;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.state.PoolLife;
import java.lang.foreign.MemorySegment;

/**
 * Writes bytes over others that need flushing already: what most writes do that come one after the
 * other to the same block. They change nothing but bytes and version, so they need no pin either,
 * and do with two atomic operations instead of five: into the content latch, and out of it.
 *
 * <p>Whether the slot that a hint names holds the block is found out in the latch, where nobody
 * frees the slot or takes its flag down (see {@link dev.slabmount.core.block.ContentLatch}). All
 * else, the first write to a page, a block that grows or was flushed, or a latch at which one would
 * have to sleep, is refused and left to {@link BlockWriter}.
 *
 * <p>Any thread. Allocates nothing, waits for some ten microseconds at most.
 */
final class Overwriter {
  /** Nothing was written. */
  static final int REFUSED = -1;

  /** Nothing was written because others are writing; who wants to may as well sleep. */
  static final int CROWDED = -2;

  private final SlotTable table;
  private final KeyProof proof;
  private final BlockIndex index;
  private final PoolLife life;
  private final boolean reportsUses;

  Overwriter(final SlotTable table, final BlockIndex index, final PoolLife life) {
    this.table = table;
    this.proof = table.proof;
    this.index = index;
    this.life = life;
    reportsUses = table.victims.wantsUses; // Which takes a pin.
  }

  /** Returns the block's length, {@link #REFUSED} or {@link #CROWDED}. */
  int write(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    final long hint = index.firstHint(KeyHash.ofBlock(true, 0, inode, block));
    if (hint == BlockIndex.NO_HINT || length == 0 || reportsUses) {
      return REFUSED;
    }
    final int slot = Tokens.slot(hint);
    try {
      if (!table.latch.tryLockExclusive(slot)) { // E4 acquired.
        return CROWDED;
      }
      try {
        return proof.isRewritable(hint, inode, block)
            ? writeLatched(slot, offset, source, sourceOffset, length)
            : REFUSED;
      } finally {
        leave(slot);
      }
    } catch (final IllegalStateException e) { // The headers are unmapped, or the source is gone.
      life.check();
      throw e;
    }
  }

  private int writeLatched(
      final int slot,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    final int end = offset + length;
    final int blockLength = table.headers.lengthAcquire(slot);
    final long start = table.allocator.offset(slot);
    if (end > blockLength || !table.pages.areWritten(start + offset, start + end)) {
      return REFUSED;
    }
    table.headers.nextVersionRelease(slot);
    table.copyInAt(start + offset, source, sourceOffset, length); // Half of it, if that throws.
    return blockLength;
  }

  private void leave(final int slot) {
    if (table.latch.unlockUnpinned(slot)) { // E4
      table.free(slot);
    }
  }
}
