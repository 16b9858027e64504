package dev.slabmount.core.slab;

import java.util.BitSet;

/**
 * The books of one slab: which of its pages are in use, and where each of its slots lies.
 *
 * <p>Slots are numbered apart from pages, lowest free number first, so that the headers of a few
 * large blocks lie together and not as far apart as the blocks.
 *
 * <p>A <em>stretch</em> of the slab can be reserved, by one thread at a time, while that evicts
 * what lies there: pages in it that are free, or become free, are kept for it.
 *
 * <p>Owned by a {@link SlabStripe}; every access is under its lock.
 */
final class Slab {
  private static final int SLOTS_MIN = 16;

  /** No bin, no slab, no stretch. */
  static final int NONE = -1;

  final int number;
  final int pages;

  /** Which bin of its stripe it is in, and its neighbours there. */
  int bin = NONE;

  int next = NONE;
  int previous = NONE;

  /** The {@link #slotLimit} that others were told of. */
  int slotLimitTold;

  /** Where all slots of the pool lie, and the number of our first. */
  private final SlotExtents extents;

  private final int firstSlot;

  private final BitSet used;
  private final BitSet indexes = new BitSet();
  private int slots;
  private int slotLimit;

  /** No run of free pages is longer; some may be as long. */
  private int longestBound;

  private int stretchFrom = NONE;
  private int stretchTo = NONE;
  private int stretchHeld;

  Slab(final int number, final int pages, final SlotExtents extents, final int firstSlot) {
    this.number = number;
    this.pages = pages;
    this.extents = extents;
    this.firstSlot = firstSlot;
    used = new BitSet(pages);
    longestBound = pages;
  }

  // ---- Books ----

  int pagesOf(final int index) {
    return extents.pages(firstSlot + index);
  }

  int slots() {
    return slots;
  }

  /** Slot indexes are below this; grows in {@link #take} and {@link #endStretch}. */
  int slotLimit() {
    return slotLimit;
  }

  int longestBound() {
    return longestBound;
  }

  boolean isTaken(final int index) {
    return indexes.get(index);
  }

  int[] takenIndexes() {
    return indexes.stream().toArray();
  }

  /**
   * Takes the lowest free pages that follow each other, as many as are wanted, as a slot.
   *
   * @return its index, or {@link #NONE}; then {@link #longestBound} is exact
   */
  int take(final int wanted) {
    int longest = 0;
    for (int from = used.nextClearBit(0); from < pages; ) {
      final int to = endOfRun(from);
      if (to - from >= wanted) {
        used.set(from, from + wanted);
        return newSlot(from, wanted);
      }
      longest = Math.max(longest, to - from);
      from = used.nextClearBit(to);
    }
    longestBound = longest;
    return NONE;
  }

  /** Gives a slot's pages back. */
  void giveBack(final int index) {
    assert isTaken(index) : "slot " + index + " of slab " + number + " is freed twice";
    indexes.clear(index);
    slots--;
    release(firstPage(index), firstPage(index) + pagesOf(index));
  }

  /** Makes a slot smaller, from its end. */
  void trim(final int index, final int wanted) {
    assert isTaken(index) && wanted < pagesOf(index) : "slot " + index + " of slab " + number;
    final int from = firstPage(index);
    final int to = from + pagesOf(index);
    extents.set(firstSlot + index, from, wanted);
    release(from + wanted, to);
  }

  // ---- The stretch ----

  boolean hasStretch() {
    return stretchFrom != NONE;
  }

  /** Reserves these pages; returns the indexes of the slots that have a page there. */
  int[] beginStretch(final int from, final int to) {
    assert !hasStretch() : "slab " + number + " has a stretch already";
    stretchFrom = from;
    stretchTo = to;
    stretchHeld = to - from - used.get(from, to).cardinality();
    used.set(from, to);
    return indexes.stream().filter(i -> overlaps(i, from, to)).toArray();
  }

  /**
   * Ends the reservation. If all of the stretch is free by now and a slot is wanted, it becomes
   * one; otherwise what is free of it is free for everybody.
   *
   * @return the slot's index, or {@link #NONE}
   */
  int endStretch(final boolean wanted) {
    final int from = stretchFrom;
    final int to = stretchTo;
    final boolean complete = stretchHeld == to - from;
    stretchFrom = NONE;
    stretchTo = NONE;
    if (complete && wanted) {
      return newSlot(from, to - from);
    }
    used.clear(from, to);
    for (int i = indexes.nextSetBit(0); i >= 0; i = indexes.nextSetBit(i + 1)) {
      if (overlaps(i, from, to)) {
        used.set(firstPage(i), firstPage(i) + pagesOf(i));
      }
    }
    for (int at = used.nextClearBit(from); at < to; at = used.nextClearBit(endOfRun(at))) {
      noteRunAt(at);
    }
    return NONE;
  }

  // ---- Parts ----

  private int newSlot(final int from, final int count) {
    final int index = indexes.nextClearBit(0);
    if (index == slotLimit) {
      slotLimit = Math.min(pages, Math.max(SLOTS_MIN, 2 * index));
    }
    extents.set(firstSlot + index, from, count);
    indexes.set(index);
    slots++;
    return index;
  }

  /** Frees pages, except that those of the stretch are kept for it. */
  private void release(final int from, final int to) {
    if (!hasStretch() || to <= stretchFrom || from >= stretchTo) {
      free(from, to);
      return;
    }
    stretchHeld += Math.min(to, stretchTo) - Math.max(from, stretchFrom);
    free(from, stretchFrom);
    free(stretchTo, to);
  }

  private void free(final int from, final int to) {
    if (from < to) {
      used.clear(from, to);
      noteRunAt(from);
    }
  }

  private void noteRunAt(final int page) {
    longestBound = Math.max(longestBound, endOfRun(page) - (used.previousSetBit(page) + 1));
  }

  private int endOfRun(final int from) {
    final int to = used.nextSetBit(from);
    return to < 0 ? pages : to;
  }

  private boolean overlaps(final int index, final int from, final int to) {
    return firstPage(index) < to && firstPage(index) + pagesOf(index) > from;
  }

  private int firstPage(final int index) {
    return extents.firstPage(firstSlot + index);
  }
}
