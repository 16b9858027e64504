package dev.slabmount.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.slab.SlabAllocator;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.IntHashSet;

/**
 * Looks through every slot of a quiet pool: what the counters say must be the sum over the slots,
 * and every slot that is taken must be one that can be found.
 */
public final class PoolAudit {
  private PoolAudit() {}

  /** Throws if the books of this quiet pool, which must be the sharded one, are wrong. */
  public static void audit(final MemoryPool audited) {
    final ShardedMemoryPool pool = (ShardedMemoryPool) audited;
    final SlotTable table = pool.table();
    final BlockIndex index = pool.index();
    final SlabAllocator allocator = table.allocator;
    final MemoryPoolStats stats = pool.stats();
    assertEquals(0, stats.pins(), "pins of a quiet pool");
    assertEquals(0, stats.pendingLoads(), "loads of a quiet pool");

    table.victims.takeBack();
    final IntHashSet listed = listedSlots(index);
    long slots = 0;
    long capacity = 0;
    long content = 0;
    long dirty = 0;
    long slabs = 0;
    for (int slab = 0; slab < allocator.slabCount(); slab++) {
      final int[] taken = allocator.takenSlots(slab);
      slabs += taken.length > 0 ? 1 : 0;
      for (final int slot : taken) {
        final long word = table.words.wordAcquire(slot);
        final String name = "slot " + slot + " (" + BlockWord.describe(word) + ")";
        assertTrue(BlockWord.isLive(word), name + " is taken and must be live");
        assertEquals(0, BlockWord.pins(word), name + " has leaked pins");
        assertTrue(table.latch.isIdle(slot), name + " is latched");
        assertTrue(listed.contains(slot), name + " cannot be found");
        assertTrue(
            index.shardOf(index.hashOf(slot)).holds(index.hashOf(slot), slot),
            name + " is listed under another key");
        assertTrue(
            table.headers.queue(slot) != EvictionPolicy.NOWHERE, name + " can never be evicted");
        assertTrue(table.headers.lengthAcquire(slot) <= table.capacity(slot), name + " overflows");
        slots++;
        capacity += table.capacity(slot);
        content += table.headers.lengthAcquire(slot);
        dirty += BlockWord.has(word, BlockWord.NEEDS_FLUSH) ? 1 : 0;
      }
    }
    assertEquals(listed.size(), slots, "slots that are listed");
    assertEquals(slots, stats.totalBlocks(), "totalBlocks");
    assertEquals(slots, stats.slotsInUse(), "slotsInUse");
    assertEquals(capacity, stats.capacityInUse(), "capacityInUse");
    assertEquals(content, stats.currentSize(), "currentSize");
    assertEquals(dirty, stats.dirtyBlocks(), "dirtyBlocks");
    assertEquals(slabs, stats.slabs(), "slabs");
    assertEquals(0, stats.inUseBlocks(), "inUseBlocks");
    assertTrue(capacity <= stats.maxSize(), "more than maxSize is in use");
  }

  private static IntHashSet listedSlots(final BlockIndex index) {
    final IntArrayList slots = new IntArrayList();
    for (int shard = 0; shard < index.shardCount(); shard++) {
      index.collect(shard, slots);
    }
    final IntHashSet listed = new IntHashSet();
    for (int i = 0; i < slots.size(); i++) {
      assertTrue(listed.add(slots.getInt(i)), "slot " + slots.getInt(i) + " is listed twice");
    }
    return listed;
  }
}
