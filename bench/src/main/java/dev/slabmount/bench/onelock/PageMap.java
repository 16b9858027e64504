package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockPages;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of an inode-keyed block can be read, and which need flushing. It belongs to the block
 * and not to its memory, so it stays as it is when the block moves.
 *
 * <p>Guarded by the pool's lock; what stands for bytes that are being changed changes when the
 * writer leaves.
 */
final class PageMap {
  private static final int PAGE_BYTES = BlockPages.PAGE_BYTES;

  private final BitSet valid;
  private final BitSet toFlush;

  /** The pages that a flush is writing back now; null if none is under way. */
  private @Nullable BitSet taken;

  PageMap(final int capacity) {
    valid = new BitSet(pagesOfBlock(capacity));
    toFlush = new BitSet(pagesOfBlock(capacity));
  }

  /** The page in which this byte lies. */
  static int pageOf(final int offset) {
    return offset / PAGE_BYTES;
  }

  /** How many pages so many bytes take. */
  static int pagesOf(final int bytes) {
    return Math.ceilDiv(bytes, PAGE_BYTES);
  }

  /** How many pages a block of so many bytes has: an empty one counts as one page. */
  static int pagesOfBlock(final int length) {
    return Math.max(1, pagesOf(length));
  }

  static int offsetOf(final int page) {
    return page * PAGE_BYTES;
  }

  // ---- Valid ----

  boolean isValid(final int page) {
    return valid.get(page);
  }

  /** The first page of these that is missing; {@code to} if none is. */
  int firstMissing(final int from, final int to) {
    return Math.min(to, valid.nextClearBit(from));
  }

  /** Pages were filled. */
  void setValid(final int from, final int to) {
    valid.set(from, to);
  }

  /** Pages were written. */
  void setWritten(final int from, final int to) {
    valid.set(from, to);
    toFlush.set(from, to);
  }

  /** Pages are not there any more, nor to be flushed. */
  void forget(final int from, final int to) {
    if (from < to) {
      valid.clear(from, to);
      toFlush.clear(from, to);
      if (taken != null) {
        taken.clear(from, to);
      }
    }
  }

  // ---- To be flushed ----

  /** Whether a page needs flushing, or is being flushed just now. */
  boolean needsFlush() {
    return taken != null || !toFlush.isEmpty();
  }

  void markFlushed() {
    toFlush.clear();
  }

  /** Marks every valid page. */
  void markNeedsFlush() {
    toFlush.or(valid);
  }

  /** Begins a flush: the pages are taken away, so that a write that comes now marks them anew. */
  BitSet takeToFlush() {
    assert taken == null : "flushed twice at once";
    final BitSet pages = (BitSet) toFlush.clone();
    taken = (BitSet) toFlush.clone();
    toFlush.clear();
    return pages;
  }

  /** Ends a flush. If it failed, what it took needs flushing again, unless it was forgotten. */
  void endFlush(final boolean flushed) {
    if (!flushed && taken != null) {
      toFlush.or(taken);
    }
    taken = null;
  }
}
