package dev.slabmount.core.evict;

/**
 * A first-in first-out queue of slots, linked through the slots themselves: O(1) to add at the
 * back, take from the front, and cut out of the middle; no memory of its own.
 *
 * <p>Links are slot numbers plus one, so that zero, what fresh headers contain, means none.
 */
final class SlotQueue {
  private static final int NONE = 0;

  private final ResidentSlots slots;
  private final int id;
  private int front = NONE;
  private int back = NONE;
  private int count;
  private long bytes;

  /** An empty queue; {@code id} marks its members and is not {@link EvictionPolicy#NOWHERE}. */
  SlotQueue(final ResidentSlots slots, final int id) {
    assert id != EvictionPolicy.NOWHERE;
    this.slots = slots;
    this.id = id;
  }

  int count() {
    return count;
  }

  /** Sum of the members' capacities. */
  long bytes() {
    return bytes;
  }

  void add(final int slot) {
    assert slots.queue(slot) == EvictionPolicy.NOWHERE : "slot " + slot + " is in a queue already";
    final int link = slot + 1;
    slots.setQueue(slot, id);
    slots.setPrevious(slot, back);
    slots.setNext(slot, NONE);
    if (back == NONE) {
      front = link;
    } else {
      slots.setNext(back - 1, link);
    }
    back = link;
    count++;
    bytes += slots.capacity(slot);
  }

  /** Puts a slot where the next is taken from. */
  void addFront(final int slot) {
    assert slots.queue(slot) == EvictionPolicy.NOWHERE : "slot " + slot + " is in a queue already";
    final int link = slot + 1;
    slots.setQueue(slot, id);
    slots.setPrevious(slot, NONE);
    slots.setNext(slot, front);
    if (front == NONE) {
      back = link;
    } else {
      slots.setPrevious(front - 1, link);
    }
    front = link;
    count++;
    bytes += slots.capacity(slot);
  }

  /** The oldest, which stays; the queue must not be empty. */
  int front() {
    return front - 1;
  }

  /** Takes the oldest; the queue must not be empty. */
  int take() {
    final int slot = front - 1;
    cutOut(slot);
    return slot;
  }

  void cutOut(final int slot) {
    assert slots.queue(slot) == id : "slot " + slot + " is not in queue " + id;
    final int previous = slots.previous(slot);
    final int next = slots.next(slot);
    if (previous == NONE) {
      front = next;
    } else {
      slots.setNext(previous - 1, next);
    }
    if (next == NONE) {
      back = previous;
    } else {
      slots.setPrevious(next - 1, previous);
    }
    slots.setQueue(slot, EvictionPolicy.NOWHERE);
    slots.setPrevious(slot, NONE);
    slots.setNext(slot, NONE);
    count--;
    bytes -= slots.capacity(slot);
  }
}
