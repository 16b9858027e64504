package dev.slabmount.core.stress;

import static dev.slabmount.core.pool.Blocks.SLOT;

import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import java.time.Duration;

/** Random operations beside the {@linkplain ModelPool model}, seed after seed. */
public final class ModelRuns {
  private static final int OPERATIONS = 400;

  private ModelRuns() {}

  /** Runs {@code seeds} seeds from {@code first} on, up to the first that fails. */
  public static Verdict run(final PoolUnderTest kind, final long first, final int seeds) {
    long loads = 0;
    for (int i = 0; i < seeds; i++) {
      final long seed = first + i;
      try {
        loads += run(kind, seed);
      } catch (final AssertionError | Exception e) {
        return new Verdict(
            "seed " + seed + " (run again with -Dslabmount.test.seed=" + seed + ")", e);
      }
    }
    final String figures =
        "seeds from " + first + ": " + seeds + " runs of " + OPERATIONS + " operations";
    // One run may by chance load nothing.
    return new Verdict(
        figures, loads == 0 && seeds >= 10 ? new AssertionError("nothing was ever loaded") : null);
  }

  private static long run(final PoolUnderTest kind, final long seed) throws InterruptedException {
    final int blockSize = SLOT << (seed & 3);
    final EvictionAlgorithm[] algorithms = EvictionAlgorithm.values();
    final boolean backed = seed % 5 == 0;
    final ModelStore store = new ModelStore(blockSize);
    final MemoryPoolConfig config =
        MemoryPoolConfig.builder()
            .writeBack(backed ? store::writeBack : null)
            .maxSize((2 + (seed >>> 2 & 15)) * blockSize)
            .blockSize(blockSize)
            .eviction(algorithms[(int) Long.remainderUnsigned(seed >>> 6, algorithms.length)])
            .hugePages(false)
            .roomWait(backed ? Duration.ofMillis(50) : Duration.ZERO)
            .closeWait(Duration.ofMillis(200)) // A run that failed has left its pins.
            .build();
    try (MemoryPool pool = kind.create(config)) {
      final ModelPool model = new ModelPool(pool, store, backed, seed);
      model.run(OPERATIONS);
      if (backed) {
        StressRound.awaitQuiet(pool);
      }
      kind.audit(pool);
      pool.clearDiscardingDirty();
      return model.loads();
    }
  }
}
