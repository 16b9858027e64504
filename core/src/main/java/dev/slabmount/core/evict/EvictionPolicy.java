package dev.slabmount.core.evict;

/**
 * Chooses the block that has to go.
 *
 * <p>A slot is in the policy's care from {@link #admit} until {@link #victim} returns it or {@link
 * #remove} takes it away. Blocks that need flushing are <em>parked</em>: set aside when the policy
 * comes across one, so that a pool full of them costs nothing to search, and taken up again by
 * {@link #flushed}.
 *
 * <p>Not thread-safe; the pool calls it under one lock. No method blocks, and all take constant
 * time, amortized.
 */
public interface EvictionPolicy {
  /** What {@link #victim} returns when there is none. */
  int NO_VICTIM = -1;

  /** The number of a slot that is in no queue. */
  int NOWHERE = 0;

  /** Most blocks that one call of {@link #victim} looks at. */
  int LOOKS_MAX = 64;

  /** A block was put into the pool; no effect if the slot is in the policy's care already. */
  void admit(int slot);

  /** The slot is about to be freed; no effect if it is not in the policy's care. */
  void remove(int slot);

  /** The block does not need flushing any more; no effect unless it was parked. */
  void flushed(int slot);

  /**
   * The block was used. Called for each hit, and only for policies that need that to be right; see
   * {@link LruPolicy}. The others find out by {@link ResidentSlots#testAndClearVisited}.
   */
  default void used(final int slot) {}

  /**
   * Chooses a block that is live, unpinned, and does not need flushing, and lets go of it. Looks at
   * {@link #LOOKS_MAX} blocks at most; the next call goes on where this one ended. Calls that look
   * at four times {@link #count} blocks together have met every block that can go.
   *
   * @return its slot, or {@link #NO_VICTIM} if none of the blocks looked at is like that
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

  /** How many blocks {@link #victim} chooses from: those in the policy's care and not parked. */
  int count();
}
