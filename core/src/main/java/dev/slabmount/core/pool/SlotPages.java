package dev.slabmount.core.pool;

import dev.slabmount.core.block.PageMaps;
import dev.slabmount.core.slab.SlabAllocator;

/**
 * The pages of slots: {@link PageMaps}, by slot and page within the slot. Who may call what is said
 * there.
 *
 * <p>Invariants of an inode-keyed block at every moment at which nobody is in its latch: a page
 * that needs flushing is valid; beyond the block's end no bit is set; NEEDS_FLUSH is up exactly if
 * a page needs flushing. The bits of free slots and of content-keyed blocks are zero.
 */
final class SlotPages {
  private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(PageMaps.PAGE_BYTES);

  private final PageMaps maps;
  private final SlabAllocator allocator;

  SlotPages(final PageMaps maps, final SlabAllocator allocator) {
    this.maps = maps;
    this.allocator = allocator;
  }

  /** The page in which this byte lies; the pages of that many bytes, if the last one is whole. */
  static int pageOf(final int offset) {
    return offset >>> PAGE_SHIFT;
  }

  /** How many pages this many bytes touch. */
  static int pagesOf(final int length) {
    return (length + PageMaps.PAGE_BYTES - 1) >>> PAGE_SHIFT;
  }

  /** How many pages a block has: an empty one has one, so that it can need flushing. */
  static int pagesOfBlock(final int length) {
    return Math.max(1, pagesOf(length));
  }

  /** Where in the block this page begins. */
  static int offsetOf(final int page) {
    return page << PAGE_SHIFT;
  }

  // ---- A block comes, moves, goes ----

  /** A new block of which nothing is there; the slot is claimed. */
  void startMissing(final int slot) {
    forget(slot);
  }

  /** A new block of which everything is there; the slot is claimed. */
  void startValid(final int slot, final int length) {
    forget(slot);
    setValid(slot, 0, pagesOfBlock(length));
  }

  /** A new block of which everything is there and to be flushed; the slot is claimed. */
  void startWritten(final int slot, final int length) {
    forget(slot);
    setWritten(slot, 0, pagesOfBlock(length));
  }

  /**
   * The block moves: {@code to} is claimed. The old slot's pages stay valid for those who hold it.
   */
  void move(final int from, final int to, final int length) {
    final int pages = pagesOfBlock(length);
    final long first = first(from);
    forget(to);
    maps.copy(first, first + pages, first(to));
    maps.clearToFlush(first, first + pages);
  }

  /** The slot is about to be free, or still is. */
  void forget(final int slot) {
    forget(slot, 0, pagesOf(allocator.slotBytes(slot)));
  }

  // ---- Pages of a block ----

  boolean allValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    return maps.allValid(first + from, first + to);
  }

  /** Throws {@code PagesMissing} if a page of the block is. */
  void checkAllValid(final int slot, final int length, final BlockKey key) {
    final int pages = pagesOf(length);
    final int missing = firstMissing(slot, 0, pages);
    if (missing < pages) {
      throw new MemoryPoolException.PagesMissing(key, offsetOf(missing));
    }
  }

  int firstMissing(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstMissing(first + from, first + to) - first);
  }

  int firstValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstValid(first + from, first + to) - first);
  }

  boolean isValid(final int slot, final int page) {
    return allValid(slot, page, page + 1);
  }

  void setValid(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.setValid(first + from, first + to);
  }

  void setWritten(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.setWritten(first + from, first + to);
  }

  void forget(final int slot, final int from, final int to) {
    final long first = first(slot);
    maps.forget(first + from, first + to);
  }

  boolean anyToFlush(final int slot) {
    final long first = first(slot);
    return maps.anyToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  int firstToFlush(final int slot, final int from, final int to) {
    final long first = first(slot);
    return (int) (maps.firstToFlush(first + from, first + to) - first);
  }

  void clearToFlush(final int slot) {
    final long first = first(slot);
    maps.clearToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  void setValidToFlush(final int slot) {
    final long first = first(slot);
    maps.setValidToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  long[] takeToFlush(final int slot) {
    final long first = first(slot);
    return maps.takeToFlush(first, first + pagesOf(allocator.slotBytes(slot)));
  }

  /** The slot may be larger than the one that the bits were taken from, or smaller. */
  void putBackToFlush(final int slot, final long[] taken) {
    final long first = first(slot);
    final int pages = Math.min(pagesOf(allocator.slotBytes(slot)), taken.length * Long.SIZE);
    maps.putBackToFlush(first, first + pages, taken);
  }

  private long first(final int slot) {
    return allocator.offset(slot) >>> PAGE_SHIFT;
  }
}
