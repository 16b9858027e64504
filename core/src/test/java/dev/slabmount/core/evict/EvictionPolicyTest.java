package dev.slabmount.core.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EvictionPolicyTest {
  private static final int NO_VICTIM = EvictionPolicy.NO_VICTIM;
  private static final int SLOTS = 16;

  private final ArraySlots slots = new ArraySlots(SLOTS);

  static Stream<Function<ResidentSlots, EvictionPolicy>> policies() {
    return Stream.of(S3FifoPolicy::new, ClockPolicy::new);
  }

  private EvictionPolicy filled(
      final Function<ResidentSlots, EvictionPolicy> policies, final int count) {
    final EvictionPolicy policy = policies.apply(slots);
    for (int slot = 0; slot < count; slot++) {
      slots.fill(slot, slot);
      policy.admit(slot);
      policy.admit(slot); // Twice does no harm.
    }
    return policy;
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldChooseEachUnusedBlockOnceOldestFirst(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    for (int slot = 0; slot < 4; slot++) {
      assertEquals(slot, policy.victim());
    }
    assertEquals(NO_VICTIM, policy.victim());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldSpareWhatWasUsed(final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    slots.visited[0] = true;
    assertEquals(1, policy.victim());
    slots.visited[2] = true;
    slots.visited[3] = true;
    slots.visited[0] = true;
    assertNotEquals(NO_VICTIM, policy.victim(), "all were used: one has to go all the same");
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldNeverChooseWhatIsPinnedDirtyOrGone(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 4);
    slots.pinned[0] = true;
    slots.dirty[1] = true;
    slots.live[2] = false;
    assertEquals(3, policy.victim());
    assertEquals(NO_VICTIM, policy.victim());
    slots.pinned[0] = false;
    assertEquals(0, policy.victim());
    slots.dirty[1] = false;
    policy.flushed(1);
    policy.flushed(1);
    assertEquals(1, policy.victim());
    assertEquals(NO_VICTIM, policy.victim());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldForgetWhatIsRemovedWhereverItIs(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 6);
    slots.dirty[0] = true;
    slots.visited[1] = true;
    assertEquals(2, policy.victim()); // 0 is set aside now, 1 was spared.
    policy.remove(0);
    policy.remove(1);
    policy.remove(4);
    policy.remove(4);
    slots.dirty[0] = false;
    policy.flushed(0);
    assertEquals(3, policy.victim());
    assertEquals(5, policy.victim());
    assertEquals(NO_VICTIM, policy.victim());
    for (int slot = 0; slot < 6; slot++) {
      assertEquals(EvictionPolicy.NOWHERE, slots.queue(slot));
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldNameParkedBlocksInTheOrderInWhichItMetThem(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 6);
    assertEquals(NO_VICTIM, policy.oldestParked(), "met none yet");
    for (final int dirty : new int[] {4, 1, 3, 2}) {
      slots.dirty[dirty] = true;
    }
    assertEquals(0, policy.victim());
    assertEquals(5, policy.victim(), "on the way it meets the others");
    for (final int expected : new int[] {1, 2, 3, 4, 1, 2}) {
      assertEquals(expected, policy.oldestParked());
    }
    slots.live[3] = false; // Removed, and kept by a pin.
    slots.dirty[4] = false;
    policy.flushed(4);
    assertEquals(1, policy.oldestParked());
    assertEquals(2, policy.oldestParked());
    policy.remove(3);
    policy.remove(1);
    assertEquals(2, policy.oldestParked());
    assertEquals(4, policy.victim());
    policy.remove(2);
    assertEquals(NO_VICTIM, policy.oldestParked());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void shouldTakeBackAVictimThatCouldNotGo(final Function<ResidentSlots, EvictionPolicy> policies) {
    final EvictionPolicy policy = filled(policies, 2);
    assertEquals(0, policy.victim());
    policy.restore(0);
    policy.restore(0);
    assertEquals(1, policy.victim());
    assertEquals(0, policy.victim());
    assertEquals(NO_VICTIM, policy.victim());
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

  @Test
  void shouldKeepBlocksThatAreReadAgainThroughAScan() {
    final int s3Fifo = hitsOfHotSetDuringScan(S3FifoPolicy::new);
    final int clock = hitsOfHotSetDuringScan(ClockPolicy::new);
    assertTrue(s3Fifo > clock, "S3-FIFO " + s3Fifo + ", CLOCK " + clock);
  }

  /** A hot set of half the slots is read three times, then comes a long run of one-time blocks. */
  private static int hitsOfHotSetDuringScan(
      final Function<ResidentSlots, EvictionPolicy> policies) {
    final Cache cache = new Cache(policies, 64);
    int hits = 0;
    long oneTime = 1_000;
    for (int round = 0; round < 50; round++) {
      for (int read = 0; read < 3; read++) {
        for (int key = 0; key < 32; key++) {
          hits += cache.read(key) ? 1 : 0;
        }
      }
      for (int i = 0; i < 300; i++) {
        cache.read(oneTime++);
      }
    }
    return hits;
  }

  @Test
  void shouldRememberWhatWasDroppedAfterOneUse() {
    final Cache cache = new Cache(S3FifoPolicy::new, 8);
    for (int key = 0; key < 16; key++) {
      cache.read(key);
    }
    assertFalse(cache.read(7), "dropped, and remembered");
    for (int key = 100; key < 107; key++) {
      cache.read(key);
    }
    assertTrue(cache.read(7), "so it came back for longer");
  }

  /** A cache of equal slots, without pins and flags. */
  private static final class Cache {
    private final ArraySlots slots;
    private final EvictionPolicy policy;
    private final java.util.Map<Long, Integer> where = new java.util.HashMap<>();

    Cache(final Function<ResidentSlots, EvictionPolicy> policies, final int size) {
      slots = new ArraySlots(size);
      policy = policies.apply(slots);
    }

    boolean read(final long key) {
      final Integer slot = where.get(key);
      if (slot != null) {
        slots.visited[slot] = true;
        return true;
      }
      final int free = where.size() < slots.live.length ? where.size() : evict();
      slots.fill(free, key);
      policy.admit(free);
      where.put(key, free);
      return false;
    }

    private int evict() {
      final int victim = policy.victim();
      where.remove(slots.keys[victim]);
      return victim;
    }
  }
}
