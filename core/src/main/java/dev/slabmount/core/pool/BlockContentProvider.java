package dev.slabmount.core.pool;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where the bytes of an absent block come from.
 *
 * <p>The pool calls it outside all of its locks, on the thread that asked for the block, and never
 * twice at once for one key. It may block. It must not ask the pool for the same key.
 */
@FunctionalInterface
public interface BlockContentProvider {
  /** What {@link #maxLength} answers when a provider cannot tell: the pool's block size. */
  int UNKNOWN_LENGTH = Integer.MAX_VALUE;

  /**
   * Writes the block's bytes to the start of {@code slot}.
   *
   * @param key the block that is asked for
   * @param slot memory to fill: as many bytes as {@link #maxLength} said, at most the pool's block
   *     size. Its previous content is undefined. It belongs to the provider until the method
   *     returns and must not be used afterwards.
   * @return how many bytes the block has, 0 to {@code slot.byteSize()}
   * @throws IOException if the bytes cannot be had. Everyone who waits for this load gets a {@link
   *     MemoryPoolException.RetrievalFailed} with this cause, nothing stays behind, and the next
   *     call tries again. If the loading thread was interrupted, one of the waiting callers takes
   *     over instead, with its own provider.
   */
  int load(BlockKey key, MemorySegment slot) throws IOException;

  /**
   * How many bytes {@link #load} will write at most; this decides how large a slot is claimed. The
   * pool cuts it down to its block size. Called without locks, before {@code load}.
   *
   * @return a length in bytes, not negative; {@link #UNKNOWN_LENGTH} (the default) claims a slot of
   *     the pool's block size
   */
  default int maxLength(final BlockKey key) {
    return UNKNOWN_LENGTH;
  }
}
