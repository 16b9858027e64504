package dev.slabmount.core.room;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.flush.WriteBackThreads;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.observe.BlockEvictEvent;
import dev.slabmount.core.observe.PoolWaitEvent;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.RoomSignal;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolCounters;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.victim.Victims;
import dev.slabmount.core.victim.Victims.Victim;
import java.util.concurrent.TimeUnit;

/**
 * Finds a slot for a block that is about to come.
 *
 * <p>In this order: a free slot; evict what the policy proposes, until one of these blocks leaves a
 * slot that is large enough, or as many bytes are free as are wanted; empty the stretch of a slab
 * around the last of them; look through all slabs for a stretch that can be emptied; have dirty
 * blocks written back, if the pool can, and wait, bounded, for a pin or a dirty flag to go. So a
 * claim fails only if there is no stretch of its size, in any slab, without a block that cannot go.
 *
 * <p>The slot of a block that was evicted goes to the new block directly where it is large enough.
 * So in a full pool of blocks of about one size the allocator is not asked at all, and nobody else
 * can take the slot that one thread has made free for itself.
 *
 * <p>Called without locks, latches or anything else that another thread may wait for.
 *
 * <p>Any thread.
 */
public final class RoomMaker {
  /** Most blocks that go, one by one, for one that comes. */
  private static final int PROPOSALS_PER_ATTEMPT = 8;

  /**
   * What a waiter sleeps after it was woken in vain, so that a busy pool does not keep it awake.
   */
  private static final long CALM_NANOS = 500_000;

  /** Proposals that are given back if their shards are busy; the next is waited for. */
  private static final int TRIES_MAX = 3;

  private static final long NOWHERE = -1;

  private final SlotTable table;
  private final SlabAllocator allocator;
  private final Victims victims;
  private final SlabEmptier emptier;
  private final RoomSearch search;
  private final PoolLife life;
  private final WriteBackThreads writeBack;
  private final long roomWaitNanos;

  /** Makes room in this table; a claim waits for it at most so long. */
  public RoomMaker(
      final SlotTable table,
      final BlockIndex index,
      final PoolLife life,
      final WriteBackThreads writeBack,
      final long roomWaitNanos) {
    this.table = table;
    this.allocator = table.allocator;
    this.victims = table.victims;
    this.emptier = new SlabEmptier(table, index);
    this.search = new RoomSearch(table, emptier);
    this.life = life;
    this.writeBack = writeBack;
    this.roomWaitNanos = roomWaitNanos;
  }

  /**
   * Claims a slot for {@code bytes} bytes, waiting for room if need be. The caller owns it and must
   * publish or abandon it.
   *
   * @throws MemoryPoolException.PoolExhausted if no room was made in time
   */
  public int claim(final int bytes) {
    final int slot = claimNow(bytes);
    return slot == SlabAllocator.NO_SLOT ? waitForRoom(bytes) : slot;
  }

  /**
   * Claims a slot if that is possible without waiting and without a look at every slab; may evict.
   */
  public int claimNow(final int bytes) {
    final int sizeClass = allocator.classes().classFor(bytes);
    final int slot = claimFree(sizeClass);
    return slot == SlabAllocator.NO_SLOT ? makeRoom(sizeClass) : slot;
  }

  /** Claims a slot only if one is free; evicts nothing. */
  public int claimFree(final int sizeClass) {
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
    final PoolWaitEvent event = PoolWaitEvent.started();
    String how = PoolWaitEvent.DONE;
    room.enter();
    try {
      boolean inTime = true;
      for (int waits = 0; ; waits++) {
        final int seen = room.epoch();
        final int slot = findRoomAnywhere(sizeClass);
        if (slot != SlabAllocator.NO_SLOT) {
          return slot;
        }
        if (!inTime) {
          how = PoolWaitEvent.TIMED_OUT;
          throw exhausted("no room for a block of " + bytes + " bytes");
        }
        if (waits == 0) {
          table.counters.waits.increment();
        } else {
          calmDown(deadline);
        }
        writeBack.wanted(); // All that is left is pinned or needs flushing.
        inTime = room.await(seen, deadline);
      }
    } catch (final InterruptedException e) {
      how = PoolWaitEvent.INTERRUPTED;
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("room in the pool");
    } finally {
      room.leave();
      if (event != null) {
        event.ended("room for " + bytes + " bytes", how);
      }
    }
  }

  private static void calmDown(final long deadline) throws InterruptedException {
    final long nanos = Math.min(CALM_NANOS, deadline - System.nanoTime());
    if (nanos > 0) {
      TimeUnit.NANOSECONDS.sleep(nanos);
    }
  }

  /** What to throw when there is no room, with the counts of this moment. */
  public MemoryPoolException.PoolExhausted exhausted(final String what) {
    final PoolCounters counters = table.counters;
    return new MemoryPoolException.PoolExhausted(
        what, counters.blocks.sum(), counters.pinnedSlots(), counters.needingFlush.sum());
  }

  /** Evicts what the policy proposes, and if need be what lies around that. */
  private int makeRoom(final int sizeClass) {
    final int wanted = allocator.classes().slotBytes(sizeClass);
    final Victim victim = new Victim();
    long evicted = 0;
    long place = NOWHERE;
    for (int i = 0; i < PROPOSALS_PER_ATTEMPT && evicted < wanted && victims.propose(victim); i++) {
      if (!evict(victim, i >= TRIES_MAX)) {
        continue;
      }
      final int capacity = table.capacity(victim.slot);
      if (capacity >= wanted) {
        table.claimEvicted(victim.slot, sizeClass);
        return victim.slot;
      }
      evicted += capacity;
      place = allocator.offset(victim.slot);
      table.freeEvicted(victim.slot);
      final int slot = claimFree(sizeClass);
      if (slot != SlabAllocator.NO_SLOT) {
        return slot;
      }
    }
    return place == NOWHERE ? SlabAllocator.NO_SLOT : emptier.emptyAround(place, sizeClass);
  }

  /** Evicts what was proposed, or gives it back. */
  private boolean evict(final Victim victim, final boolean patiently) {
    final boolean evicted =
        patiently
            ? emptier.evict(victim, BlockEvictEvent.POLICY)
            : emptier.tryEvict(victim, BlockEvictEvent.POLICY);
    if (!evicted) {
      victims.restore(victim);
    }
    return evicted;
  }

  /** What the policy proposes did not do: takes what is free by now, or any stretch that can go. */
  private int findRoomAnywhere(final int sizeClass) {
    final int slot = claimFree(sizeClass);
    return slot == SlabAllocator.NO_SLOT ? search.findRoom(sizeClass) : slot;
  }
}
