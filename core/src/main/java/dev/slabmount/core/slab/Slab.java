package dev.slabmount.core.slab;

import java.util.Arrays;
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
 * <p>Owned by a {@link SlabStripe}; every access is under its lock, except that whoever holds a
 * slot may look up its extent.
 */
final class Slab {
  private static final int EXTENTS_MIN = 16;
  private static final int PAGE_SHIFT = 16;
  private static final int PAGES_MASK = (1 << PAGE_SHIFT) - 1;

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

  private final BitSet used;
  private final BitSet indexes = new BitSet();
  private int slots;

  /** No run of free pages is longer; some may be as long. */
  private int longestBound;

  private int stretchFrom = NONE;
  private int stretchTo = NONE;
  private int stretchHeld;

  /**
   * By slot index: first page in the upper half, pages less one in the lower. Volatile, because a
   * larger copy takes its place while others look up their slots without the lock (E21).
   */
  private volatile int[] extents = new int[0];

  Slab(final int number, final int pages) {
    this.number = number;
    this.pages = pages;
    used = new BitSet(pages);
    longestBound = pages;
  }

  // ---- Extents, readable by whoever holds the slot ----

  int firstPage(final int index) {
    return extents[index] >>> PAGE_SHIFT;
  }

  int pagesOf(final int index) {
    return (extents[index] & PAGES_MASK) + 1;
  }

  // ---- Books ----

  int slots() {
    return slots;
  }

  /** How many slot indexes there is room for; grows in {@link #take} and {@link #endStretch}. */
  int slotLimit() {
    return extents.length;
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
    extents[index] = extent(from, wanted);
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
    if (index == extents.length) {
      extents = Arrays.copyOf(extents, Math.min(pages, Math.max(EXTENTS_MIN, 2 * index)));
    }
    extents[index] = extent(from, count);
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

  private static int extent(final int from, final int count) {
    return from << PAGE_SHIFT | (count - 1);
  }
}
