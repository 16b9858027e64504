package dev.slabmount.core.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the default does beyond what every policy promises. */
class AdaptiveFifoPolicyTest {
  private static final int SIZE = 1_000;

  private final Cache<AdaptiveFifoPolicy> cache = new Cache<>(AdaptiveFifoPolicy::new, SIZE);
  private long oneTime = 1_000_000;

  private void scan(final int blocks, final int readsEach) {
    for (int i = 0; i < blocks; i++, oneTime++) {
      for (int read = 0; read < readsEach; read++) {
        cache.read(oneTime);
      }
    }
  }

  private int hits(final long from, final long to) {
    int hits = 0;
    for (long key = from; key < to; key++) {
      hits += cache.read(key) ? 1 : 0;
    }
    return hits;
  }

  /**
   * Used blocks only: a search takes one of them, but not one that is dirty when it comes round.
   */
  @Test
  void shouldNotChooseAUsedBlockThatBecameDirtyDuringTheSearch() {
    final ArraySlots slots =
        new ArraySlots(2) {
          @Override
          public boolean testAndClearVisited(final int slot) {
            dirty[slot] |= looks > 0; // Written right after somebody looked at it.
            return true;
          }
        };
    final AdaptiveFifoPolicy policy = new AdaptiveFifoPolicy(slots);
    for (int slot = 0; slot < 2; slot++) {
      slots.fill(slot, slot);
      policy.admit(slot);
    }
    assertEquals(EvictionPolicy.NO_VICTIM, policy.victim());
    assertEquals(0, policy.count());
    final int parked = policy.oldestParked();
    slots.dirty[parked] = false;
    policy.flushed(parked);
    assertEquals(1, policy.count());
  }

  @Test
  void shouldKeepWhatIsReadAgainThroughAScan() {
    for (int round = 0; round < 3; round++) {
      hits(0, SIZE / 2);
      scan(SIZE / 10, 1);
    }
    scan(10 * SIZE, 1);
    assertEquals(SIZE / 2, hits(0, SIZE / 2));
  }

  @Test
  void shouldCountPiecesOfOneReadAsOneUse() {
    for (int round = 0; round < 3; round++) {
      hits(0, SIZE / 2);
      scan(SIZE / 10, 1);
    }
    scan(10 * SIZE, 8);
    assertEquals(SIZE / 2, hits(0, SIZE / 2));
  }

  @Test
  void shouldKeepHittingInALoopOverMoreThanFits() {
    int hits = 0;
    for (int round = 0; round < 10; round++) {
      hits = hits(0, 2 * SIZE);
    }
    assertTrue(hits > 0.4 * 2 * SIZE, hits + " of " + 2 * SIZE);
  }

  @Test
  void shouldLearnALoopThatFitsAfterOthersFilledTheMemory() {
    scan(3 * SIZE, 2);
    int hits = 0;
    for (int round = 0; round < 4; round++) {
      hits = hits(0, SIZE / 2);
    }
    assertTrue(hits >= SIZE / 2 * 98 / 100, hits + " of " + SIZE / 2);
  }

  @Test
  void shouldGiveTheSmallShareMoreWhenItDropsWhatComesBackSoon() {
    scan(2 * SIZE, 1);
    final double before = cache.policy.share();
    for (int i = 0; i < 20 * SIZE; i++) { // Everything comes back once, a little too late.
      cache.read(oneTime++);
      cache.read(oneTime - SIZE * 15 / 100);
    }
    assertTrue(cache.policy.share() > before * 1.2, before + " to " + cache.policy.share());
  }

  @Test
  void shouldGiveTheMainQueueMoreWhenThatDropsWhatComesBackSoon() {
    final Random random = new Random(5);
    for (int i = 0; i < 200 * SIZE; i++) { // What was read often is read again, and nothing else.
      cache.read(random.nextInt(100) < 80 ? random.nextInt(SIZE * 5 / 4) : oneTime++);
    }
    assertTrue(cache.policy.share() < 0.08, "share " + cache.policy.share());
  }

  @Test
  void shouldLetABlockThatCameBackJoinTheMainQueueOnlyIfTheNextThereWasNotUsed() {
    scan(3 * SIZE, 1);
    final long dropped = oneTime - SIZE / 2;
    assertFalse(cache.read(dropped), "dropped by now");
    assertTrue(cache.isInMain(dropped));
    Arrays.fill(cache.slots.visited, true);
    cache.slots.visited[cache.slotOf(oneTime - 1)] = false; // In the small share: this one goes.
    assertFalse(cache.read(dropped + 1), "dropped by now");
    assertFalse(cache.isInMain(dropped + 1));
  }

