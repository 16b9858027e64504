package dev.slabmount.core.evict;

/**
 * LRU: the block that was used longest ago goes. For comparison only.
 *
 * <p>The order is exact because the pool reports every hit to {@link #used}, under the policy's
 * lock: that one lock is what the other policies avoid, and hits of all threads queue for it.
 *
 * <p>A block that was flushed goes next if it was not used since it was parked.
 */
public final class LruPolicy extends OneQueuePolicy {
  /** A policy over these slots with nothing in its care. */
  public LruPolicy(final ResidentSlots slots) {
    super(slots);
  }

  @Override
  public void flushed(final int slot) {
    if (parked.release(slot)) {
      if (slots.testAndClearVisited(slot)) {
        queue.add(slot);
      } else {
        queue.addFront(slot);
      }
    }
  }

  @Override
  public void used(final int slot) {
    if (slots.queue(slot) == QUEUED) {
      queue.cutOut(slot);
      queue.add(slot);
    }
  }

  @Override
  public int victim() {
    for (int looks = LOOKS_MAX; looks > 0 && queue.count() > 0; looks--) {
      final int slot = queue.take();
      if (!slots.isLive(slot)) {
        continue; // Removed from the pool and kept by a pin: whoever drops that frees it.
      }
      if (slots.needsFlush(slot)) {
        slots.testAndClearVisited(slot);
        parked.park(slot);
      } else if (slots.isPinned(slot)) {
        queue.add(slot); // In use now.
      } else {
        return slot;
      }
    }
    return NO_VICTIM;
  }
}
