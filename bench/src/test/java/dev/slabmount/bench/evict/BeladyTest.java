package dev.slabmount.bench.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BeladyTest {
  private static final int OBJECTS = 6;

  @Test
  void shouldMissAsOftenAsTheBestOfAllChoices() {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      int[] requests = random.ints(30, 0, OBJECTS).toArray();
      for (int capacity = 1; capacity <= OBJECTS; capacity++) {
        assertEquals(
            fewest(requests, capacity),
            new Belady(requests, OBJECTS, capacity).misses(),
            Arrays.toString(requests) + " with " + capacity);
      }
    }
  }

  @Test
  void shouldCountAgainWhenAskedAgain() {
    Belady belady = new Belady(new int[] {0, 1, 2, 0, 1, 2}, OBJECTS, 2);
    assertEquals(4, belady.misses());
    assertEquals(4, belady.misses());
  }

  /** Tries every choice: the fewest misses by what the cache holds, request after request. */
  private static int fewest(int[] requests, int capacity) {
    int[] fewest = new int[1 << OBJECTS];
    Arrays.fill(fewest, Integer.MAX_VALUE / 2);
    fewest[0] = 0;
    for (int object : requests) {
      int[] next = new int[1 << OBJECTS];
      Arrays.fill(next, Integer.MAX_VALUE / 2);
      for (int held = 0; held < fewest.length; held++) {
        int with = held | 1 << object;
        if (with == held) {
          next[held] = Math.min(next[held], fewest[held]);
        } else if (Integer.bitCount(with) <= capacity) {
          next[with] = Math.min(next[with], fewest[held] + 1);
        } else {
          for (int gone = 0; gone < OBJECTS; gone++) {
            if ((held & 1 << gone) != 0) {
              int after = with & ~(1 << gone);
              next[after] = Math.min(next[after], fewest[held] + 1);
            }
          }
        }
      }
      fewest = next;
    }
    return Arrays.stream(fewest).min().orElseThrow();
  }
}