  @Test
  void shouldGiveUpUnusedBlocksInTheOrderInWhichTheyCameForBlocksOfAnotherSize() {
    hits(0, SIZE); // Every slot is taken, nothing was used since.
    final List<Integer> free = new ArrayList<>();
    int largeOnes = 0;
    for (long key = -1; key >= -20; key--) {
      for (int i = 0; i < 16; i++) { // As many bytes as it needs.
        final int victim = cache.policy.victim();
        largeOnes += cache.slots.capacities[victim] > 4 << 10 ? 1 : 0;
        cache.slots.live[victim] = false;
        free.add(victim);
      }
      final int slot = free.removeLast();
      cache.slots.fill(slot, key);
      cache.slots.capacities[slot] = 64 << 10;
      cache.policy.admit(slot);
    }
    assertEquals(0, largeOnes, "large blocks gave way, though small ones were there");
  }

  @Test
  void shouldNotDropAReadAheadBeforeItWasUsed() {
    hits(0, SIZE);
    cache.read(-1);
    cache.slots.unread[cache.slotOf(-1)] = true;
    scan(SIZE / 2, 1);
    assertTrue(cache.isInMain(-1));
    cache.slots.unread[cache.slotOf(-1)] = false;
    assertTrue(cache.read(-1));
  }

  @Test
  void shouldPutFlushedBlocksOnProbationAgain() {
    hits(0, SIZE);
    final int slot = cache.slotOf(SIZE - 1);
    cache.slots.dirty[slot] = true;
    cache.slots.visited[slot] = true;
    scan(SIZE / 2, 1);
    cache.slots.dirty[slot] = false;
    cache.policy.flushed(slot);
    assertFalse(cache.isInMain(SIZE - 1));
    scan(SIZE / 2, 1);
    assertFalse(cache.read(SIZE - 1), "written and not used since");
  }

  @Test
  void shouldTakeAUsedBlockRatherThanLookFurther() {
    hits(0, SIZE);
    Arrays.fill(cache.slots.visited, true);
    cache.slots.looks = 0;
    assertFalse(cache.read(-1));
    assertEquals(EvictionPolicy.LOOKS_MAX, cache.slots.looks);
  }

  @Test
  void shouldTakeAtMostSixteenBytesOfHeapPerBlock() {
    scan(SIZE, 1);
    assertEquals(0, cache.policy.heapBytes(), "nothing was dropped yet");
    final Random random = new Random(9);
    for (int i = 0; i < 100 * SIZE; i++) {
      cache.read(random.nextInt(3 * SIZE));
    }
    assertTrue(
        cache.policy.heapBytes() <= 16 * SIZE,
        cache.policy.heapBytes() + " bytes for " + SIZE + " blocks");
  }

  @Test
  void shouldDoAtLeastAsWellAsTheOthersOnSkewedReadsWithScans() {
    final int adaptive = skewedHits(AdaptiveFifoPolicy::new);
    for (final Function<ResidentSlots, EvictionPolicy> other :
        List.<Function<ResidentSlots, EvictionPolicy>>of(
            S3FifoPolicy::new, ClockPolicy::new, LruPolicy::new)) {
      final int hits = skewedHits(other);
      assertTrue(adaptive > hits, adaptive + " hits against " + hits);
    }
  }

  private static int skewedHits(final Function<ResidentSlots, EvictionPolicy> policies) {
    final Cache<EvictionPolicy> cache = new Cache<>(policies, SIZE);
    final Random random = new Random(11);
    int hits = 0;
    for (int i = 0; i < 300_000; i++) {
      final long key =
          i % 20_000 < 2_000
              ? i % 20_000 + i / 20_000 * 1_000
              : (long) Math.exp(random.nextDouble() * 11);
      hits += cache.read(key) ? 1 : 0;
    }
    return hits;
  }

  /** A cache of equal slots, without pins and flags. */
  private static final class Cache<P extends EvictionPolicy> {
    private static final int MAIN = 3;

    final ArraySlots slots;
    final P policy;
    private final Map<Long, Integer> where = new HashMap<>();

    Cache(final Function<ResidentSlots, P> policies, final int size) {
      slots = new ArraySlots(size);
      policy = policies.apply(slots);
    }

    boolean read(final long key) {
      final Integer slot = where.get(key);
      if (slot != null) {
        slots.visited[slot] = true;
        policy.used(slot);
        return true;
      }
      final int free = where.size() < slots.live.length ? where.size() : evict();
      slots.fill(free, key);
      policy.admit(free);
      where.put(key, free);
      return false;
    }

    int slotOf(final long key) {
      return where.get(key);
    }

    boolean isInMain(final long key) {
      return slots.queue(slotOf(key)) == MAIN;
    }

    private int evict() {
      final int victim = policy.victim();
      where.remove(slots.keys[victim]);
      return victim;
    }
  }
}
