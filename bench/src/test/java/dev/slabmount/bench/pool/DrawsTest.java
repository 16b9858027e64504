package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** That the sequence is what it says, and the same for all. */
class DrawsTest {
  private static final int BLOCKS = 1000;

  @Test
  void shouldDrawBlocksByZipfsLaw() {
    double sum = 0;
    for (int rank = 1; rank <= BLOCKS; rank++) {
      sum += Math.pow(rank, -0.99);
    }
    int[] counts = new int[BLOCKS];
    for (int draw : Draws.zipf(BLOCKS, 0.99)) {
      counts[draw / Draws.PAGES]++;
    }
    Arrays.sort(counts);
    assertEquals(Draws.LENGTH / sum, counts[BLOCKS - 1], Draws.LENGTH / sum * 0.02);
    assertEquals(
        Draws.LENGTH / sum * Math.pow(2, -0.99), counts[BLOCKS - 2], Draws.LENGTH / sum * 0.02);
    assertTrue(counts[0] > 0, "a block is never drawn");
  }

  @Test
  void shouldNotTiePopularityToTheNumber() {
    int[] counts = new int[BLOCKS];
    for (int draw : Draws.zipf(BLOCKS, 0.99)) {
      counts[draw / Draws.PAGES]++;
    }
    int inFirstHalf = Arrays.stream(counts, 0, BLOCKS / 2).sum();
    assertEquals(0.5, (double) inFirstHalf / Draws.LENGTH, 0.25);
  }

  @Test
  void shouldDrawTheSameForEveryContestant() {
    assertArrayEquals(Draws.zipf(BLOCKS, 0.99), Draws.zipf(BLOCKS, 0.99));
    assertArrayEquals(Draws.uniform(BLOCKS), Draws.uniform(BLOCKS));
  }

  @Test
  void shouldDrawEveryPage() {
    int[] counts = new int[Draws.PAGES];
    for (int draw : Draws.zipf(BLOCKS, 0.99)) {
      counts[draw % Draws.PAGES]++;
    }
    for (int count : counts) {
      assertEquals(Draws.LENGTH / Draws.PAGES, count, Draws.LENGTH / Draws.PAGES * 0.03);
    }
  }

  @Test
  void shouldLetThreadsStartApartAndNeverLeaveTheSequence() {
    for (int thread = 0; thread < 64; thread++) {
      int start = Draws.start(thread);
      assertEquals(0, start % Work.BATCH);
      assertTrue(start >= 0 && start + Work.BATCH <= Draws.LENGTH, "start " + start);
      for (int other = 0; other < thread; other++) {
        assertTrue(Math.abs(start - Draws.start(other)) > 1000, thread + " and " + other);
      }
    }
  }
}
