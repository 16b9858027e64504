package dev.slabmount.core.evict;

/**
 * Chooses the block that has to go.
 *
 * <p>A slot is in the policy's care from {@link #admit} until {@link #victim} returns it or {@link
 * #remove} takes it away. Blocks that need flushing are <em>parked</em>: set aside when the policy
 * comes across one, so that a pool full of them costs nothing to search, and taken up again by
 * {@link #flushed}.
 *
 * <p>Not thread-safe; the pool calls it under one lock. No method blocks; all but {@link #victim}
 * take constant time.
 */
public interface EvictionPolicy {
  /** What {@link #victim} returns when there is none. */
  int NO_VICTIM = -1;

  /** The number of a slot that is in no queue. */
  int NOWHERE = 0;

  /** A block was put into the pool; no effect if the slot is in the policy's care already. */
  void admit(int slot);

  /** The slot is about to be freed; no effect if it is not in the policy's care. */
  void remove(int slot);

  /** The block does not need flushing any more; no effect unless it was parked. */
  void flushed(int slot);

  /**
   * Chooses a block that is live, unpinned, and does not need flushing, and lets go of it. Looks at
   * each block at most a few times.
   *
   * @return its slot, or {@link #NO_VICTIM} if no block in the policy's care is like that
   */
  int victim();

  /** Takes back what {@link #victim} returned: somebody pinned it before it could be evicted. */
  void restore(int slot);

  /**
   * Names the block that was parked longest ago, for those who write back, and counts it as parked
   * just now, so that one call after the other goes round all parked blocks.
   *
   * @return its slot, still in the policy's care, or {@link #NO_VICTIM} if no block is parked
   */
  int oldestParked();
}
