package dev.slabmount.core.room;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.observe.BlockEvictEvent;
import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.victim.Victims;
import dev.slabmount.core.victim.Victims.Victim;

/**
 * Evicts blocks, one, or all in a stretch of a slab.
 *
 * <p>While a stretch is emptied its free pages are kept for the thread that empties it, so whatever
 * races, what was evicted for a large block is not taken by small ones.
 *
 * <p>Any thread.
 */
public final class SlabEmptier {
  private final SlotTable table;
  private final SlabAllocator allocator;
  private final Victims victims;
  private final BlockIndex index;

  /** Evicts blocks that this index lists. */
  public SlabEmptier(final SlotTable table, final BlockIndex index) {
    this.table = table;
    this.allocator = table.allocator;
    this.victims = table.victims;
    this.index = index;
  }

  /**
   * Evicts a block if it is still listed, in the same life, and can go. The caller has to free its
   * slot.
   */
  public boolean evict(final Victim victim, final String reason) {
    final IndexShard shard = index.shardOf(victim.hash);
    return evict(shard, shard.lockWrite(), victim, reason);
  }

  /** The same, but does not wait for a shard whose holder seems to have lost its processor. */
  boolean tryEvict(final Victim victim, final String reason) {
    final IndexShard shard = index.shardOf(victim.hash);
    final long stamp = shard.tryLockWrite();
    return stamp != 0 && evict(shard, stamp, victim, reason);
  }

  /** Evicts, and unlocks the shard. */
  private boolean evict(
      final IndexShard shard, final long stamp, final Victim victim, final String reason) {
    final int slot = victim.slot;
    try {
      if (!shard.holds(victim.hash, slot)
          || BlockWord.generation(table.words.wordAcquire(slot)) != victim.generation
          || !BlockTransitions.evict(table.words, slot)) {
        return false;
      }
      index.unlink(victim.hash, slot);
      table.unlinked(table.headers.lengthAcquire(slot), false); // Ours: it has no pin.
    } finally {
      shard.unlockWrite(stamp);
    }
    table.counters.evictions.increment();
    if (BlockEvictEvent.isOn()) {
      BlockEvictEvent.emit(table.keyOf(slot), table.headers.lengthAcquire(slot), reason);
    }
    return true;
  }

  /**
   * Empties the stretch around a place in the region, if all its blocks can go. Slabs are thought
   * of as cut into stretches of the size that is wanted, so that several large slots in one slab
   * leave nothing between them.
   *
   * @param place an offset in the region
   * @return a claimed slot, or {@link SlabAllocator#NO_SLOT}
   */
  int emptyAround(final long place, final int sizeClass) {
    final SizeClasses classes = allocator.classes();
    final int slab = (int) (place / classes.slabBytes());
    final int pages = classes.slotBytes(sizeClass) / SizeClasses.SLOT_BYTES_MIN;
    final int page = (int) (place % classes.slabBytes() / SizeClasses.SLOT_BYTES_MIN);
    final int last = allocator.slabPages(slab) - pages;
    return last < 0
        ? SlabAllocator.NO_SLOT
        : empty(slab, Math.min(page - page % pages, last), sizeClass);
  }

  /**
   * Empties a stretch of a slab, if all its blocks can go.
   *
   * @return a claimed slot, or {@link SlabAllocator#NO_SLOT}
   */
  int empty(final int slab, final int firstPage, final int sizeClass) {
    final int[] slots = allocator.beginStretch(slab, firstPage, sizeClass);
    if (slots == null) {
      return SlabAllocator.NO_SLOT;
    }
    int slot = SlabAllocator.NO_SLOT;
    try {
      if (allEvictable(slots)) {
        evictAll(slots);
      }
    } finally {
      slot = allocator.endStretch(slab);
      table.room.raise(slab); // Others may have come for what we kept.
    }
    if (slot != SlabAllocator.NO_SLOT) {
      BlockTransitions.claim(table.words, slot);
    }
    return slot;
  }

  private boolean allEvictable(final int[] slots) {
    for (final int slot : slots) {
      if (!victims.isEvictable(slot)) {
        return false;
      }
    }
    return true;
  }

  private void evictAll(final int[] slots) {
    final Victim victim = new Victim();
    for (final int slot : slots) {
      if (victims.proposeSlot(slot, victim) && evict(victim, BlockEvictEvent.STRETCH)) {
        table.free(slot);
      } else if (victims.isLive(slot)) {
        return; // Somebody has pinned or written it meanwhile.
      }
    }
  }
}
