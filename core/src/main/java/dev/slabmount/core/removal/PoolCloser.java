package dev.slabmount.core.removal;

import dev.slabmount.core.flush.WriteBackThreads;
import dev.slabmount.core.observe.PoolWaitEvent;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slab.SlabRegion;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolLife;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ends a pool while others may still be using it.
 *
 * <p>First nothing new can begin: the allocator hands out no slot, and nothing can be linked or
 * found any more. What is left are slots that are pinned or being filled, and those can only become
 * fewer; a slot that is being filled is given back instead of published. When none is left, nobody
 * has an address in the region, the eviction policy is told not to look at headers, and the region
 * goes.
 *
 * <p>Any thread; closers wait for each other.
 */
public final class PoolCloser {
  private static final System.Logger LOG = System.getLogger(MemoryPool.class.getName());

  /** Once no block is held, its threads have nothing left to wait for. */
  private static final long WRITE_BACK_END_NANOS = 1_000_000_000;

  private final SlotTable table;
  private final SlabAllocator allocator;
  private final SlabRegion region;
  private final Removal removal;
  private final PoolLife life;
  private final WriteBackThreads writeBack;
  private final long waitNanos;

  private final ReentrantLock closing = new ReentrantLock();
  private boolean unmapped;

  /** Closes the pool of these parts. */
  public PoolCloser(
      final SlotTable table,
      final SlabRegion region,
      final Removal removal,
      final PoolLife life,
      final WriteBackThreads writeBack,
      final long waitNanos) {
    this.table = table;
    this.allocator = table.allocator;
    this.region = region;
    this.removal = removal;
    this.life = life;
    this.writeBack = writeBack;
    this.waitNanos = waitNanos;
  }

  /** Closes the pool; see {@link MemoryPool#close}. */
  public void close() {
    closing.lock();
    try {
      if (!unmapped) {
        life.end();
        writeBack.close();
        allocator.close();
        drain();
        table.victims.close();
        unmap();
      }
    } finally {
      closing.unlock();
    }
  }

  private void drain() {
    table.room.enter(); // Before the index goes, so that every slot that is freed wakes us.
    try {
      final int unflushed = removal.closeIndex();
      if (unflushed > 0) {
        LOG.log(System.Logger.Level.WARNING, "pool closed with {0} unflushed blocks", unflushed);
      }
      table.room.raise(); // Whoever waits for room learns that there will be none.
      awaitNoSlotInUse();
    } finally {
      table.room.leave();
    }
  }

  private void awaitNoSlotInUse() {
    final long deadline = System.nanoTime() + waitNanos;
    final PoolWaitEvent event = PoolWaitEvent.started();
    String how = PoolWaitEvent.DONE;
    try {
      for (boolean inTime = true; ; ) {
        final int seen = table.room.epoch();
        if (allocator.usage().slots() == 0) { // E15
          if (!writeBack.awaitEnd(System.nanoTime() + WRITE_BACK_END_NANOS)) {
            throw busy();
          }
          return;
        }
        if (!inTime) {
          how = PoolWaitEvent.TIMED_OUT;
          throw busy();
        }
        inTime = table.room.await(seen, deadline);
      }
    } catch (final InterruptedException e) {
      how = PoolWaitEvent.INTERRUPTED;
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("pins and loads to end");
    } finally {
      if (event != null) {
        event.ended("end of pins and loads", how);
      }
    }
  }

  private void unmap() {
    try {
      region.close();
    } catch (final IllegalStateException e) { // A native call is using a view of a block.
      throw busy();
    }
    unmapped = true;
  }

  private MemoryPoolException.PoolBusy busy() {
    return new MemoryPoolException.PoolBusy(allocator.usage().slots(), table.counters.pins());
  }
}
