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
   * Costs an allocation and a copy of {@link #length} bytes; {@link #withData} costs neither, and
   * has the same errors.
   */
  MemorySegment data();

  /**
   * Runs {@code reader} over the live content while no writer is inside the block, so that it sees
   * each write whole or not at all. Several readers run at once. Waits for a writer of this block,
   * never for anything else.
   *
   * @throws MemoryPoolException.PagesMissing if a page of the block is missing (see {@link
   *     BlockPages})
   * @throws X what the reader throws
   */
  <R, X extends Exception> R withData(BlockReader<R, X> reader) throws X;

  /**
   * Copies bytes into the block, as {@link MemoryPool#modifyDirtyInPlace(long, int, int,
   * MemorySegment, long, int)} does. As the handle keeps the block in the pool, {@link
   * MemoryPool#acquireDirty} and this are "have the block, then modify it" without a gap in which
   * it could be evicted.
   *
   * @param offset where in the block to write
   * @param source where the bytes come from
   * @param sourceOffset where in {@code source} they start
   * @param length how many; {@code offset + length} is at most the pool's block size
   * @return the new length of the block
   * @throws MemoryPoolException.BlockNotFound if the block was removed or replaced
   * @throws MemoryPoolException.PagesMissing if a page is written in part that is missing
   * @throws MemoryPoolException.PoolExhausted if it has to grow and there is no room in time
   */
  int write(int offset, MemorySegment source, long sourceOffset, int length);

  /**
   * Changes the block in place, as {@link MemoryPool#modifyDirtyInPlace(long, int, int,
   * BlockModifier)} does; errors as for {@link #write}.
   *
   * @param capacity how many bytes the modifier may need, at most the pool's block size
   * @return the new length of the block
   */
  int modify(int capacity, BlockModifier modifier);

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
