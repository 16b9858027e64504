package dev.slabmount.core.evict;

/**
 * CLOCK: one queue; a block that was used since it was last looked at goes round once more.
 *
 * <p>F. J. Corbató, "A Paging Experiment with the Multics System", 1968; here as the equivalent
 * queue with a second chance.
 */
public final class ClockPolicy extends OneQueuePolicy {
  /** A policy over these slots with nothing in its care. */
  public ClockPolicy(final ResidentSlots slots) {
    super(slots);
  }

  @Override
  public void flushed(final int slot) {
    if (parked.release(slot)) {
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
        parked.park(slot);
      } else if (slots.testAndClearVisited(slot) || slots.isPinned(slot)) {
        queue.add(slot);
      } else {
        return slot;
      }
    }
    return NO_VICTIM;
  }
}
