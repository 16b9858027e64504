package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/**
 * Reads a block while no writer is inside it.
 *
 * @param <R> what it returns
 * @param <X> what it may throw; it reaches the caller unchanged
 */
@FunctionalInterface
public interface BlockReader<R, X extends Exception> {
  /**
   * Reads the block. It must not modify the same block: the latch that it runs under would wait for
   * itself.
   *
   * @param block a read-only view of the content, valid until this method returns
   */
  R read(MemorySegment block) throws X;
}
