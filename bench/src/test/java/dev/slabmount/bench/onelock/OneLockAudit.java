package dev.slabmount.bench.onelock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolStats;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks through all memory of a quiet pool: every page is free or belongs to a block that can be
 * found, and the figures are the sums.
 */
final class OneLockAudit {
  private long blocks;
  private long content;
  private long capacity;
  private long dirty;

  private OneLockAudit() {}

  static void audit(final MemoryPool audited) {
    new OneLockAudit().run((SingleLockMemoryPool) audited);
  }

  private void run(final SingleLockMemoryPool pool) {
    final PoolState state = pool.state();
    final MemoryPoolStats stats = pool.stats();
    assertEquals(0, stats.pins(), "pins of a quiet pool");
    assertEquals(0, stats.pendingLoads(), "loads of a quiet pool");
    final Set<Block> parked = new HashSet<>();
    collect(state.clean, parked);
    collect(state.dirty, parked);
    state.table.forEach(block -> check(state, block, parked));
    assertEquals(blocks, parked.size(), "blocks in the order of use");
    assertEquals(blocks, stats.totalBlocks(), "totalBlocks");
    assertEquals(blocks, stats.slotsInUse(), "slotsInUse: others cannot be found");
    assertEquals(capacity, stats.capacityInUse(), "capacityInUse");
    assertEquals(content, stats.currentSize(), "currentSize");
    assertEquals(dirty, stats.dirtyBlocks(), "dirtyBlocks");
    assertEquals(0, stats.inUseBlocks(), "inUseBlocks");
    assertTrue(capacity <= stats.maxSize(), "more than maxSize is in use");
  }

  private void check(final PoolState state, final Block block, final Set<Block> parked) {
    final String name = block.key().toString();
    assertTrue(block.listed, name + " is not listed");
    assertEquals(0, block.pins, name + " has leaked pins");
    assertTrue(block.isIdle(), name + " is latched");
    assertEquals(0, block.extent.tokens, name + " has leaked tokens");
    assertSame(block.extent, state.memory.extentAt(block.extent.page), name);
    assertSame(block, block.extent.block, name);
    assertTrue(parked.contains(block), name + " can never be evicted");
    assertSame(block.needsFlush ? state.dirty : state.clean, block.order, name);
    assertNotNull(block.owner, name);
    assertTrue(block.length <= block.extent.capacity(), name + " overflows");
    blocks++;
    content += block.length;
    capacity += block.extent.capacity();
    dirty += block.needsFlush ? 1 : 0;
  }

  private static void collect(final UseOrder order, final Set<Block> into) {
    Block before = null;
    for (Block block = order.oldest(); block != null; block = block.newer) {
      assertSame(before, block.older, "the list is broken");
      assertTrue(into.add(block), block.key() + " is in the order twice");
      before = block;
    }
  }
}
