package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import java.lang.foreign.MemorySegment;

/**
 * Changes inode-keyed blocks.
 *
 * <p>A write of up to {@value #COPIED_UNDER_LOCK_MAX} bytes into a block that nobody is inside of
 * is copied under the lock: taking the lock twice more, to enter and to leave the block, costs more
 * than copying 4 KiB, and under contention, where each hand-over of the lock is a sleep and a
 * wake-up, much more. Larger copies, modifiers and growth latch the block and work without the
 * lock, so that nobody waits for another block's writer.
 *
 * <p>Any thread, without the lock.
 */
final class Writes {
  static final int COPIED_UNDER_LOCK_MAX = 64 << 10;

  private final PoolState state;
  private final BuddyMemory memory;
  private final Room room;

  Writes(final PoolState state, final Room room) {
    this.state = state;
    this.memory = state.memory;
    this.room = room;
  }

  /** A write: where to, where from. */
  record Slice(int offset, MemorySegment source, long sourceOffset, int length) {
    int end() {
      return offset + length;
    }
  }

  int modify(final long inode, final int block, final int capacity, final BlockModifier modifier) {
    state.lockOpen();
    try {
      for (; ; ) {
        final Block changed = findOrThrow(inode, block);
        if (enter(changed, capacity)) {
          return modifyLatched(changed, capacity, modifier);
        }
      }
    } finally {
      state.lock.unlock();
    }
  }

  /** Changes a block that the caller has pinned. */
  int modify(final Block changed, final int capacity, final BlockModifier modifier) {
    state.lock.lock();
    try {
      enterOrThrow(changed, capacity);
      return modifyLatched(changed, capacity, modifier);
    } finally {
      state.lock.unlock();
    }
  }

  int write(final long inode, final int block, final Slice slice) {
    state.lockOpen();
    try {
      for (; ; ) {
        final Block changed = findOrThrow(inode, block);
        if (isQuick(changed, slice)) {
          return writeUnderLock(changed, slice);
        }
        if (enter(changed, slice.end())) {
          return writeLatched(changed, slice);
        }
      }
    } finally {
      state.lock.unlock();
    }
  }

  /** Writes to a block that the caller has pinned. */
  int write(final Block changed, final Slice slice) {
    state.lock.lock();
    try {
      changed.pages(); // Or it is content.
      if (changed.listed && isQuick(changed, slice)) {
        return writeUnderLock(changed, slice);
      }
      enterOrThrow(changed, slice.end());
      return writeLatched(changed, slice);
    } finally {
      state.lock.unlock();
    }
  }

  boolean shrink(final long inode, final int block) {
    state.lockOpen();
    try {
      final Block shrunk = state.findInode(inode, block);
      if (shrunk == null) {
        return false;
      }
      final int order = BuddyMemory.orderFor(shrunk.length);
      if (order < shrunk.extent.order && enter(shrunk, 0)) {
        final Extent spare =
            BuddyMemory.orderFor(shrunk.length) <= order ? memory.allocate(order) : null;
        if (spare != null) {
          copyTo(shrunk, spare);
          move(shrunk, spare);
        }
        leave(shrunk);
      }
      return true;
    } finally {
      state.lock.unlock();
    }
  }

  private Block findOrThrow(final long inode, final int block) {
    final Block found = state.findInode(inode, block);
    if (found == null) {
      throw state.notFound(BlockKey.ofInode(inode, block));
    }
    return found;
  }

  // ---- Small writes ----

  private static boolean isQuick(final Block block, final Slice slice) {
    return slice.length <= COPIED_UNDER_LOCK_MAX
        && slice.end() <= block.extent.capacity()
        && block.isIdle();
  }

  private int writeUnderLock(final Block block, final Slice slice) {
    final int before = block.length;
    if (begin(block, slice)) {
      if (block.needsFlush) {
        state.touch(block);
      } else {
        state.setNeedsFlush(block, true); // Which touches it as well.
      }
      copyIn(block, before, slice);
      end(block, before, slice);
    }
    return block.length;
  }

  /** Whether there is anything to write; if so, the pages must be there, and the version rises. */
  private boolean begin(final Block block, final Slice slice) {
    final int before = block.length;
    final int end = slice.end();
    final int start = Math.min(slice.offset, before); // A gap is written, too.
    if (start == end) {
      return false;
    }
    final PageMap pages = block.pages();
    final int first = PageMap.pageOf(start);
    if (PageMap.offsetOf(first) < start && !pages.isValid(first)) {
      throw block.missing(first);
    }
    final int last = PageMap.pageOf(end);
    if (end < before && PageMap.offsetOf(last) < end && !pages.isValid(last)) {
      throw block.missing(last);
    }
    block.version = state.nextVersion();
    return true;
  }

