package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.MemoryPoolException;
import org.jspecify.annotations.Nullable;

/**
 * Finds memory for a block that is about to come: free memory; else the block that was used longest
 * ago, or, if that is too small, all blocks of the aligned run around it, provided that all of them
 * can go; else the same around the next older one. When nothing can go, it waits, bounded, and has
 * dirty blocks written back meanwhile.
 *
 * <p>All methods want the lock held.
 */
final class Room {
  private final PoolState state;
  private final BuddyMemory memory;
  private final WriteBacks writeBacks;

  Room(final PoolState state, final WriteBacks writeBacks) {
    this.state = state;
    this.writeBacks = writeBacks;
    this.memory = state.memory;
  }

  /**
   * Claims memory for {@code bytes} bytes; lets go of the lock while it waits.
   *
   * @throws MemoryPoolException.PoolExhausted if there is no room in time
   */
  Extent claim(final int bytes) {
    final int order = BuddyMemory.orderFor(bytes);
    final Extent extent = claimNow(order);
    return extent == null ? waitForRoom(bytes, order) : extent;
  }

  private Extent waitForRoom(final int bytes, final int order) {
    long left = state.config.roomWait().toNanos();
    state.figures.waits++;
    state.roomWaiters++;
    try {
      for (; ; ) {
        final Extent extent = claimNow(order);
        if (extent != null) {
          return extent;
        }
        if (left <= 0) {
          throw state.exhausted("no room for a block of " + bytes + " bytes");
        }
        writeBacks.wanted();
        left = state.roomMade.awaitNanos(left);
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("room in the pool");
    } finally {
      state.roomWaiters--;
    }
  }

  private @Nullable Extent claimNow(final int order) {
    if (state.closed) {
      throw new MemoryPoolException.PoolClosed();
    }
    final Extent free = memory.allocate(order);
    if (free != null) {
      return free;
    }
    int failed =
        -1; // The run that could not be emptied, so that it is not looked at again at once.
    for (Block block = state.clean.oldest(); block != null; block = block.newer) {
      final Extent around = block.extent;
      if (around.order >= order) {
        evict(block);
        return memory.allocate(order);
      }
      final int run = around.page >>> order;
      if (run != failed) {
        if (canEmpty(run << order, order)) {
          empty(run << order, order);
          return memory.allocate(order);
        }
        failed = run;
      }
    }
    return null;
  }

  /** Whether every block in an aligned run of pages can go. */
  private boolean canEmpty(final int first, final int order) {
    for (int page = first; page < first + (1 << order); ) {
      final int free = memory.freePagesAt(page);
      final Extent extent = memory.extentAt(page);
      if (free == 0 && !isEvictable(extent)) {
        return false;
      }
      page += extent == null ? free : 1 << extent.order;
    }
    return true;
  }

  private static boolean isEvictable(final @Nullable Extent extent) {
    return extent != null
        && extent.block != null
        && extent.block.extent == extent
        && extent.block.isEvictable();
  }

  private void empty(final int first, final int order) {
    for (int page = first; page < first + (1 << order); page++) {
      final Extent extent = memory.extentAt(page);
      if (extent != null) {
        evict(PoolState.blockOf(extent));
      }
    }
  }

  private void evict(final Block block) {
    state.figures.evictions++;
    state.unlink(block);
  }
}
