package dev.slabmount.core.pool;

/** How a pool without room chooses the clean, unpinned block that has to go. */
public enum EvictionAlgorithm {
  /**
   * New blocks pass through a small part of the memory first, so that a scan over many blocks that
   * are read once does not push out those that are read again; how small follows from what comes
   * back. The default.
   */
  ADAPTIVE_FIFO,
  /** S3-FIFO, from which the default was made: the small part is always a tenth. */
  S3_FIFO,
  /** CLOCK: one queue, a second chance for each block that was used since it was last looked at. */
  CLOCK,
  /**
   * LRU: the block that was used longest ago. For comparison only: every hit takes a lock that all
   * threads share, which the others avoid.
   */
  LRU
}
