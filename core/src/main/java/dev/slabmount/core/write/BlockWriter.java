package dev.slabmount.core.write;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.state.PoolLife;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Changes the bytes of inode-keyed blocks in place.
 *
 * <p>Every change goes the same way: pin the block, enter its content latch as the writer (see
 * {@link LatchedBlocks}), check that the pages are there that are written in part, raise the
 * version, change the bytes, set the bits of the pages, put up NEEDS_FLUSH, let go of the latch,
 * unpin. So at every moment an unfinished or unflushed change is protected from eviction, first by
 * the pin and then by the flag. Before it goes that way, a write by key tries a shorter one, which
 * is open where flag and bits are up already ({@link Overwriter}).
 *
 * <p>Any thread. A latch is never held while waiting for room.
 */
public final class BlockWriter {
  /** What the methods on pinned slots return if the block was removed or replaced meanwhile. */
  private static final int REMOVED = FlushFlags.REMOVED;

  private final SlotTable table;
  private final BlockHeaders headers;
  private final SlotPages pages;
  private final BlockFinder finder;
  private final LatchedBlocks latched;
  private final Overwriter overwriter;
  private final Arguments arguments;

  /** Writes to blocks of this table. */
  public BlockWriter(
      final SlotTable table,
      final BlockIndex index,
      final BlockFinder finder,
      final LatchedBlocks latched,
      final PoolLife life,
      final Arguments arguments) {
    this.table = table;
    this.headers = table.headers;
    this.pages = table.pages;
    this.finder = finder;
    this.latched = latched;
    this.overwriter = new Overwriter(table, index, life);
    this.arguments = arguments;
  }

  /** Lets the modifier change a block; returns the block's length afterwards. */
  public int modify(
      final long inode, final int block, final int capacity, final BlockModifier modifier) {
    Objects.requireNonNull(modifier, "modifier");
    arguments.checkCapacity(capacity);
    for (; ; ) {
      final long token = pinOrThrow(inode, block);
      try {
        final int length = modifyPinned(Tokens.slot(token), capacity, modifier);
        if (length != REMOVED) {
          return length;
        }
      } finally {
        table.unpinSlot(Tokens.slot(token));
      }
    }
  }

  /** Changes a block of which the caller has pinned a slot. */
  public int modify(final int slot, final int capacity, final BlockModifier modifier) {
    Objects.requireNonNull(modifier, "modifier");
    arguments.checkCapacity(capacity);
    return foundOrThrow(slot, modifyPinned(slot, capacity, modifier));
  }

  /** Writes to a block; returns the block's length afterwards. */
  public int write(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    arguments.checkWrite(offset, source, sourceOffset, length);
    final int over = overwriter.write(inode, block, offset, source, sourceOffset, length);
    if (over >= 0) {
      return over;
    }
    final boolean tried = over == Overwriter.CROWDED;
    for (; ; ) {
      final long token = pinOrThrow(inode, block);
      try {
        final int slot = Tokens.slot(token);
        final int after = writePinned(slot, tried, offset, source, sourceOffset, length);
        if (after != REMOVED) {
          return after;
        }
      } finally {
        table.unpinSlot(Tokens.slot(token));
      }
    }
  }

  /** Writes to a block of which the caller has pinned a slot. */
  public int write(
      final int slot,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    arguments.checkWrite(offset, source, sourceOffset, length);
    table.checkMutable(slot);
    return foundOrThrow(slot, writePinned(slot, false, offset, source, sourceOffset, length));
  }

  /** Moves a block to the smallest slot that holds it; false if the block is absent. */
  public boolean shrink(final long inode, final int block) {
    final long token = finder.pinInode(inode, block);
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    try {
      latched.shrink(Tokens.slot(token));
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

  private int foundOrThrow(final int slot, final int length) {
    if (length == REMOVED) {
      throw finder.removed(slot);
    }
    return length;
  }

  // ---- On pinned slots ----

  private int modifyPinned(final int pinned, final int capacity, final BlockModifier modifier) {
    final int slot = latched.enter(pinned, capacity);
    if (slot == REMOVED) {
      return REMOVED;
    }
    final int before = headers.lengthAcquire(slot);
    final int missing = pages.firstMissing(slot, 0, SlotPages.pagesOf(before));
    if (missing < SlotPages.pagesOf(before)) {
      throw leaveMissing(slot, missing);
    }
    int after = before;
    try {
      final int room = Math.max(capacity, before);
      headers.turnModifiedRelease(slot);
      table.zero(slot, before, room);
      after = checkLength(modifier.modify(table.writable(slot, room), before), room);
      return after;
    } finally {
      pages.forget(
          slot,
          SlotPages.pagesOfBlock(after),
          Math.max(SlotPages.pagesOfBlock(after), SlotPages.pagesOfBlock(before)));
      pages.setWritten(slot, 0, SlotPages.pagesOfBlock(after));
      latched.setLength(slot, before, after);
      headers.turnModifiedRelease(slot);
      latched.leaveWritten(slot);
    }
  }

  private static int checkLength(final int length, final int room) {
    if (length < 0 || length > room) {
      throw new IllegalArgumentException(
          "the modifier says the block has " + length + " bytes, but it was given " + room);
    }
    return length;
  }

  private int writePinned(
      final int pinned,
      final boolean tried,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    final int end = offset + length;
    final int slot = latched.enter(pinned, end, tried);
    if (slot == REMOVED) {
      return REMOVED;
    }
    final int before = headers.lengthAcquire(slot);
    final int start = Math.min(offset, before); // A gap is written, too.
    if (start == end) {
      latched.leave(slot); // Not a byte.
      return before;
    }
    final int missing = missingInPart(slot, before, start, end);
    if (missing >= 0) {
      throw leaveMissing(slot, missing);
    }
    final int after = Math.max(before, end);
    boolean written = false;
    try {
      headers.nextVersionRelease(slot);
      table.zero(slot, before, offset);
      table.copyIn(slot, offset, source, sourceOffset, length);
      written = true;
    } finally {
      if (!written) { // The source went away half way.
        pages.setValidToFlush(slot);
        latched.leaveChanged(slot);
      }
    }
    pages.setWritten(slot, SlotPages.pageOf(start), SlotPages.pagesOf(end)); // Then the length.
    latched.setLength(slot, before, after);
    latched.leaveWritten(slot);
    return after;
  }

  /** The first page that is missing and would be written in part, or -1. */
  private int missingInPart(final int slot, final int before, final int start, final int end) {
    final int first = SlotPages.pageOf(start);
    if (SlotPages.offsetOf(first) < start && !pages.isValid(slot, first)) {
      return first;
    }
    final int last = SlotPages.pageOf(end);
    return end < before && SlotPages.offsetOf(last) < end && !pages.isValid(slot, last) ? last : -1;
  }

  private MemoryPoolException leaveMissing(final int slot, final int page) {
    final BlockKey key = table.keyOf(slot);
    latched.leave(slot);
    return new MemoryPoolException.PagesMissing(key, SlotPages.offsetOf(page));
  }
}
