package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.pool.Victims.Victim;
import dev.slabmount.core.slab.SlabAllocator;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds a slot for a block that is about to come.
 *
 * <p>In this order: a free slot of the right class; evict what the policy proposes, a few blocks at
 * most; empty the slab of the last of them, so that it can change class; look through all slabs for
 * one clean block of the right class, or for a slab that can be emptied; wait, bounded, for a pin
 * or a dirty flag to go. So a claim fails only if every slab holds a block that cannot go, and, in
 * slabs of the right class, nothing else.
 *
 * <p>Called without locks, latches or anything else that another thread may wait for.
 *
 * <p>Any thread.
 */
final class RoomMaker {
  /** Enough to meet the right class by chance; more would empty slabs that then stay half used. */
  private static final int PROPOSALS_PER_ATTEMPT = 8;

  private final SlotTable table;
  private final SlabAllocator allocator;
  private final Victims victims;
  private final BlockIndex index;
  private final PoolLife life;
  private final long roomWaitNanos;

  /** Where the next look through all slabs begins. */
  private final AtomicInteger cursor = new AtomicInteger();

  RoomMaker(
      final SlotTable table,
      final BlockIndex index,
      final PoolLife life,
      final long roomWaitNanos) {
    this.table = table;
    this.allocator = table.allocator;
    this.victims = table.victims;
    this.index = index;
    this.life = life;
    this.roomWaitNanos = roomWaitNanos;
  }

  /**
   * Claims a slot for {@code bytes} bytes, waiting for room if need be. The caller owns it and must
   * publish or abandon it.
   *
   * @throws MemoryPoolException.PoolExhausted if no room was made in time
   */
  int claim(final int bytes) {
    final int slot = claimNow(bytes);
    return slot == SlabAllocator.NO_SLOT ? waitForRoom(bytes) : slot;
  }

  /** Claims a slot if that is possible without waiting; may evict. */
  int claimNow(final int bytes) {
    final int sizeClass = allocator.classes().classFor(bytes);
    final int slot = claimFree(sizeClass);
    return slot == SlabAllocator.NO_SLOT ? makeRoom(sizeClass) : slot;
  }

  /** Claims a slot only if one is free; evicts nothing. */
  int claimFree(final int sizeClass) {
    final int slot = allocator.claim(sizeClass);
    if (slot == SlabAllocator.NO_SLOT) {
      life.check();
    } else {
      BlockTransitions.claim(table.words, slot);
    }
    return slot;
  }

  private int waitForRoom(final int bytes) {
    final int sizeClass = allocator.classes().classFor(bytes);
    final RoomSignal room = table.room;
    final long deadline = System.nanoTime() + roomWaitNanos;
    table.counters.waits.increment();
    room.enter();
    try {
      for (boolean inTime = true; ; ) {
        final int seen = room.epoch();
        final int slot = makeRoom(sizeClass);
        if (slot != SlabAllocator.NO_SLOT) {
          return slot;
        }
        if (!inTime) {
          throw exhausted("no room for a block of " + bytes + " bytes");
        }
        inTime = room.await(seen, deadline);
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("room in the pool");
    } finally {
      room.leave();
    }
  }

  /** What to throw when there is no room, with the counts of this moment. */
  MemoryPoolException.PoolExhausted exhausted(final String what) {
    final PoolCounters counters = table.counters;
    return new MemoryPoolException.PoolExhausted(
        what, counters.blocks.sum(), counters.pinnedSlots(), counters.needingFlush.sum());
  }

  private int makeRoom(final int sizeClass) {
    final Victim victim = new Victim();
    for (int i = 0; i < PROPOSALS_PER_ATTEMPT && victims.propose(victim); i++) {
      evictProposed(victim);
      final int slot = claimFree(sizeClass);
      if (slot != SlabAllocator.NO_SLOT) {
        return slot;
      }
    }
    if (victim.slot != SlabAllocator.NO_SLOT) {
      final int slot = drain(allocator.slabOf(victim.slot), sizeClass, victim);
      if (slot != SlabAllocator.NO_SLOT) {
        return slot;
      }
    }
    return searchSlabs(sizeClass, victim);
  }

  /** Looks at every slab once. */
  private int searchSlabs(final int sizeClass, final Victim victim) {
    final int slabs = allocator.slabCount();
    final int first = Math.floorMod(cursor.getAndIncrement(), slabs);
    for (int i = 0; i < slabs; i++) {
      final int slab = (first + i) % slabs;
      final int slabClass = allocator.classOf(slab);
      int slot = SlabAllocator.NO_SLOT;
      if (slabClass == sizeClass) {
        slot = evictOneOf(allocator.takenSlots(slab), sizeClass, victim);
      } else if (slabClass >= 0) {
        slot = drain(slab, sizeClass, victim);
      }
      if (slot != SlabAllocator.NO_SLOT) {
        return slot;
      }
    }
    return claimFree(sizeClass);
  }

  private int evictOneOf(final int[] slots, final int sizeClass, final Victim victim) {
    for (int i = victims.firstEvictable(slots, 0, victim);
        i < slots.length;
        i = victims.firstEvictable(slots, i + 1, victim)) {
      if (evict(victim.slot, victim.hash)) {
        final int slot = claimFree(sizeClass);
        if (slot != SlabAllocator.NO_SLOT) {
          return slot;
        }
      }
    }
    return SlabAllocator.NO_SLOT;
  }

  /** Empties a slab of another class, if all its blocks can go, and claims its first slot. */
  private int drain(final int slab, final int sizeClass, final Victim victim) {
    final int[] slots = allocator.startDrain(slab, sizeClass);
    if (slots == null) {
      return SlabAllocator.NO_SLOT;
    }
    if (victims.allEvictable(slots)) {
      int i = victims.firstEvictable(slots, 0, victim);
      while (i < slots.length && evict(victim.slot, victim.hash)) {
        i = victims.firstEvictable(slots, i + 1, victim);
      }
    }
    final int slot = allocator.finishDrain(slab, sizeClass);
    if (slot != SlabAllocator.NO_SLOT) {
      BlockTransitions.claim(table.words, slot);
    }
    return slot;
  }

  private void evictProposed(final Victim victim) {
    if (!evict(victim.slot, victim.hash)) {
      victims.restore(victim.slot);
    }
  }

  /** Evicts a block if it is still listed under this hash and can go. */
  private boolean evict(final int slot, final long hash) {
    final IndexShard shard = index.shardOf(hash);
    final long stamp = shard.lockWrite();
    try {
      if (!shard.holds(hash, slot) || !BlockTransitions.evict(table.words, slot)) {
        return false;
      }
      index.unlink(hash, slot);
      table.unlinked(table.headers.lengthAcquire(slot), false); // Ours: it has no pin.
    } finally {
      shard.unlockWrite(stamp);
    }
    table.counters.evictions.increment();
    table.free(slot);
    return true;
  }
}
