package dev.slabmount.core.evict;

/**
 * The blocks that a policy set aside because they need flushing, in the order in which it did.
 *
 * <p>As the rest of a policy, under one lock.
 */
final class ParkedSlots {
  private final ResidentSlots slots;
  private final SlotQueue queue;
  private final int id;

  /** None yet; {@code id} marks them, as {@link SlotQueue} says. */
  ParkedSlots(final ResidentSlots slots, final int id) {
    this.slots = slots;
    this.id = id;
    queue = new SlotQueue(slots, id);
  }

  /** Sets a slot aside that is in no queue. */
  void park(final int slot) {
    queue.add(slot);
  }

  /** Lets go of a slot; false if it was not parked. */
  boolean release(final int slot) {
    final boolean parked = slots.queue(slot) == id;
    if (parked) {
      queue.cutOut(slot);
    }
    return parked;
  }

  /** The slot that was parked longest ago and is live; counts as parked just now. */
  int oldest() {
    while (queue.count() > 0) {
      final int slot = queue.take();
      if (slots.isLive(slot)) { // Otherwise removed and kept by a pin: who drops that frees it.
        queue.add(slot);
        return slot;
      }
    }
    return EvictionPolicy.NO_VICTIM;
  }
}
