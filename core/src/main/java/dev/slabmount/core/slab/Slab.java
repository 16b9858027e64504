package dev.slabmount.core.slab;

import org.jspecify.annotations.Nullable;

/**
 * One slab: which class it has and which of its slots are taken.
 *
 * <p>Owned by {@link SlabAllocator}; every access is under its lock.
 */
final class Slab {
  static final int NO_CLASS = -1;

  final int number;
  int sizeClass = NO_CLASS;
  int slots;
  int used;

  /** Being emptied on purpose: gives out no slot. */
  boolean draining;

  /** Links of the list of its class's slabs that have free slots. */
  @Nullable Slab next;

  @Nullable Slab previous;
  boolean listed;

  private long[] taken = new long[0];

  Slab(final int number) {
    this.number = number;
  }

  void assign(final int newClass, final int newSlots) {
    assert used == 0 && !listed : "slab " + number + " changes class while in use";
    if (sizeClass != newClass) { // Otherwise its bitmap is empty and fits.
      sizeClass = newClass;
      slots = newSlots;
      taken = new long[(newSlots + Long.SIZE - 1) / Long.SIZE];
    }
  }

  /** Takes the free slot with the lowest index: slots that were touched before come first. */
  int take() {
    for (int i = 0; i < taken.length; i++) {
      final int bit = Long.numberOfTrailingZeros(~taken[i]);
      final int index = i * Long.SIZE + bit;
      if (bit < Long.SIZE && index < slots) {
        taken[i] |= 1L << bit;
        used++;
        return index;
      }
    }
    throw new AssertionError("slab " + number + " has no free slot");
  }

  void giveBack(final int index) {
    assert isTaken(index) : "slot " + index + " of slab " + number + " is freed twice";
    taken[index / Long.SIZE] &= ~(1L << index);
    used--;
  }

  boolean isTaken(final int index) {
    return index < slots && (taken[index / Long.SIZE] & (1L << index)) != 0;
  }

  boolean hasFree() {
    return used < slots;
  }
}
