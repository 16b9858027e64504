package dev.slabmount.core.slot;

import dev.slabmount.core.block.PageMaps;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.SlabAllocator;

/**
 * The pages of slots: {@link PageMaps}, by slot and page within the slot. Who may call what is said
 * there.
 *
 * <p>Invariants of an inode-keyed block at every moment at which nobody is in its latch: a page
 * that needs flushing is valid; beyond the block's end no bit is set; NEEDS_FLUSH is up exactly if
 * a page needs flushing. The bits of free slots and of content-keyed blocks are zero.
 */
public final class SlotPages {
  private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PageMaps.PAGE_BYTES);

  private final PageMaps maps;
  private final SlabAllocator allocator;

  SlotPages(final PageMaps maps, final SlabAllocator allocator) {
    this.maps = maps;
    this.allocator = allocator;
  }

  /** The page in which this byte lies; the pages of that many bytes, if the last one is whole. */
  public static int pageOf(final int offset) {
    return offset >>> PAGE_SHIFT;
  }

  /** How many pages this many bytes touch. */
  public static int pagesOf(final int length) {
    return (length + PageMaps.PAGE_BYTES - 1) >>> PAGE_SHIFT;
  }

  /** How many pages a block has: an empty one has one, so that it can need flushing. */
  public static int pagesOfBlock(final int length) {
    return Math.max(1, pagesOf(length));
  }

  /** Where in the block this page begins. */
  public static int offsetOf(final int page) {
    return page << PAGE_SHIFT;
  }

  // ---- A block comes, moves, goes ----

  /** A new block of which nothing is there; the slot is claimed. */
  public void startMissing(final int slot) {
    forget(slot);
  }

  /** A new block of which everything is there; the slot is claimed. */
  public void startValid(final int slot, final int length) {
    forget(slot);
    setValid(slot, 0, pagesOfBlock(length));
  }

  /** A new block of which everything is there and to be flushed; the slot is claimed. */
  public void startWritten(final int slot, final int length) {
    forget(slot);
    setWritten(slot, 0, pagesOfBlock(length));
  }

  /**
   * The block moves: {@code to} is claimed. The old slot's pages stay valid for those who hold it.
   */
  public void move(final int from, final int to, final int length) {
    final int pages = pagesOfBlock(length);
    final long first = first(from);
    forget(to);
    maps.copy(first, first + pages, first(to));
    maps.clearToFlush(first, first + pages);
  }

  /** The slot is about to be free, or still is. */
  public void forget(final int slot) {
    forget(slot, 0, pagesOf(allocator.slotBytes(slot)));
  }

  // ---- Pages of a block ----

  /** Whether all of these pages are valid; acquires them (E31). */
  public boolean allValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    return maps.allValid(first + from, first + to);
  }

  /** Throws {@code PagesMissing} if a page of the block is. */
  public void checkAllValid(final int slot, final int length, final BlockKey key) {
    final int pages = pagesOf(length);
    final int missing = firstMissing(slot, 0, pages);
    if (missing < pages) {
      throw new MemoryPoolException.PagesMissing(key, offsetOf(missing));
    }
  }

  /** The first of these pages that is missing, or {@code to}. */
  public int firstMissing(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstMissing(first + from, first + to) - first);
  }

  /** The first of these pages that is valid, or {@code to}. */
  public int firstValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstValid(first + from, first + to) - first);
  }

  /** Whether the page is valid. */
  public boolean isValid(final int slot, final int page) {
    return allValid(slot, page, page + 1);
  }

  /** The bytes of these pages were loaded: valid, nothing to flush. */
  public void setValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.setValid(first + from, first + to);
  }

  /** The bytes of these pages were written: valid, to be flushed. */
  public void setWritten(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.setWritten(first + from, first + to);
  }

  /** Makes these pages missing. */
  public void forget(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.forget(first + from, first + to);
  }

  /** Whether a page of the slot needs flushing. */
  public boolean anyToFlush(final int slot) {
    final long first = first(slot);
    return maps.anyToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  /** The first of these pages that needs flushing, or {@code to}. */
  public int firstToFlush(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstToFlush(first + from, first + to) - first);
  }

  /** Says that no page of the slot needs flushing. */
  public void clearToFlush(final int slot) {
    final long first = first(slot);
    maps.clearToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  /** Says that every valid page of the slot needs flushing. */
  public void setValidToFlush(final int slot) {
    final long first = first(slot);
    maps.setValidToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  /** Takes the bits of what needs flushing away, and returns them. */
  public long[] takeToFlush(final int slot) {
    final long first = first(slot);
    return maps.takeToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  /** The slot may be larger than the one that the bits were taken from, or smaller. */
  public void putBackToFlush(final int slot, final long[] taken) {
    final long first = first(slot);
    final int pages = Math.min(pagesOf(allocator.slotBytes(slot)), taken.length * Long.SIZE);
    maps.putBackToFlush(first, first + pages, taken);
  }

  /**
   * Whether all pages with a byte from {@code start} up to {@code end} of the pool's memory are
   * valid and to be flushed; may say no of many pages.
   */
  public boolean areWritten(final long start, final long end) {
    return maps.areWritten(start >>> PAGE_SHIFT, (end - 1) >>> PAGE_SHIFT);
  }

  private long first(final int slot) {
    return allocator.offset(slot) >>> PAGE_SHIFT;
  }
}
