package dev.slabmount.bench.onelock;

/**
 * Gives blocks other lengths, and takes pages out of them.
 *
 * <p>Any thread, without the lock; the bytes that are zeroed are less than two pages, so they are
 * zeroed under it.
 */
final class Cuts {
  private static final int NONE = -1;

  private final PoolState state;
  private final Writes writes;

  Cuts(final PoolState state, final Writes writes) {
    this.state = state;
    this.writes = writes;
  }

  /** Gives a block that the caller has pinned another length; returns the one that it had. */
  int resize(final Block block, final int length) {
    state.lock.lock();
    try {
      final PageMap pages = block.pages();
      writes.enterOrThrow(block, length);
      final int before = block.length;
      if (before != length) {
        block.version = state.nextVersion();
        final int shorter = Math.min(before, length);
        final int longer = Math.max(before, length);
        final int page = PageMap.pageOf(shorter);
        final boolean cutsPage = PageMap.offsetOf(page) < shorter;
        PageFills.drop(block, page, PageMap.pagesOfBlock(longer));
        pages.forget(cutsPage ? page + 1 : page, PageMap.pagesOfBlock(longer));
        if (cutsPage && pages.isValid(page)) {
          zero(block, page, shorter, Math.min(PageMap.offsetOf(page + 1), longer));
        }
        state.setLength(block, length);
      }
      writes.leave(block);
      return before;
    } finally {
      state.lock.unlock();
    }
  }

  /** Forgets the pages in a range, and zeroes what of it lies in other pages. */
  void discard(final Block block, final int offset, final int length) {
    state.lock.lock();
    try {
      block.pages();
      writes.enterOrThrow(block, 0);
      try {
        discardLatched(block, offset, Math.min(offset + length, block.length));
      } finally {
        writes.leave(block);
      }
    } finally {
      state.lock.unlock();
    }
  }

  private void discardLatched(final Block block, final int offset, final int end) {
    if (end <= offset) {
      return;
    }
    final PageMap pages = block.pages();
    final int first = PageMap.pagesOf(offset);
    final int last = end == block.length ? PageMap.pagesOf(end) : PageMap.pageOf(end);
    final int head = first > PageMap.pageOf(offset) ? first - 1 : NONE;
    final int tail = last < PageMap.pagesOf(end) && last != head ? last : NONE;
    for (final int part : new int[] {head, tail}) {
      if (part != NONE && !pages.isValid(part)) {
        throw block.missing(part);
      }
    }
    block.version = state.nextVersion();
    if (first < last) {
      PageFills.drop(block, first, last);
      pages.forget(first, last);
    }
    if (head != NONE) {
      zero(block, head, offset, Math.min(end, PageMap.offsetOf(first)));
    }
    if (tail != NONE) {
      zero(block, tail, PageMap.offsetOf(tail), end);
    }
  }

  private void zero(final Block block, final int page, final int from, final int to) {
    state.memory.zero(block.extent, from, to);
    block.pages().setWritten(page, page + 1);
  }
}
