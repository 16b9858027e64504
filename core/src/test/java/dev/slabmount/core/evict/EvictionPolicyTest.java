package dev.slabmount.core.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every policy promises. */
class EvictionPolicyTest {
  private static final int NO_VICTIM = EvictionPolicy.NO_VICTIM;
  private static final int SLOTS = 16;

  private final ArraySlots slots = new ArraySlots(SLOTS);

  static Stream<Function<ResidentSlots, EvictionPolicy>> policies() {
    return Stream.of(AdaptiveFifoPolicy::new, S3FifoPolicy::new, ClockPolicy::new, LruPolicy::new);
  }

  private static EvictionPolicy filled(
      final Function<ResidentSlots, EvictionPolicy> policies,
      final ArraySlots slots,
      final int count) {
    final EvictionPolicy policy = policies.apply(slots);
    for (int slot = 0; slot < count; slot++) {
      slots.fill(slot, slot);
      policy.admit(slot);
      policy.admit(slot); // Twice does no harm.
    }
    assertEquals(count, policy.count());
    return policy;
  }

  private EvictionPolicy filled(
      final Function<ResidentSlots, EvictionPolicy> policies, final int count) {
    return filled(policies, slots, count);
  }

  private void use(final EvictionPolicy policy, final int slot) {
    slots.visited[slot] = true;
    policy.used(slot);
  }

