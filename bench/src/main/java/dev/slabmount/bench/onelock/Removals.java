package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Takes blocks out of the pool on request, and ends the pool. Only unlinks: a block that somebody
 * holds lives on until its last pin is gone. Waits for no latch.
 *
 * <p>Any thread, without the lock.
 */
final class Removals {
  private static final System.Logger LOG = System.getLogger(MemoryPool.class.getName());

  private final PoolState state;
  private final Loads loads;
  private final WriteBacks writeBacks;
  private boolean unmapped;

  Removals(final PoolState state, final Loads loads, final WriteBacks writeBacks) {
    this.state = state;
    this.loads = loads;
    this.writeBacks = writeBacks;
  }

  /** Removes the blocks of this inode or content; returns how many. */
  int removeAll(
      final boolean inodeKeyed, final long high, final long low, final boolean evenPinned) {
    state.lockOpen();
    try {
      if (evenPinned) {
        loads.outdate(inodeKeyed, high, low);
      }
      final Owner owner = state.owner(inodeKeyed, high, low);
      int removed = 0;
      for (Block block = owner == null ? null : owner.first(); block != null; ) {
        final @Nullable Block next = block.nextOfOwner;
        if (evenPinned || block.pins == 0) {
          state.unlink(block);
          removed++;
        }
        block = next;
      }
      state.figures.removals += removed;
      return removed;
    } finally {
      state.lock.unlock();
    }
  }

  /**
   * Removes every block, or none.
   *
   * @throws MemoryPoolException.PoolExhausted if a block is pinned, or dirty and not to be
   *     discarded
   */
  void clear(final boolean discardDirty) {
    state.lockOpen();
    try {
      state.table.forEach(block -> {
        if (block.pins > 0 || (!discardDirty && block.needsFlush)) {
          throw state.exhausted("the pool cannot be cleared");
        }
      });
      state.figures.removals += state.table.size();
      state.table.forEach(state::unlink);
    } finally {
      state.lock.unlock();
    }
  }

  void close() {
    state.lock.lock();
    try {
      if (!unmapped) {
        if (!state.closed && state.figures.needingFlush > 0) {
          LOG.log(
              Level.WARNING, "pool closed with {0} unflushed blocks", state.figures.needingFlush);
        }
        state.closed = true;
        state.table.forEach(state::unlink);
        writeBacks.close();
        state.roomMade.signalAll(); // Whoever waits for room learns that there will be none.
        awaitNothingInUse();
        unmap();
      }
    } finally {
      state.lock.unlock();
    }
  }

  private void awaitNothingInUse() {
    long left = state.config.closeWait().toNanos();
    try {
      while (state.memory.extentsInUse() > 0 || writeBacks.running() > 0) {
        if (left <= 0) {
          throw new MemoryPoolException.PoolBusy(
              state.memory.extentsInUse(), state.figures.pins + state.figures.leftExtents);
        }
        left = state.roomMade.awaitNanos(left);
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("pins and loads to end");
    }
  }

  private void unmap() {
    if (!unmapped) { // By another thread that was closing.
      try {
        state.memory.close();
      } catch (final IllegalStateException e) { // A native call is using a view of a block.
        throw new MemoryPoolException.PoolBusy(0, state.figures.pins);
      }
      unmapped = true;
    }
  }
}
