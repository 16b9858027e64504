package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.stress.ModelRuns;
import dev.slabmount.core.stress.PoolUnderTest;
import dev.slabmount.core.stress.StressRun;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool that everything is compared with is as correct as the one that is. */
@Timeout(120)
class SingleLockStressTest {
  private static final PoolUnderTest ONE_LOCK =
      new PoolUnderTest() {
        @Override
        public MemoryPool create(final MemoryPoolConfig config) {
          return new SingleLockMemoryPool(config);
        }

        @Override
        public void audit(final MemoryPool pool) {
          OneLockAudit.audit(pool);
        }
      };

  private final long seed = Long.getLong("slabmount.test.seed", System.nanoTime());

  @Test
  void shouldAgreeWithTheModel() {
    ModelRuns.run(ONE_LOCK, seed, 50).orThrow();
  }

  @Test
  void shouldServeOnlyWholeAndCurrentBlocksUnderEveryKindOfTrouble() {
    new StressRun(ONE_LOCK, EvictionAlgorithm.LRU, seed).run(Duration.ofSeconds(2)).orThrow();
  }
}
