package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.MemoryPoolException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

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
  /** In place of a version. */
  static final long ANY_VERSION = -1;

  static final int COPIED_UNDER_LOCK_MAX = 64 << 10;

  private final PoolState state;
  private final BuddyMemory memory;
  private final Room room;

  Writes(final PoolState state, final Room room) {
    this.state = state;
    this.memory = state.memory;
    this.room = room;
  }

  /** Changes a block's bytes; the new length. */
  private interface Change {
    int apply(Block block, int length);
  }

  /** A write: where to, where from. */
  record Slice(int offset, MemorySegment source, long sourceOffset, int length) {
    int end() {
      return offset + length;
    }
  }

  int modify(final long inode, final int block, final int capacity, final BlockModifier modifier) {
    final Change change =
        (changed, length) -> {
          final int given = Math.max(capacity, length);
          memory.zero(changed.extent, length, given);
          final int after = modifier.modify(memory.writable(changed.extent, given), length);
          if (after < 0 || after > given) {
            throw new IllegalArgumentException(
                "the modifier says the block has " + after + " bytes, but it was given " + given);
          }
          return after;
        };
    state.lockOpen();
    try {
      for (; ; ) {
        final Block changed = findOrThrow(inode, block);
        if (enter(changed, capacity)) {
          return changeLatched(changed, change);
        }
      }
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
          return changeLatched(changed, (inside, length) -> copyIn(inside, length, slice));
        }
      }
    } finally {
      state.lock.unlock();
    }
  }

  int write(final long token, final Slice slice) {
    state.lock.lock();
    try {
      final Block changed = PoolState.blockOf(memory.extentOf(token));
      if (!changed.inodeKeyed) {
        throw new MemoryPoolException.BlockNotMutable(changed.key());
      }
      if (changed.listed && isQuick(changed, slice)) {
        return writeUnderLock(changed, slice);
      }
      if (!enter(changed, slice.end())) {
        throw new MemoryPoolException.BlockNotFound(changed.key());
      }
      return changeLatched(changed, (inside, length) -> copyIn(inside, length, slice));
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
    if (state.closed) { // While the lock was not held.
      throw new MemoryPoolException.PoolClosed();
    }
    final Block found = state.findInode(inode, block);
    if (found == null) {
      throw new MemoryPoolException.BlockNotFound(BlockKey.ofInode(inode, block));
    }
    return found;
  }

  // ---- The flag ----

  /** Takes the flag down if the block still has this version; returns whether it is down now. */
  boolean markFlushed(final long inode, final int block, final long version) {
    state.lockOpen();
    try {
      final Block flushed = state.findInode(inode, block);
      if (flushed == null || (version != ANY_VERSION && flushed.version != version)) {
        return false;
      }
      if (flushed.needsFlush) {
        state.figures.bytesWrittenBack += flushed.length;
        state.setNeedsFlush(flushed, false);
      }
      return true;
    } finally {
      state.lock.unlock();
    }
  }

  boolean markNeedsFlush(final long inode, final int block) {
    state.lockOpen();
    try {
      final Block written = state.findInode(inode, block);
      if (written != null) {
        state.setNeedsFlush(written, true);
      }
      return written != null;
    } finally {
      state.lock.unlock();
    }
  }

  // ---- Small writes ----

  private static boolean isQuick(final Block block, final Slice slice) {
    return slice.length <= COPIED_UNDER_LOCK_MAX
        && slice.end() <= block.extent.capacity()
        && block.isIdle();
  }

  private int writeUnderLock(final Block block, final Slice slice) {
    block.version = state.nextVersion();
    if (block.needsFlush) {
      state.touch(block);
    } else {
      state.setNeedsFlush(block, true); // Which touches it as well.
    }
    state.setLength(block, copyIn(block, block.length, slice));
    return block.length;
  }

  private int copyIn(final Block block, final int length, final Slice slice) {
    memory.zero(block.extent, length, slice.offset);
    memory.copyIn(block.extent, slice.offset, slice.source, slice.sourceOffset, slice.length);
    return Math.max(length, slice.end());
  }

  // ---- Changes under the latch; called and left with the lock held ----

  /** Makes the change without the lock and without a moment in which the block could be evicted. */
  private int changeLatched(final Block block, final Change change) {
    int after = block.length;
    block.version = state.nextVersion();
    state.lock.unlock();
    try {
      after = change.apply(block, after);
    } finally {
      state.lock.lock();
      state.setLength(block, after);
      state.setNeedsFlush(block, true); // Also if it failed half way.
      leave(block);
    }
    return after;
  }

  /**
   * Pins and latches the block, after moving it to a larger extent if it has to hold more. Room is
   * waited for before the latch is taken. Lets go of the lock while it waits or copies.
   *
   * @return false, without pin and latch, if the block was removed
   */
  private boolean enter(final Block block, final int bytes) {
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

  private void leave(final Block block) {
    block.leaveExclusive();
    state.unpin(block);
  }

  /** Copies the content of a latched block, without the lock. */
  private void copyTo(final Block block, final Extent larger) {
    final Extent from = block.extent;
    state.lock.unlock();
    try {
      memory.copy(from, larger, block.length);
    } finally {
      state.lock.lock();
    }
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

  // ---- Insertion ----

  /** Inserts a block that needs flushing in place of whatever block the key had; pinned. */
  Block insert(
      final BlockKey key, final MemorySegment source, final int capacity, final Loads loads) {
    final int length = (int) source.byteSize();
    final Extent extent = claim(capacity);
    try {
      memory.copyIn(extent, 0, source, 0, length); // Nobody knows this memory yet: no lock.
    } catch (final Throwable e) {
      giveBack(extent);
      throw e;
    }
    state.lock.lock();
    try {
      if (state.closed) {
        state.free(extent);
        throw new MemoryPoolException.PoolClosed();
      }
      final Block old = state.findInode(key.inode(), key.block());
      if (old != null) {
        state.unlink(old);
      }
      loads.outdate(key.inode(), key.block());
      final Block block = new Block(key, extent, length);
      block.version = state.nextVersion();
      block.needsFlush = true;
      state.pin(block, 1);
      state.link(block);
      return block;
    } finally {
      state.lock.unlock();
    }
  }

  private Extent claim(final int bytes) {
    state.lockOpen();
    try {
      return room.claim(bytes);
    } finally {
      state.lock.unlock();
    }
  }

  private void giveBack(final @Nullable Extent extent) {
    state.lock.lock();
    try {
      if (extent != null) {
        state.free(extent);
      }
    } finally {
      state.lock.unlock();
    }
  }
}
