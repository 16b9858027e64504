package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A load that nobody lists any more ends while its content is being removed. */
@Timeout(60)
class LateLoadRaceTest {
  private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int SPINS_MAX = 400;

  private final ExecutorService remover = Executors.newSingleThreadExecutor();
  private final MemoryPool pool =
      MemoryPool.create(MemoryPoolConfig.builder().maxSize(8 * SLOT).blockSize(SLOT).build());

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    remover.shutdown();
    assertTrue(remover.awaitTermination(20, TimeUnit.SECONDS));
    PoolAudit.audit(pool);
    pool.close();
  }

  /** Edge E10: whichever comes first, what was read before the removal is not there after it. */
  @Test
  void shouldKeepNothingThatWasReadBeforeItsContentWasRemoved() throws Exception {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    final long end = System.nanoTime() + RUN_NANOS;
    int kept = 0;
    int rounds = 0;
    while (System.nanoTime() - end < 0) {
      final AtomicInteger arrived = new AtomicInteger();
      final int removerSpins = random.nextInt(SPINS_MAX);
      final int loaderSpins = random.nextInt(SPINS_MAX);
      final Future<Integer> removed =
          remover.submit(() -> {
            meet(arrived);
            spin(removerSpins);
            return pool.removeContentBlocks(1, 2);
          });
      loadLate(() -> {
        meet(arrived);
        spin(loaderSpins);
      });
      kept += removed.get(20, TimeUnit.SECONDS);
      assertFalse(pool.contains(1, 2, 3), "round " + rounds + ", seed " + seed);
      rounds++;
    }
    assertTrue(kept > 0 && kept < rounds, kept + " of " + rounds + " loads ended first");
  }

  /** Loads a block whose load is given up meanwhile. */
  private void loadLate(final Runnable afterGivingUp) {
    final BlockContentProvider provider =
        (key, slot) -> {
          assertTrue(pool.giveUpLoad(1, 2, 3));
          afterGivingUp.run();
          return 1;
        };
    try {
      pool.unpin(pool.pinOrLoad(1, 2, 3, SLOT, provider));
    } catch (final MemoryPoolException.RetrievalFailed failed) {
      assertEquals(TimeoutException.class, failed.getCause().getClass());
    }
  }

  private static void meet(final AtomicInteger arrived) {
    arrived.incrementAndGet();
    while (arrived.get() < 2) {
      Thread.onSpinWait();
    }
  }

  private static void spin(final int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }
}
