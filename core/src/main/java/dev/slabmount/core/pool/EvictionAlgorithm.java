package dev.slabmount.core.pool;

/** How a pool without room chooses the clean, unpinned block that has to go. */
public enum EvictionAlgorithm {
  /**
   * S3-FIFO: new blocks pass through a small queue first, so that a scan over many blocks that are
   * read once does not push out those that are read again. The default.
   */
  S3_FIFO,
  /** CLOCK: one queue, a second chance for each block that was used since it was last looked at. */
  CLOCK
}
