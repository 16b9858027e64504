package dev.slabmount.bench.onelock;

import org.jspecify.annotations.Nullable;

/**
 * A run of pages that somebody owns: a power of two of them, at a multiple of their number.
 *
 * <p>Guarded by the pool's lock, except for what is final.
 */
final class Extent {
  /** Number of the first page in the region. */
  final int page;

  /** Two to this power pages. */
  final int order;

  /** Unlike that of every other extent that ever began at the same page. */
  final int generation;

  /**
   * The block that lies here, or lay here before it moved; null while it is being filled. Plain,
   * because whoever reads it without the lock has pinned the block under the lock before.
   */
  @Nullable Block block;

  /** Tokens that show this memory; each of them also counts as a pin of the block. */
  int tokens;

  /** Bytes of content that were here when the block moved away. */
  int lengthLeft;

  Extent(final int page, final int order, final int generation) {
    this.page = page;
    this.order = order;
    this.generation = generation;
  }

  /** Bytes that fit. */
  int capacity() {
    return BuddyMemory.PAGE_BYTES << order;
  }

  /** Bytes from the region's start. */
  long offset() {
    return (long) page * BuddyMemory.PAGE_BYTES;
  }

  /** The token of this extent: generation and page; never 0. */
  long token() {
    return ((long) generation << Integer.SIZE) | (page + 1);
  }
}
