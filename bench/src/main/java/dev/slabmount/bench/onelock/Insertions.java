package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import java.lang.foreign.MemorySegment;

/**
 * Puts inode-keyed blocks into the pool that no provider loaded.
 *
 * <p>Any thread, without the lock.
 */
final class Insertions {
  private final PoolState state;
  private final Room room;
  private final Loads loads;

  Insertions(final PoolState state, final Room room, final Loads loads) {
    this.state = state;
    this.room = room;
    this.loads = loads;
  }

  /**
   * Inserts a block that needs flushing in place of whatever block the key had; pinned. Room is
   * claimed and filled first, so the old block is touched when nothing can fail any more.
   */
  Block insert(final BlockKey key, final MemorySegment source, final int capacity) {
    final int length = (int) source.byteSize();
    final Extent extent = claim(capacity);
    try {
      state.memory.copyIn(extent, 0, source, 0, length); // Nobody knows it yet: no lock.
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
      final Block block = new Block(key, extent, length);
      block.pages().setWritten(0, PageMap.pagesOfBlock(length));
      block.needsFlush = true;
      state.pin(block, 1);
      link(block);
      return block;
    } finally {
      state.lock.unlock();
    }
  }

  /** Pins the block for a token, or inserts a frame for it without a valid page. */
  long claimDirty(final BlockKey key, final int length, final int capacity) {
    state.lockOpen();
    try {
      Block block = state.findInode(key.inode(), key.block());
      if (block == null) {
        final Extent extent = room.claim(capacity);
        block = state.findInode(key.inode(), key.block()); // Somebody may have been faster.
        if (block == null) {
          block = new Block(key, extent, length);
          final long token = state.pinMemory(block, 1);
          link(block);
          return token;
        }
        state.free(extent);
      }
      state.hit(block);
      return state.pinMemory(block, 1);
    } finally {
      state.lock.unlock();
    }
  }

  private void link(final Block block) {
    loads.outdate(block.low, block.number);
    block.version = state.nextVersion();
    state.link(block);
    state.figures.inserts++;
  }

  private Extent claim(final int bytes) {
    state.lockOpen();
    try {
      return room.claim(bytes);
    } finally {
      state.lock.unlock();
    }
  }

  private void giveBack(final Extent extent) {
    state.lock.lock();
    try {
      state.free(extent);
    } finally {
      state.lock.unlock();
    }
  }
}
