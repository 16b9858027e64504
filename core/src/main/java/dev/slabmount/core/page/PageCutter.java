package dev.slabmount.core.page;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.write.LatchedBlocks;

/**
 * Gives blocks other lengths, and takes pages out of them. Loads of pages that this touches and
 * that are under way are told to leave them alone.
 *
 * <p>Any thread.
 */
public final class PageCutter {
  private static final int NONE = -1;

  private final SlotTable table;
  private final BlockHeaders headers;
  private final SlotPages pages;
  private final BlockFinder finder;
  private final LatchedBlocks latched;
  private final PageFlights flights;

  /** Cuts blocks of this table. */
  public PageCutter(
      final SlotTable table,
      final BlockFinder finder,
      final LatchedBlocks latched,
      final PageFlights flights) {
    this.table = table;
    this.finder = finder;
    this.headers = table.headers;
    this.pages = table.pages;
    this.latched = latched;
    this.flights = flights;
  }

  /** Gives a block another length; returns the one that it had. */
  public int resize(final long token, final int length) {
    final int slot = enter(token, length);
    final int before = headers.lengthAcquire(slot);
    if (before == length) {
      latched.leave(slot);
      return before;
    }
    headers.nextVersionRelease(slot);
    final int shorter = Math.min(before, length);
    final int page = SlotPages.pageOf(shorter);
    flights.drop(table.keyOf(slot), page, Integer.MAX_VALUE);
    final boolean cutsPage = SlotPages.offsetOf(page) < shorter;
    pages.forget(
        slot, cutsPage ? page + 1 : page, SlotPages.pagesOfBlock(Math.max(before, length)));
    if (cutsPage && pages.isValid(slot, page)) {
      table.zero(slot, shorter, Math.min(SlotPages.offsetOf(page + 1), Math.max(before, length)));
      pages.setWritten(slot, page, page + 1);
    }
    latched.setLength(slot, before, length);
    latched.leaveChanged(slot);
    return before;
  }

  /** Forgets the pages in a range, and zeroes what of it lies in other pages. */
  public void discard(final long token, final int offset, final int length) {
    final int slot = enter(token, 0);
    final int blockLength = headers.lengthAcquire(slot);
    final int end = (int) Math.min((long) offset + length, blockLength);
    if (end <= offset) {
      latched.leave(slot);
      return;
    }
    final int first = SlotPages.pagesOf(offset);
    final int last = end == blockLength ? SlotPages.pagesOf(end) : SlotPages.pageOf(end);
    final int head = first > SlotPages.pageOf(offset) ? first - 1 : NONE;
    final int tail = last < SlotPages.pagesOf(end) && last != head ? last : NONE;
    final int missing = isMissing(slot, head) ? head : isMissing(slot, tail) ? tail : NONE;
    if (missing != NONE) {
      final BlockKey key = table.keyOf(slot);
      latched.leave(slot);
      throw new MemoryPoolException.PagesMissing(key, SlotPages.offsetOf(missing));
    }
    headers.nextVersionRelease(slot);
    if (first < last) {
      flights.drop(table.keyOf(slot), first, last);
      pages.forget(slot, first, last);
    }
    if (head != NONE) {
      zero(slot, head, offset, Math.min(end, SlotPages.offsetOf(first)));
    }
    if (tail != NONE) {
      zero(slot, tail, SlotPages.offsetOf(tail), end);
    }
    latched.leaveChanged(slot);
  }

  private boolean isMissing(final int slot, final int page) {
    return page != NONE && !pages.isValid(slot, page);
  }

  private void zero(final int slot, final int page, final int from, final int to) {
    table.zero(slot, from, to);
    pages.setWritten(slot, page, page + 1);
  }

  private int enter(final long token, final int bytes) {
    final int pinned = table.slotOf(token);
    table.checkMutable(pinned);
    final int slot = latched.enter(pinned, bytes);
    if (slot == FlushFlags.REMOVED) {
      throw finder.removed(pinned);
    }
    return slot;
  }
}
