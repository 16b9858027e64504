package dev.slabmount.core.slab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where each slot lies in its slab: a flat table, 4 bytes for each slot number, off the heap.
 *
 * <pre>
 *  31                              16 15                               0
 *  +---------------------------------+---------------------------------+
 *  |    first page, in its slab      |          pages less one         |
 *  +---------------------------------+---------------------------------+
 * </pre>
 *
 * <p>Flat, because every hit asks: the address of a block follows from its slot number by one load
 * that waits for nothing else, in particular not for the block's header, and so the block's first
 * bytes are fetched while the header is still on its way. Memory that no slot number has led to is
 * not touched.
 *
 * <p>An entry is written under the lock of the slab's stripe, before its slot number is handed out
 * or while its only holder makes it smaller, and read by whoever holds the slot. So it needs no
 * order of its own: it travels with the number (E21).
 */
final class SlotExtents {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();
  private static final int PAGE_SHIFT = 16;
  private static final int PAGES_MASK = (1 << PAGE_SHIFT) - 1;

  private final MemorySegment entries;

  /** Entries in this memory, which must be 4-byte aligned. */
  SlotExtents(final MemorySegment entries) {
    this.entries = entries;
  }

  /** Bytes that the entries of so many slot numbers take. */
  static long bytesFor(final long slots) {
    return slots * Integer.BYTES;
  }

  /** The slot's first page, counted from the start of its slab. */
  int firstPage(final int slot) {
    return entry(slot) >>> PAGE_SHIFT;
  }

  /** How many pages the slot has. */
  int pages(final int slot) {
    return (entry(slot) & PAGES_MASK) + 1;
  }

  /** Lets a slot lie here; under the lock of the slab's stripe. */
  void set(final int slot, final int firstPage, final int pages) {
    INT.set(entries, at(slot), firstPage << PAGE_SHIFT | (pages - 1));
  }

  private int entry(final int slot) {
    return (int) INT.get(entries, at(slot));
  }

  private static long at(final int slot) {
    return (long) slot * Integer.BYTES;
  }
}
