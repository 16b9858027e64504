package dev.slabmount.core.pool;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where the bytes of an inode-keyed block's missing pages come from.
 *
 * <p>The pool calls it outside all of its locks and latches, on the thread that asked for the
 * pages, and never twice at once for one page. It may block. It must not fill pages of the same
 * block.
 */
@FunctionalInterface
public interface PageProvider {
  /**
   * Writes all of {@code pages}.
   *
   * @param key the block, an inode's
   * @param offset where in the block {@code pages} begins, a multiple of {@link
   *     BlockPages#PAGE_BYTES}
   * @param pages memory to fill completely: whole pages, but for the last page of the block, which
   *     ends at the block's end. Its previous content is undefined. It belongs to the provider
   *     until the method returns and must not be used afterwards.
   * @throws IOException if the bytes cannot be had. Everyone who waits for these pages gets a
   *     {@link MemoryPoolException.RetrievalFailed} with this cause, and the next call tries again.
   *     If the loading thread was interrupted, one of the waiting callers takes over instead, with
   *     its own provider.
   */
  void load(BlockKey key, int offset, MemorySegment pages) throws IOException;
}
