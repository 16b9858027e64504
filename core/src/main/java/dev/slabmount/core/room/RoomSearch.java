package dev.slabmount.core.room;

import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.RoomSignal;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.victim.Victims;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last resort before a wait: looks through the slabs for a stretch without a block that must
 * stay, wherever it begins.
 *
 * <p>A look at a slab costs a look at each of its slots' words. Only those who are about to wait
 * search, one at a time, and what one found out about a slab holds for all until something happens
 * in that slab ({@link RoomSignal}). So when the pool is full of blocks that must stay, the first
 * waiter pays for a look at all blocks, some 15 to 50 ms per million, the others for none, and
 * whoever is woken pays for the slabs in which something happened.
 *
 * <p>Any thread that has entered the signal, without locks.
 */
final class RoomSearch {
  /** How often a search begins anew because others got in between, each time to their profit. */
  private static final int DISTURBANCES_MAX = 100;

  private static final long DISTURBED_NANOS = 20_000;

  private static final int NOTHING = -1;

  private final SlotTable table;
  private final SlabAllocator allocator;
  private final Victims victims;
  private final SlabEmptier emptier;

  private final ReentrantLock searching = new ReentrantLock();
  private int session;
  private int first;

  /** By slab: so many pages are not to be had, and the slab's epoch before that was found out. */
  private final int[] pagesNotThere;

  private final int[] epochs;

  RoomSearch(final SlotTable table, final SlabEmptier emptier) {
    this.table = table;
    this.allocator = table.allocator;
    this.victims = table.victims;
    this.emptier = emptier;
    pagesNotThere = new int[allocator.slabCount()];
    epochs = new int[allocator.slabCount()];
  }

  /** Claims a slot in the first stretch that can be emptied; or {@link SlabAllocator#NO_SLOT}. */
  int findRoom(final int sizeClass) {
    for (int i = 0; i < DISTURBANCES_MAX; i++) {
      searching.lock();
      try {
        final Result result = new Result();
        searchAll(sizeClass, result);
        if (result.slot != SlabAllocator.NO_SLOT || !result.disturbed) {
          return result.slot;
        }
      } finally {
        searching.unlock();
      }
      LockSupport.parkNanos(DISTURBED_NANOS); // Let them finish.
    }
    return SlabAllocator.NO_SLOT;
  }

  private static final class Result {
    int slot = SlabAllocator.NO_SLOT;

    /** There was a stretch, but it was not to be had: somebody emptied, pinned or wrote it. */
    boolean disturbed;
  }

  private void searchAll(final int sizeClass, final Result result) {
    final int now = table.room.session();
    if (now != session) {
      session = now;
      Arrays.fill(pagesNotThere, Integer.MAX_VALUE);
    }
    final int pages = allocator.classes().slotBytes(sizeClass) / SizeClasses.SLOT_BYTES_MIN;
    final int slabs = allocator.slabCount();
    first = (first + 1) % slabs;
    for (int i = 0; i < slabs && result.slot == SlabAllocator.NO_SLOT; i++) {
      search((first + i) % slabs, pages, sizeClass, result);
    }
  }

  private void search(final int slab, final int pages, final int sizeClass, final Result result) {
    final int epoch = table.room.epochOf(slab); // E8: before we look.
    if (epochs[slab] == epoch && pages >= pagesNotThere[slab]) {
      return;
    }
    final int page = findStretch(slab, pages);
    if (page != NOTHING) {
      result.slot = emptier.empty(slab, page, sizeClass);
      result.disturbed |= result.slot == SlabAllocator.NO_SLOT;
    } else {
      epochs[slab] = epoch;
      pagesNotThere[slab] = pages;
    }
  }

  /** Where so many pages follow each other without a block that must stay. */
  private int findStretch(final int slab, final int pages) {
    final BitSet staying = staying(slab);
    final int last = allocator.slabPages(slab) - pages;
    for (int from = 0; from <= last; from += pages) { // Where many of this size leave no gaps.
      if (isClear(staying, from, pages)) {
        return from;
      }
    }
    for (int from = staying.nextClearBit(0); from <= last; ) {
      if (isClear(staying, from, pages)) {
        return from;
      }
      from = staying.nextClearBit(staying.nextSetBit(from));
    }
    return NOTHING;
  }

  /**
   * The pages of blocks that must stay. Nobody holds their slots for us: one may be free by now, or
   * lie elsewhere, so this is a proposal, to be tried.
   */
  private BitSet staying(final int slab) {
    final BitSet staying = new BitSet();
    try {
      for (final int slot : allocator.takenSlots(slab)) {
        if (!victims.isEvictable(slot)) {
          final long offset = allocator.offset(slot) % allocator.classes().slabBytes();
          final int from = (int) (offset / SizeClasses.SLOT_BYTES_MIN);
          staying.set(from, from + allocator.slotBytes(slot) / SizeClasses.SLOT_BYTES_MIN);
        }
      }
    } catch (final IllegalStateException e) { // The books are unmapped: nothing is there any more.
      staying.set(0, allocator.slabPages(slab));
    }
    return staying;
  }

  private static boolean isClear(final BitSet staying, final int from, final int pages) {
    final int next = staying.nextSetBit(from);
    return next < 0 || next >= from + pages;
  }
}
