package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * A change to an inode-keyed block, made while no other writer and no {@code withData} reader is
 * inside the block.
 */
@FunctionalInterface
public interface BlockModifier {
  /**
   * Changes the block in place.
   *
   * <p>It must be short and must not call the pool for the same block: the latch that it runs under
   * is not reentrant. If it throws, the block keeps its length, whatever bytes were changed stay
   * changed and count as dirty, and the exception reaches the caller of the pool.
   *
   * @param block the block's memory: {@code length} bytes of content, then zeros up to the capacity
   *     that the caller of the pool asked for. Must not be used after the method returns.
   * @param length how many bytes the block has now
   * @return how many bytes it has from now on, 0 to {@code block.byteSize()}
   */
  int modify(MemorySegment block, int length);
}
