package dev.slabmount.core.stress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random operations against the model, many seeds. A failure names its seed; {@code
 * -Dslabmount.test.seed=N} runs that one alone, {@code -Dslabmount.test.seeds=N} runs more.
 */
@Timeout(300)
class ModelPoolTest {
  @Test
  void shouldAgreeWithTheModel() {
    final Long only = Long.getLong("slabmount.test.seed");
    final int seeds = only != null ? 1 : Integer.getInteger("slabmount.test.seeds", 300);
    ModelRuns.run(PoolUnderTest.SHARDED, only != null ? only : System.nanoTime(), seeds).orThrow();
  }
}
