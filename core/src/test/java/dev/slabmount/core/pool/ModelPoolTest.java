package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random operations against the model, many seeds. A failure names its seed; {@code
 * -Dslabmount.test.seed=N} runs that one alone, {@code -Dslabmount.test.seeds=N} runs more.
 */
@Timeout(300)
class ModelPoolTest {
  private static final int OPERATIONS = 400;

  @Test
  void shouldAgreeWithTheModel() {
    final Long only = Long.getLong("slabmount.test.seed");
    final int seeds = only != null ? 1 : Integer.getInteger("slabmount.test.seeds", 200);
    final long first = only != null ? only : System.nanoTime();
    long loads = 0;
    for (long seed = first; seed < first + seeds; seed++) {
      loads += run(seed);
    }
    assertTrue(loads > 0, "nothing was ever loaded: the test tests nothing");
  }

  private static long run(final long seed) {
    final int blockSize = SLOT << (seed & 3);
    final MemoryPoolConfig config =
        MemoryPoolConfig.builder()
            .maxSize((2 + (seed >>> 2 & 15)) * blockSize)
            .blockSize(blockSize)
            .eviction((seed & 64) == 0 ? EvictionAlgorithm.S3_FIFO : EvictionAlgorithm.CLOCK)
            .hugePages(false)
            .roomWait(Duration.ZERO)
            .build();
    try (MemoryPool pool = MemoryPool.create(config)) {
      final ModelPool model = new ModelPool(pool, seed);
      model.run(OPERATIONS);
      PoolAudit.audit(pool);
      pool.clearDiscardingDirty();
      return model.loads();
    } catch (final AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + ": run again with -Dslabmount.test.seed=" + seed, e);
    }
  }
}
