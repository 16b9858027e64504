package dev.slabmount.core.victim;

import dev.slabmount.core.evict.ResidentSlots;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Blocks that came while somebody else had the eviction policy's lock: a stack that is linked
 * through the slots themselves, as the policy's queues are, so that whoever brings a block need not
 * wait.
 *
 * <p>Links are slot numbers plus one, and zero means none.
 *
 * <p>{@link #push} from any thread, without a lock; {@link #take} under the policy's.
 */
final class ArrivedSlots {
  private static final int NONE = 0;

  private final ResidentSlots slots;
  private final AtomicInteger last = new AtomicInteger(NONE);

  /** None yet. */
  ArrivedSlots(final ResidentSlots slots) {
    this.slots = slots;
  }

  /** Leaves a slot that is in no queue, and that nobody frees before it was taken. */
  void push(final int slot) {
    int before;
    do {
      before = last.get();
      slots.setNext(slot, before);
    } while (!last.compareAndSet(before, slot + 1)); // E26: after the link.
  }

  /** Takes all, in the order in which they came. */
  void take(final IntConsumer taker) {
    if (last.get() == NONE) {
      return;
    }
    int first = NONE;
    for (int link = last.getAndSet(NONE); link != NONE; ) { // E26 acquired.
      final int before = slots.next(link - 1);
      slots.setNext(link - 1, first);
      first = link;
      link = before;
    }
    while (first != NONE) {
      final int slot = first - 1;
      first = slots.next(slot);
      slots.setNext(slot, NONE);
      taker.accept(slot);
    }
  }
}
