package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * A pinned inode-keyed block, which others may write meanwhile.
 *
 * <p>The handle always shows the newest content of the block it was made for, also after the block
 * outgrew its slot and moved. After the block is removed or replaced, the handle still shows the
 * last content of the block that it holds, and nobody else can find that block any more.
 *
 * <p>Owned by whoever got it from the pool, who must close it. Any thread may use it. Every method
 * but {@link #close}, {@link #key} and {@code toString} throws {@link IllegalStateException} on a
 * closed handle.
 */
public interface MutableBlockHandle extends AutoCloseable {
  /** The block's key. */
  BlockKey key();

  /**
   * A private copy of the content on the Java heap, taken while no writer was inside the block.
   * Costs an allocation and a copy of {@link #length} bytes; {@link #withData} costs neither.
   */
  MemorySegment data();

  /**
   * Runs {@code reader} over the live content while no writer is inside the block, so that it sees
   * each write whole or not at all. Several readers run at once. Waits for a writer of this block,
   * never for anything else.
   *
   * @throws X what the reader throws
   */
  <R, X extends Exception> R withData(BlockReader<R, X> reader) throws X;

  /** Bytes of content, as of now. */
  int length();

  /** Whether the block has no content, as of now. */
  default boolean isEmpty() {
    return length() == 0;
  }

  /**
   * The version of the content: it grows with every write to the block. Read it inside {@link
   * #withData} to learn the version of the bytes seen there, and pass it to {@link
   * MemoryPool#markFlushed(long, int, long)} once those bytes are safe.
   */
  long version();

  /** Unpins the block; closing twice is harmless. Never blocks. */
  @Override
  void close();
}