  private void copyIn(final Block block, final int before, final Slice slice) {
    memory.zero(block.extent, before, slice.offset);
    memory.copyIn(block.extent, slice.offset, slice.source, slice.sourceOffset, slice.length);
  }

  private void end(final Block block, final int before, final Slice slice) {
    final int start = Math.min(slice.offset, before);
    block.pages().setWritten(PageMap.pageOf(start), PageMap.pagesOf(slice.end()));
    state.setLength(block, Math.max(before, slice.end()));
  }

  // ---- Changes under the latch; called and left with the lock held ----

  private int writeLatched(final Block block, final Slice slice) {
    final int before = block.length;
    boolean begun = false;
    boolean written = false;
    try {
      begun = begin(block, slice);
      if (begun) {
        withoutLock(() -> copyIn(block, before, slice));
        written = true;
        end(block, before, slice);
      }
      return block.length;
    } finally {
      if (begun && !written) { // The source went away half way.
        block.pages().markNeedsFlush();
      }
      leave(block);
    }
  }

  private int modifyLatched(final Block block, final int capacity, final BlockModifier modifier) {
    final int before = block.length;
    final int given = Math.max(capacity, before);
    final int[] after = {before};
    boolean begun = false;
    try {
      block.checkWhole();
      begun = true;
      block.version = state.nextVersion();
      withoutLock(() -> after[0] = apply(block, given, modifier));
      return after[0];
    } finally {
      if (begun) {
        final int pages = PageMap.pagesOfBlock(after[0]);
        block.pages().forget(pages, PageMap.pagesOfBlock(given));
        block.pages().setWritten(0, pages); // Also if it failed half way.
        state.setLength(block, after[0]);
      }
      leave(block);
    }
  }

  private int apply(final Block block, final int given, final BlockModifier modifier) {
    memory.zero(block.extent, block.length, given);
    final int after = modifier.modify(memory.writable(block.extent, given), block.length);
    if (after < 0 || after > given) {
      throw new IllegalArgumentException(
          "the modifier says the block has " + after + " bytes, but it was given " + given);
    }
    return after;
  }

  private void withoutLock(final Runnable action) {
    state.lock.unlock();
    try {
      action.run();
    } finally {
      state.lock.lock();
    }
  }

  /** The same as {@link #enter}, for a block that has to be there. */
  void enterOrThrow(final Block block, final int bytes) {
    if (!enter(block, bytes)) {
      throw state.notFound(block.key());
    }
  }

  /**
   * Pins and latches the block, after moving it to a larger extent if it has to hold more. Room is
   * waited for before the latch is taken. Lets go of the lock while it waits or copies.
   *
   * @return false, without pin and latch, if the block was removed
   */
  boolean enter(final Block block, final int bytes) {
    Extent spare = null;
    state.pin(block, 1);
    boolean entered = false;
    try {
      while (block.listed && !entered) {
        if (bytes > block.extent.capacity() && spare == null) {
          spare = room.claim(bytes);
        } else {
          entered = block.enterExclusiveOrWait(state.lock);
        }
      }
      if (entered && bytes > block.extent.capacity() && spare != null) {
        final Extent larger = spare;
        spare = null;
        copyTo(block, larger);
        move(block, larger);
      }
      if (entered && !block.listed) { // While it was copied.
        block.leaveExclusive();
        entered = false;
      }
      return entered;
    } finally {
      if (spare != null) {
        state.free(spare);
      }
      if (!entered) {
        state.unpin(block);
      }
    }
  }

  /** Lets go of the block; its flag follows its pages. */
  void leave(final Block block) {
    state.setNeedsFlush(block, block.pages().needsFlush());
    block.leaveExclusive();
    state.unpin(block);
  }

  /** Copies the content of a latched block, without the lock. */
  private void copyTo(final Block block, final Extent other) {
    final Extent from = block.extent;
    withoutLock(() -> memory.copy(from, 0, other, 0, block.length));
  }

  /** Lets a latched block lie elsewhere, where its content is already. */
  private void move(final Block block, final Extent to) {
    final Extent from = block.extent;
    from.lengthLeft = block.length;
    block.extent = to;
    to.block = block;
    if (from.tokens == 0) {
      state.free(from);
    } else {
      state.figures.leftExtents++;
    }
  }
}
