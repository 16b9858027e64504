package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations against the model, many seeds. A failure names its seed; {@code
 * -Dslabmount.test.seed=N} runs that one alone, {@code -Dslabmount.test.seeds=N} runs more.
 */
@Timeout(300)
class ModelPoolTest {
  @Test
  void shouldAgreeWithTheModel() {
    final Long only = Long.getLong("slabmount.test.seed");
    final int seeds = only != null ? 1 : Integer.getInteger("slabmount.test.seeds", 200);
    ModelRuns.run(PoolUnderTest.SHARDED, only != null ? only : System.nanoTime(), seeds).orThrow();
  }

  @ParameterizedTest
  @EnumSource(names = "FLUSH_.*", mode = EnumSource.Mode.MATCH_ALL)
  void shouldFindPlantedBugs(final PlantedBugs bug) {
    final Verdict verdict = bug.huntWithModel(System.nanoTime());
    assertFalse(verdict.passed(), "not found: " + verdict.figures());
  }
}
