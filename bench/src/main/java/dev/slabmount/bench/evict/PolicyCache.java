package dev.slabmount.bench.evict;

import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.evict.ResidentSlots;
import java.util.Arrays;
import java.util.function.Function;

/** A cache of equal slots under one of the pool's policies. */
final class PolicyCache {
  private static final int ABSENT = -1;

  private final SimulatedSlots slots;
  private final EvictionPolicy policy;
  private final int capacity;
  private final int[] slotOf;
  private int filled;

  PolicyCache(Function<ResidentSlots, EvictionPolicy> policies, int objects, int capacity) {
    this.capacity = capacity;
    slots = new SimulatedSlots(capacity);
    policy = policies.apply(slots);
    slotOf = new int[objects];
    Arrays.fill(slotOf, ABSENT);
  }

  /** Requests all of them; returns how many were not there. */
  long misses(int[] requests) {
    long misses = 0;
    for (int object : requests) {
      int slot = slotOf[object];
      if (slot == ABSENT) {
        load(object);
        misses++;
      } else {
        slots.visit(slot);
        policy.used(slot);
      }
    }
    return misses;
  }

  private void load(int object) {
    int slot = filled < capacity ? filled++ : evict();
    slots.fill(slot, object);
    slotOf[object] = slot;
    policy.admit(slot);
  }

  private int evict() {
    int slot = policy.victim();
    for (int looks = EvictionPolicy.LOOKS_MAX;
        slot == EvictionPolicy.NO_VICTIM;
        looks += EvictionPolicy.LOOKS_MAX) {
      if (looks > 4 * policy.count()) {
        throw new IllegalStateException("no victim among " + filled + " that can all go");
      }
      slot = policy.victim();
    }
    slotOf[slots.object(slot)] = ABSENT;
    return slot;
  }
}
