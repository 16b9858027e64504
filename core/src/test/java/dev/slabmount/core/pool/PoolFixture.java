package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Pools for tests, each of them audited, emptied and closed after the test. Blocks are one slot of
 * 4 KiB unless a test says otherwise, so that limits count in slots.
 */
@Timeout(60)
public abstract class PoolFixture {
  /** How long a test waits for what must happen. */
  protected static final long PATIENCE_SECONDS = 30;

  /** Random numbers, whose seed is printed if the test fails. */
  @RegisterExtension final SeededRandoms randoms = new SeededRandoms();

  private final PoolKind kind;
  private final List<MemoryPool> pools = new ArrayList<>();

  /** For pools of this kind. */
  protected PoolFixture(final PoolKind kind) {
    this.kind = kind;
  }

  /** A pool of this many slots of 4 KiB that does not wait long for room. */
  protected final MemoryPool poolOfSlots(final int slots) {
    return pool(slots(slots).roomWait(Duration.ofMillis(50)));
  }

  /** Settings for a pool of this many slots of 4 KiB. */
  protected static MemoryPoolConfig.Builder slots(final int slots) {
    return MemoryPoolConfig.builder().maxSize((long) slots * SLOT).blockSize(SLOT);
  }

  /** A pool that is audited and closed after the test. */
  protected final MemoryPool pool(final MemoryPoolConfig.Builder config) {
    final MemoryPool pool = unwatchedPool(config);
    pools.add(pool);
    return pool;
  }

  /** A pool that the test closes itself. */
  protected final MemoryPool unwatchedPool(final MemoryPoolConfig.Builder config) {
    return kind.create(config);
  }

  /** Checks that a pool that nobody uses is sound inside. */
  protected final void audit(final MemoryPool pool) {
    kind.audit(pool);
  }

  @AfterEach
  final void nothingIsLeftBehind() {
    for (final MemoryPool pool : pools) {
      if (pool.config().writeBack() != null) { // Its own threads may be at their last block.
        awaitThat("pins are gone after the test", () -> pool.stats().pins() == 0);
      }
      assertEquals(0, pool.stats().pins(), "pins after the test");
      assertEquals(0, pool.stats().inUseBlocks(), "blocks in use after the test");
      assertEquals(0, pool.stats().pendingLoads(), "pending loads after the test");
      audit(pool);
      pool.clearDiscardingDirty();
      assertEquals(0, pool.stats().slotsInUse(), "slots in use after clear");
      assertEquals(0, pool.stats().capacityInUse(), "bytes in use after clear");
      assertEquals(0, pool.stats().slabs(), "slabs in use after clear");
      assertEquals(0, pool.stats().currentSize(), "content after clear");
      pool.close();
    }
  }

  // ---- Blocks ----

  /** The key of some content. */
  protected static BlockKey content(final int number) {
    return BlockKey.ofContent(number, ~number, 0);
  }

  /** Loads that content, one slot. */
  protected static void put(final MemoryPool pool, final int number) {
    pool.acquire(content(number), new Blocks.Fixed(bytes(number, SLOT))).close();
  }

  /** Whether that content is in the pool. Counts as a use. */
  protected static boolean has(final MemoryPool pool, final int number) {
    try (BlockHandle handle = pool.tryGet(content(number))) {
      return handle != null;
    }
  }

  // ---- Threads ----

  /** Runs a task on several threads and another beside them; fails with the first failure. */
  protected static <T> List<T> inParallel(
      final int threads, final Callable<T> task, final Runnable beside) throws Exception {
    final List<T> results = new ArrayList<>();
    final List<FutureTask<T>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      final FutureTask<T> future = new FutureTask<>(task);
      Thread.ofPlatform().daemon().start(future); // If it hangs, it keeps nobody waiting.
      tasks.add(future);
    }
    beside.run();
    for (final FutureTask<T> future : tasks) {
      results.add(future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
    return results;
  }

  /** What a task returned, on a thread of its own. */
  protected static <T> T resultOf(final Future<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What a task failed with, on a thread of its own. */
  protected static Throwable failureOf(final Future<?> future)
      throws InterruptedException, TimeoutException {
    try {
      future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (final ExecutionException e) {
      return e.getCause();
    }
    throw new AssertionError("it did not fail");
  }

  /** Waits for a latch, not for ever. */
  protected static void awaitQuietly(final CountDownLatch latch) {
    try {
      assertTrue(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the latch did not open in time");
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until something is so, not for ever. */
  protected static void awaitThat(final String what, final BooleanSupplier condition) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not in time: " + what);
      Thread.onSpinWait();
    }
  }

  /** Waits until so many calls had to wait for room. */
  protected static void awaitWaits(final MemoryPool pool, final long waits) {
    awaitThat("a call waits for room", () -> pool.stats().waits() >= waits);
  }

  /** Waits until a thread sleeps, with a deadline of its own. */
  protected static void awaitSleeping(final Thread thread) {
    awaitThat("a thread sleeps", () -> thread.getState() == Thread.State.TIMED_WAITING);
  }
}
