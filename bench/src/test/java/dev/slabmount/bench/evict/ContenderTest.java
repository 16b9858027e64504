package dev.slabmount.bench.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContenderTest {
  private static final int OBJECTS = 2_000;
  private static final int REQUESTS = 60_000;
  private static final int CAPACITY = 200;

  @ParameterizedTest
  @EnumSource(Trace.class)
  void shouldMissWithLruAsAnOrderedMapDoes(Trace trace) {
    int[] requests = trace.requests(OBJECTS, REQUESTS);
    Map<Integer, Boolean> model =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
            return size() > CAPACITY;
          }
        };
    long misses = Arrays.stream(requests).filter(o -> model.put(o, true) == null).count();
    assertEquals(misses, Contender.LRU.misses(requests, OBJECTS, CAPACITY));
  }

  @ParameterizedTest
  @EnumSource(Contender.class)
  void shouldMissEachObjectOnceIfAllFit(Contender contender) {
    int[] requests = Trace.ZIPF_07.requests(OBJECTS, REQUESTS);
    assertEquals(
        Arrays.stream(requests).distinct().count(),
        contender.misses(requests, OBJECTS, 2 * OBJECTS));
  }

  @ParameterizedTest
  @EnumSource(Trace.class)
  void shouldNeverMissLessThanTheOptimum(Trace trace) {
    int[] requests = trace.requests(OBJECTS, REQUESTS);
    long optimum = Contender.BELADY.misses(requests, OBJECTS, CAPACITY);
    for (Contender contender : Contender.values()) {
      assertTrue(contender.misses(requests, OBJECTS, CAPACITY) >= optimum, contender.title());
    }
  }

  @Test
  void shouldCompareThePoolsPoliciesAndNotOneWithItself() {
    int[] requests = Trace.ZIPF_AND_SCANS.requests(OBJECTS, REQUESTS);
    long different =
        Arrays.stream(Contender.values())
            .mapToLong(contender -> contender.misses(requests, OBJECTS, CAPACITY))
            .distinct()
            .count();
    assertEquals(Contender.values().length, different);
  }
}