  /** All victims that there are, in their order; nothing may be wrong with them. */
  private List<Integer> victims(final EvictionPolicy policy) {
    final List<Integer> victims = new ArrayList<>();
    for (int slot = policy.victim(); slot != NO_VICTIM; slot = policy.victim()) {
      assertTrue(slots.live[slot] && !slots.pinned[slot] && !slots.dirty[slot], "slot " + slot);
      assertEquals(EvictionPolicy.NOWHERE, slots.queue(slot));
      assertFalse(victims.contains(slot), "slot " + slot + " was let go of before");
      victims.add(slot);
    }
    return victims;
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldChooseEachUnusedBlockOnce(final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 8);
    final List<Integer> victims = victims(policy);
    assertEquals(Set.of(0, 1, 2, 3, 4, 5, 6, 7), Set.copyOf(victims));
    assertEquals(0, policy.count());
    if (!(policy instanceof AdaptiveFifoPolicy)) { // There, the first have flowed on.
      assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), victims);
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldSpareWhatWasUsed(final Function<ResidentSlots, EvictionPolicy> policies) {
    for (int used = 0; used < 8; used++) {
      final EvictionPolicy policy = filled(policies, 8);
      use(policy, used);
      assertNotEquals(used, policy.victim());
      for (int slot = 0; slot < 8; slot++) {
        use(policy, slot);
      }
      assertNotEquals(NO_VICTIM, policy.victim(), "all were used: one has to go all the same");
      for (int slot = 0; slot < 8; slot++) {
        policy.remove(slot);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldNeverChooseWhatIsPinnedDirtyOrGone(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    slots.pinned[0] = true;
    slots.dirty[1] = true;
    slots.live[2] = false;
    assertEquals(List.of(3), victims(policy));
    slots.pinned[0] = false;
    assertEquals(List.of(0), victims(policy));
    slots.dirty[1] = false;
    policy.flushed(1);
    policy.flushed(1);
    assertEquals(List.of(1), victims(policy));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldForgetWhatIsRemovedWhereverItIs(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 8);
    for (int slot = 0; slot < 4; slot++) {
      slots.dirty[slot] = true;
    }
    final int gone = policy.victim();
    for (final int removed : new int[] {0, 2, 4, 6, 6, gone}) {
      policy.remove(removed);
    }
    slots.dirty[0] = false;
    policy.flushed(0);
    final Set<Integer> left = new HashSet<>(Set.of(5, 7));
    left.remove(gone);
    assertEquals(left, Set.copyOf(victims(policy)));
    policy.remove(1); // Parked by now.
    assertEquals(3, policy.oldestParked());
    assertEquals(3, policy.oldestParked());
    policy.remove(3);
    assertEquals(NO_VICTIM, policy.oldestParked());
    for (int slot = 0; slot < 8; slot++) {
      assertEquals(EvictionPolicy.NOWHERE, slots.queue(slot));
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldNameParkedBlocksInTheOrderInWhichItMetThem(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = policies.apply(slots);
    assertEquals(NO_VICTIM, policy.oldestParked(), "met none yet");
    for (final int slot : new int[] {4, 1, 3, 2}) {
      slots.fill(slot, slot);
      slots.dirty[slot] = true;
      policy.admit(slot);
      assertEquals(NO_VICTIM, policy.victim());
      assertEquals(0, policy.count(), "parked ones are not searched again");
    }
    for (final int expected : new int[] {4, 1, 3, 2, 4, 1}) {
      assertEquals(expected, policy.oldestParked());
    }
    slots.live[3] = false; // Removed, and kept by a pin.
    slots.dirty[4] = false;
    policy.flushed(4);
    assertEquals(2, policy.oldestParked());
    assertEquals(1, policy.oldestParked());
    policy.remove(3);
    policy.remove(1);
    assertEquals(2, policy.oldestParked());
    assertEquals(List.of(4), victims(policy));
    policy.remove(2);
    assertEquals(NO_VICTIM, policy.oldestParked());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldTakeBackAVictimThatCouldNotGo(final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    final int refused = policy.victim();
    policy.restore(refused);
    policy.restore(refused);
    assertEquals(4, policy.count());
    final List<Integer> victims = victims(policy);
    assertEquals(4, victims.size());
    assertEquals(refused, victims.getLast(), "it counts as used");
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldTakeABlockThatMovedToALargerSlot(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    slots.live[1] = false; // It moved to slot 9, which has another size.
    slots.fill(9, 1);
    slots.capacities[9] = 1 << 20;
    policy.admit(9);
    policy.remove(1);
    slots.fill(1, 100); // The slot's slab changed its class.
    slots.capacities[1] = 64 << 10;
    policy.admit(1);
    assertEquals(Set.of(0, 1, 2, 3, 9), Set.copyOf(victims(policy)));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldFindTheOneThatCanGoAmongManyThatCannot(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      final EvictionPolicy policy = filled(policies, SLOTS);
      final int free = random.nextInt(SLOTS);
      for (int slot = 0; slot < SLOTS; slot++) {
        slots.visited[slot] = random.nextBoolean();
        slots.dirty[slot] = slot != free && random.nextBoolean();
        slots.pinned[slot] = slot != free && !slots.dirty[slot];
      }
      assertEquals(free, policy.victim(), "round " + round);
      assertEquals(NO_VICTIM, policy.victim(), "round " + round);
      for (int slot = 0; slot < SLOTS; slot++) {
        policy.remove(slot);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldLookAtFewBlocksPerCallAndMeetAllInTheEnd(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final int many = 1_000;
    for (final int free : new int[] {0, 1, many / 2, many - 2, many - 1}) {
      final ArraySlots all = new ArraySlots(many);
      final EvictionPolicy policy = filled(policies, all, many);
      for (int slot = 0; slot < many; slot++) {
        all.pinned[slot] = slot != free;
        all.visited[slot] = slot % 3 == 0;
      }
      int found = NO_VICTIM;
      int looks = 0;
      for (; looks < 4 * many && found == NO_VICTIM; looks += EvictionPolicy.LOOKS_MAX) {
        final int before = all.looks;
        found = policy.victim();
        assertTrue(all.looks - before <= EvictionPolicy.LOOKS_MAX);
      }
      assertEquals(free, found, "after " + looks + " looks");
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldKeepCountWhateverHappens(final Function<ResidentSlots, EvictionPolicy> policies) {
    for (long seed = 0; seed < 50; seed++) {
      new RandomOperations(policies, seed).run(2_000);
    }
  }

  @Test
  void shouldLetGoOfTheLeastRecentlyUsedOnlyIfToldOfHits() {
    final EvictionPolicy lru = filled(LruPolicy::new, 4);
    use(lru, 1);
    use(lru, 0);
    slots.visited[2] = true; // Not reported: LRU does not ask.
    assertEquals(List.of(2, 3, 1, 0), victims(lru));
  }

  @Test
  void shouldPutAFlushedBlockInLruOrderByWhetherItWasUsedMeanwhile() {
    final EvictionPolicy lru = filled(LruPolicy::new, 4);
    slots.dirty[0] = true;
    slots.dirty[1] = true;
    slots.visited[0] = true;
    assertEquals(2, lru.victim());
    use(lru, 1);
    for (int slot = 0; slot < 2; slot++) {
      slots.dirty[slot] = false;
      lru.flushed(slot);
    }
    assertEquals(List.of(0, 3, 1), victims(lru));
  }

  /** Random operations; a policy may be in any state that they lead to. */
  private static final class RandomOperations {
    private static final int SLOTS = 40;

    private final ArraySlots slots = new ArraySlots(SLOTS);
    private final EvictionPolicy policy;
    private final Set<Integer> inCare = new HashSet<>();
    private final Random random;
    private final String seed;

    RandomOperations(final Function<ResidentSlots, EvictionPolicy> policies, final long seed) {
      policy = policies.apply(slots);
      random = new Random(seed);
      this.seed = "seed " + seed;
    }

    void run(final int operations) {
      for (int i = 0; i < operations; i++) {
        step(random.nextInt(SLOTS));
        final int parked = policy.oldestParked();
        assertTrue(parked == NO_VICTIM || inCare.contains(parked), seed);
        assertTrue(policy.count() <= inCare.size(), seed);
      }
      for (int slot = 0; slot < SLOTS; slot++) {
        slots.dirty[slot] = false;
        slots.pinned[slot] = false;
        policy.flushed(slot);
      }
      inCare.removeIf(slot -> !slots.live[slot]);
      for (int i = 0; i < SLOTS && !inCare.isEmpty(); i++) {
        assertTrue(inCare.remove(policy.victim()), seed);
      }
      assertTrue(inCare.isEmpty(), () -> seed + ": never chosen " + inCare);
      assertEquals(NO_VICTIM, policy.victim(), seed);
      assertEquals(0, policy.count(), seed);
    }

    private void step(final int slot) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          if (!inCare.contains(slot)) {
            slots.capacities[slot] = 4096 << random.nextInt(9);
            slots.fill(slot, random.nextInt(200));
            slots.dirty[slot] = random.nextInt(4) == 0;
            slots.unread[slot] = random.nextInt(4) == 0;
            policy.admit(slot);
            inCare.add(slot);
          }
        }
        case 3, 4 -> {
          slots.visited[slot] = slots.live[slot];
          policy.used(slot);
        }
        case 5 -> slots.pinned[slot] = slots.live[slot] && random.nextBoolean();
        case 6 -> {
          slots.dirty[slot] = false;
          policy.flushed(slot);
        }
        case 7 -> slots.dirty[slot] = slots.live[slot];
        case 8 -> {
          slots.live[slot] = false;
          if (random.nextBoolean()) {
            policy.remove(slot);
            inCare.remove(slot);
          }
        }
        default -> evict();
      }
    }

    private void evict() {
      final int victim = policy.victim();
      if (victim != NO_VICTIM) {
        assertTrue(inCare.contains(victim), seed);
        assertTrue(slots.live[victim] && !slots.dirty[victim] && !slots.pinned[victim], seed);
        if (random.nextInt(4) == 0) {
          policy.restore(victim);
        } else {
          slots.live[victim] = false;
          inCare.remove(victim);
        }
      }
      assertTrue(
          IntStream.range(0, SLOTS).allMatch(i -> inCare.contains(i) || slots.queue(i) == 0), seed);
    }
  }
}
