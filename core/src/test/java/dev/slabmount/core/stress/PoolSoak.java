package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One pool under the load of a {@link StressRound} for minutes, and beside it pools that come and
 * go: what the process holds must not grow.
 */
final class PoolSoak {
  private static final int BLOCK_SIZE = 64 << 10;
  private static final long MAX_SIZE = 48L << 20;
  private static final int SAMPLES = 30;

  private final Duration duration;
  private final long seed;
  private final List<SoakSample> samples = new ArrayList<>();
  private final AtomicInteger lives = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean over;

  PoolSoak(final Duration duration, final long seed) {
    this.duration = duration;
    this.seed = seed;
  }

  /** Runs, printing each sample. */
  Verdict run() {
    final Thread sampler = Thread.ofPlatform().daemon().start(this::sample);
    final Thread others = Thread.ofPlatform().daemon().start(this::liveAndDie);
    final PagedBlocks paged = new PagedBlocks(BLOCK_SIZE);
    final CountedBlocks counted = new CountedBlocks(BLOCK_SIZE, true);
    final MemoryPool pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(MAX_SIZE)
                .blockSize(BLOCK_SIZE)
                .writeBack(StressRun.writeBack(counted, paged))
                .build());
    final StressRound round =
        new StressRound(
            PoolUnderTest.SHARDED, pool, counted, paged, seed, StressRun.PATIENCE.toNanos());
    try {
      round.run(duration.toNanos(), false);
      over = true;
      sampler.join();
      others.join();
    } catch (final Throwable e) {
      failure.compareAndSet(null, e);
    }
    final List<String> growth = SoakSample.growth(samples);
    if (!growth.isEmpty()) {
      failure.compareAndSet(null, new AssertionError(String.join("; ", growth)));
    }
    return new Verdict(
        "seed "
            + seed
            + ": "
            + round.steps()
            + " operations in "
            + duration.toSeconds()
            + " s, beside "
            + lives
            + " pools that came and went",
        failure.get());
  }

  private void sample() {
    final long began = System.nanoTime();
    for (int i = 1; i <= SAMPLES && !over; i++) {
      final long due = began + duration.toNanos() / (SAMPLES + 1) * i;
      for (long left = due - System.nanoTime(); left > 0 && !over; ) {
        sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
        left = due - System.nanoTime();
      }
      final SoakSample sample =
          SoakSample.take(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
      System.out.println("  " + sample);
      samples.add(sample);
    }
  }

  private void liveAndDie() {
    final byte[] content = Blocks.bytes(seed, BLOCK_SIZE);
    try {
      while (!over) {
        try (MemoryPool pool =
            MemoryPool.create(
                MemoryPoolConfig.builder().maxSize(MAX_SIZE).blockSize(BLOCK_SIZE).build())) {
          for (int i = 0; i < 100; i++) {
            pool.acquire(BlockKey.ofContent(i, seed, 0), new Blocks.Fixed(content)).close();
          }
        }
        lives.incrementAndGet();
        sleep(TimeUnit.MILLISECONDS.toNanos(20));
      }
    } catch (final Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private static void sleep(final long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (final InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }
}
