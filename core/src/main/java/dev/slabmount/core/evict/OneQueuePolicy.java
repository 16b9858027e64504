package dev.slabmount.core.evict;

/** What the policies with one queue have in common; they differ in how they go through it. */
abstract sealed class OneQueuePolicy implements EvictionPolicy permits LruPolicy, ClockPolicy {
  static final int QUEUED = 1;
  private static final int PARKED = 2;

  final ResidentSlots slots;
  final SlotQueue queue;
  final ParkedSlots parked;

  OneQueuePolicy(final ResidentSlots slots) {
    this.slots = slots;
    queue = new SlotQueue(slots, QUEUED);
    parked = new ParkedSlots(slots, PARKED);
  }

  @Override
  public final void admit(final int slot) {
    if (slots.queue(slot) == NOWHERE) {
      queue.add(slot);
    }
  }

  @Override
  public final void remove(final int slot) {
    switch (slots.queue(slot)) {
      case QUEUED -> queue.cutOut(slot);
      case PARKED -> parked.release(slot);
      default -> {} // In no queue.
    }
  }

  @Override
  public final void restore(final int slot) {
    admit(slot);
  }

  @Override
  public final int oldestParked() {
    return parked.oldest();
  }

  @Override
  public final int count() {
    return queue.count();
  }
}
