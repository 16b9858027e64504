package dev.slabmount.core.sharded;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.flush.BlockFlusher;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.page.PageCutter;
import dev.slabmount.core.page.PageFiller;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockPages;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.PageProvider;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.write.Arguments;
import dev.slabmount.core.write.DirtyBlocks;
import java.util.Objects;

/** The methods of {@link BlockPages}, for the sharded pool: arguments, and over to the parts. */
abstract class ShardedPages implements MemoryPool {
  private final Arguments arguments;
  private final SlotTable table;
  private final DirtyBlocks dirtyBlocks;
  private final PageFiller filler;
  private final PageCutter cutter;
  private final FlushFlags flags;
  private final BlockFlusher flusher;
  private final PoolLife life;

  ShardedPages(final PoolParts parts) {
    arguments = parts.arguments;
    table = parts.table;
    dirtyBlocks = parts.dirtyBlocks;
    filler = parts.filler;
    cutter = parts.cutter;
    flags = parts.flags;
    flusher = parts.flusher;
    life = parts.life;
  }

  @Override
  public final long claimDirty(
      final long inode, final int block, final int length, final int capacity) {
    arguments.checkBlock(block);
    arguments.checkNotNegative("length", length);
    arguments.checkCapacity(capacity);
    if (capacity < length) {
      throw new IllegalArgumentException(
          "capacity " + capacity + " is less than the length of " + length + " bytes");
    }
    return dirtyBlocks.claim(inode, block, length, capacity);
  }

  @Override
  public final boolean pagesValid(final long token, final int offset, final int length) {
    arguments.checkRange(offset, length);
    final int slot = table.slotOf(token);
    if (!BlockWord.has(table.words.wordAcquire(slot), BlockWord.INODE_KEYED)) {
      return true;
    }
    final int end = Math.min(offset + length, table.headers.lengthAcquire(slot));
    return end <= offset
        || table.pages.allValid(slot, SlotPages.pageOf(offset), SlotPages.pagesOf(end));
  }

  @Override
  public final void fillPages(
      final long token, final int offset, final int length, final PageProvider provider) {
    Objects.requireNonNull(provider, "provider");
    arguments.checkRange(offset, length);
    filler.fill(token, offset, length, provider);
  }

  @Override
  public final int resize(final long token, final int length) {
    arguments.checkRange(0, length);
    return cutter.resize(token, length);
  }

  @Override
  public final void discardPages(final long token, final int offset, final int length) {
    arguments.checkRange(offset, length);
    cutter.discard(token, offset, length);
  }

  @Override
  public final boolean flush(final long inode, final int block, final BlockWriteBack writeBack) {
    Objects.requireNonNull(writeBack, "writeBack");
    arguments.checkBlock(block);
    return flusher.flush(BlockKey.ofInode(inode, block), writeBack);
  }

  @Override
  public final int[] blocksNeedingFlush(final long inode) {
    life.check();
    return dirtyBlocks.needingFlush(inode);
  }

  @Override
  public final boolean markFlushed(final long inode, final int block) {
    return found(flags.markFlushed(inode, block));
  }

  @Override
  public final boolean markFlushed(final long inode, final int block, final long version) {
    return found(flags.markFlushed(inode, block, version));
  }

  @Override
  public final boolean markNeedsFlush(final long inode, final int block) {
    return found(flags.markNeedsFlush(inode, block));
  }

  private boolean found(final boolean found) {
    if (!found) {
      life.check();
    }
    return found;
  }
}
