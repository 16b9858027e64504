package dev.slabmount.bench.evict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TraceTest {
  private static final int OBJECTS = 1_000;
  private static final int REQUESTS = 200_000;

  /** If one of these changes, so do the published miss ratios. */
  private static final Map<Trace, Integer> HASHES =
      Map.of(
          Trace.ZIPF_07, -1710414589,
          Trace.ZIPF_099, -813341522,
          Trace.ZIPF_12, -1972370605,
          Trace.SCAN, 2070621994,
          Trace.LOOP, -1194611039,
          Trace.ZIPF_AND_SCANS, -566384682,
          Trace.SHIFTING_ZIPF, 1322422034,
          Trace.SHORT_LOOP, -380080479,
          Trace.IN_PIECES, -1621347903);

  private static int[] counts(int[] requests, int from, int to) {
    int[] counts = new int[OBJECTS];
    for (int i = from; i < to; i++) {
      counts[requests[i]]++;
    }
    return counts;
  }

  private static int mostWanted(int[] counts) {
    return IntStream.range(0, OBJECTS)
        .reduce((a, b) -> counts[a] >= counts[b] ? a : b)
        .orElseThrow();
  }

  /** How many requests ask for the object after the one asked for before. */
  private static long neighbours(int[] requests) {
    return IntStream.range(1, requests.length)
        .filter(i -> requests[i] == (requests[i - 1] + 1) % OBJECTS)
        .count();
  }

  @ParameterizedTest
  @EnumSource(Trace.class)
  void shouldBeTheSameWhenMadeAgainAndOnOtherMachines(Trace trace) {
    int[] requests = trace.requests(OBJECTS, REQUESTS);
    assertArrayEquals(requests, trace.requests(OBJECTS, REQUESTS));
    assertEquals(HASHES.get(trace), Arrays.hashCode(requests), trace.title());
    assertTrue(Arrays.stream(requests).allMatch(object -> object >= 0 && object < OBJECTS));
  }

  @Test
  void shouldAskByZipfsLaw() {
    for (Map.Entry<Trace, Double> zipf :
        Map.of(Trace.ZIPF_07, 0.7, Trace.ZIPF_099, 0.99, Trace.ZIPF_12, 1.2).entrySet()) {
      Zipf law = new Zipf(OBJECTS, zipf.getValue());
      int[] counts = counts(zipf.getKey().requests(OBJECTS, REQUESTS), 0, REQUESTS);
      Arrays.sort(counts);
      int most = 0;
      double expected = 0;
      for (int rank = 0; rank < 10; rank++) {
        most += counts[OBJECTS - 1 - rank];
        expected += law.probability(rank) * REQUESTS;
      }
      assertEquals(expected, most, expected / 20, zipf.getKey().title());
      double sum = IntStream.range(0, OBJECTS).mapToDouble(law::probability).sum();
      assertEquals(1, sum, 1e-9);
      assertEquals(
          Math.pow(2, zipf.getValue()), law.probability(0) / law.probability(1), 1e-9, "first two");
    }
  }

  @Test
  void shouldScanNeighboursInRunsOfAFifthOfTheObjectsOnAverage() {
    long jumps = REQUESTS - 1 - neighbours(Trace.SCAN.requests(OBJECTS, REQUESTS));
    double runs = REQUESTS / (OBJECTS / 5.0);
    assertEquals(runs, (double) jumps, runs / 8);
  }

  @Test
  void shouldLoopOverAllObjectsOrAFifthOfThem() {
    int[] requests = Trace.LOOP.requests(OBJECTS, REQUESTS);
    assertEquals(REQUESTS - 1, neighbours(requests));
    int[] few = Trace.SHORT_LOOP.requests(OBJECTS, REQUESTS);
    assertEquals(OBJECTS / 5, Arrays.stream(few).distinct().count());
    assertEquals(few[0], few[OBJECTS / 5]);
  }

  @Test
  void shouldScanATenthOfTheObjectsAfterEveryFifthAsManyRequests() {
    int[] requests = Trace.ZIPF_AND_SCANS.requests(OBJECTS, REQUESTS);
    for (int round = 0; round < 100; round++) {
      int scan = round * (OBJECTS / 5 + OBJECTS / 10) + OBJECTS / 5;
      int[] part = Arrays.copyOfRange(requests, scan, scan + OBJECTS / 10);
      assertEquals(OBJECTS / 10 - 1, neighbours(part), "round " + round);
      int[] other = Arrays.copyOfRange(requests, scan - OBJECTS / 5, scan);
      assertTrue(neighbours(other) < OBJECTS / 20, "round " + round);
    }
  }

  @Test
  void shouldMoveWhatIsPopular() {
    int[] requests = Trace.SHIFTING_ZIPF.requests(OBJECTS, REQUESTS);
    int[] first = counts(requests, 0, OBJECTS);
    int[] second = counts(requests, OBJECTS, 2 * OBJECTS);
    assertNotEquals(mostWanted(first), mostWanted(second));
    int[] much = counts(requests, 100 * OBJECTS, 101 * OBJECTS);
    assertEquals(mostWanted(first), mostWanted(much), "once round: 100 times a hundredth");
  }

  @Test
  void shouldAskForEachObjectFourTimesInARow() {
    int[] whole = Trace.ZIPF_AND_SCANS.requests(OBJECTS, REQUESTS);
    int[] pieces = Trace.IN_PIECES.requests(OBJECTS, REQUESTS);
    for (int i = 0; i < REQUESTS; i++) {
      assertEquals(whole[i / 4], pieces[i]);
    }
  }
}
