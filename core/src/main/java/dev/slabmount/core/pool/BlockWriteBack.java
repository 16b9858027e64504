package dev.slabmount.core.pool;

/**
 * Where the bytes of inode-keyed blocks go that need flushing. Called by {@link BlockPages#flush}
 * on the thread that asked for it, and, if the pool was given one ({@link
 * MemoryPoolConfig#writeBack}), on threads of the pool when there is no room but for what could be
 * written back.
 *
 * <p>Called without any lock or latch of the pool, never twice at once for one key, but at once for
 * different keys: it must be thread-safe. It may block; a pool's own threads that it blocks cannot
 * make room meanwhile, and {@code close()} waits for them as it does for pins.
 */
@FunctionalInterface
public interface BlockWriteBack {
  /**
   * Puts these pages where they are safe. When it returns, the pool may forget them.
   *
   * @param runs the pages that need flushing, at least one run. Valid until this method returns.
   * @throws Exception if that failed, in whole or in part: then all of the pages still need
   *     flushing. {@link BlockPages#flush} passes it on; threads of the pool try again later.
   */
  void writeBack(long inode, int block, DirtyRuns runs) throws Exception;
}
