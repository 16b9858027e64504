package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What becomes of counts and times. */
class TallyTest {
  private static final Tally TALLY =
      new Tally(500_000_000, new long[] {10, 30, 60}, new long[] {100, 200_000_000, 100_000_000});

  @Test
  void shouldCountTheOperationsOfAllThreadsPerSecond() {
    assertEquals(200, TALLY.rate());
  }

  @Test
  void shouldCountOperationsPerSecondOfProcessorTimeOfSomeThreads() {
    assertEquals(300, TALLY.ratePerCpu(1, 3));
    assertEquals(150, TALLY.ratePerCpu(1, 2));
  }

  @Test
  void shouldFindNothingWhereNoProcessorTimeWasTaken() {
    assertEquals(0, new Tally(1, new long[] {0}, new long[] {0}).ratePerCpu(0, 1));
  }

  @Test
  void shouldSurviveAsWords() {
    Tally read = Tally.ofWords(TALLY.toWords());
    assertEquals(TALLY.nanos(), read.nanos());
    assertArrayEquals(TALLY.operations(), read.operations());
    assertArrayEquals(TALLY.cpuNanos(), read.cpuNanos());
  }

  @Test
  void shouldRefuseOtherWords() {
    assertThrows(NumberFormatException.class, () -> Tally.ofWords("12 34"));
    assertThrows(NumberFormatException.class, () -> Tally.ofWords("error no such work"));
  }
}
