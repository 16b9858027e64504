package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.EvictionAlgorithm;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The short form of {@code make stress}. {@code -Dslabmount.stress.seconds=N} runs longer (two
 * seconds otherwise), {@code -Dslabmount.test.seed=N} chooses the threads' random numbers.
 */
@Timeout(3600)
class PoolStressTest {
  private final long seed = Long.getLong("slabmount.test.seed", System.nanoTime());

  @ParameterizedTest
  @EnumSource
  void shouldServeOnlyWholeAndCurrentBlocksUnderEveryKindOfTrouble(
      final EvictionAlgorithm eviction) {
    final Duration duration = Duration.ofSeconds(Long.getLong("slabmount.stress.seconds", 2));
    new StressRun(PoolUnderTest.SHARDED, eviction, seed).run(duration).orThrow();
  }

  @ParameterizedTest
  @EnumSource
  void shouldFindPlantedBugs(final PlantedBugs bug) {
    final Verdict verdict = bug.hunt(seed, Duration.ofSeconds(20));
    final Throwable failure = verdict.failure();
    assertNotNull(failure, "not found: " + verdict.figures());
    assertTrue(String.valueOf(failure.getMessage()).contains(bug.symptom), failure.toString());
  }
}
