package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** That the judge of {@link PoolSoak} can say no. */
class SoakSampleTest {
  private static List<String> growth(final IntFunction<SoakSample> sample) {
    return SoakSample.growth(IntStream.range(0, 30).mapToObj(sample).toList());
  }

  @Test
  void shouldFindNothingInFiguresThatGoUpAndDown() {
    assertEquals(
        List.of(),
        growth(i -> new SoakSample(i, 200_000 + i % 7 * 100, 9_000 + i % 3 * 500, 30, 9, 120)));
  }

  @Test
  void shouldForgiveWhatGrowsOnlyInTheFirstThird() {
    assertEquals(
        List.of(),
        growth(
            i -> new SoakSample(i, Math.min(i, 9) * 20_000L, 9_000, 10 + Math.min(i, 9), 9, 120)));
  }

  @Test
  void shouldNameWhatGrows() {
    assertTrue(one(growth(i -> new SoakSample(i, 4_000L * i, 1, 1, 1, 1))).contains("resident"));
    assertTrue(one(growth(i -> new SoakSample(i, 1, 1_000L * i, 1, 1, 1))).contains("heap"));
    assertTrue(one(growth(i -> new SoakSample(i, 1, 1, i, 1, 1))).contains("threads"));
    assertTrue(one(growth(i -> new SoakSample(i, 1, 1, 1, i, 1))).contains("descriptors"));
    assertTrue(one(growth(i -> new SoakSample(i, 1, 1, 1, 1, 4L * i))).contains("mappings"));
  }

  private static String one(final List<String> growth) {
    assertEquals(1, growth.size(), growth.toString());
    return growth.getFirst();
  }
}
