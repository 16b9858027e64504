package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * A pinned content-keyed block. Its bytes stay where they are and never change until the handle is
 * closed, also if the block is removed from the pool meanwhile.
 *
 * <p>Owned by whoever got it from the pool, who must close it. Any thread may use it; closing it
 * while another thread still reads through it is the owner's mistake. Every method but {@link
 * #close}, {@link #key} and {@code toString} throws {@link IllegalStateException} on a closed
 * handle.
 */
public interface BlockHandle extends AutoCloseable {
  /** The block's key. */
  BlockKey key();

  /**
   * A read-only view of the content, {@link #length} bytes at a 4 KiB-aligned address. Not a copy:
   * it must not be read after the handle is closed, when its memory may already hold another block.
   * Once the pool is closed every access to it throws {@link IllegalStateException}.
   */
  MemorySegment data();

  /** Bytes of content. */
  int length();

  /** Whether the block has no content. */
  default boolean isEmpty() {
    return length() == 0;
  }

  /** Unpins the block; closing twice is harmless. Never blocks. */
  @Override
  void close();
}
