package dev.slabmount.core.evict;

/**
 * CLOCK: one queue; a block that was used since it was last looked at goes round once more.
 *
 * <p>F. J. Corbató, "A Paging Experiment with the Multics System", 1968; here as the equivalent
 * queue with a second chance.
 */
public final class ClockPolicy implements EvictionPolicy {
  private static final int QUEUED = 1;
  private static final int PARKED = 2;

  private final ResidentSlots slots;
  private final SlotQueue queue;
  private final ParkedSlots parked;

  /** A policy over these slots with nothing in its care. */
  public ClockPolicy(final ResidentSlots slots) {
    this.slots = slots;
    queue = new SlotQueue(slots, QUEUED);
    parked = new ParkedSlots(slots, PARKED);
  }

  @Override
  public void admit(final int slot) {
    if (slots.queue(slot) == NOWHERE) {
      queue.add(slot);
    }
  }

  @Override
  public void remove(final int slot) {
    switch (slots.queue(slot)) {
      case QUEUED -> queue.cutOut(slot);
      case PARKED -> parked.release(slot);
      default -> {} // In no queue.
    }
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

  @Override
  public void restore(final int slot) {
    admit(slot);
  }

  @Override
  public int oldestParked() {
    return parked.oldest();
  }

  @Override
  public int count() {
    return queue.count();
  }
}
