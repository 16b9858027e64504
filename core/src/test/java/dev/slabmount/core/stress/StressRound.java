package dev.slabmount.core.stress;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** The life of one pool under stress: its threads, its watchdog, and its end. */
final class StressRound {
  private final PoolUnderTest kind;
  private final MemoryPool pool;
  private final long seed;
  private final long patienceNanos;
  private final CountedBlocks counted;
  private final PagedBlocks paged;
  private final VolatileBlocks trouble;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Worker> workers = new ArrayList<>();
  private volatile boolean over;
  private volatile boolean closing;

  StressRound(
      final PoolUnderTest kind,
      final MemoryPool pool,
      final CountedBlocks counted,
      final PagedBlocks paged,
      final long seed,
      final long patienceNanos) {
    this.kind = kind;
    this.counted = counted;
    this.paged = paged;
    this.pool = pool;
    this.seed = seed;
    this.patienceNanos = patienceNanos;
    counted.use(pool);
    paged.use(pool);
    trouble = new VolatileBlocks(pool);
    final ContentBlocks contents = new ContentBlocks(pool);
    add("reader-1", contents.reader());
    add("reader-2", contents.reader());
    add("remover", contents::remove);
    add("writer-1", counted::write);
    add("writer-2", counted::write);
    add("checker", counted::read);
    add("flusher", counted::flush);
    add("page-writer-1", paged.writer(0));
    add("page-writer-2", paged.writer(1));
    add("page-checker", paged::read);
    add("page-flusher", paged::flush);
    add("trouble", trouble::trouble);
  }

  private void add(final String name, final Step step) {
    workers.add(new Worker(name, step, seed + workers.size(), this, failure));
  }

  /**
   * Runs the threads for so long and ends the pool.
   *
   * @param closeUnderWay whether to close the pool while they are at work, instead of looking
   *     through it when they have stopped
   */
  void run(final long nanos, final boolean closeUnderWay) throws Exception {
    workers.forEach(Worker::start);
    final long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end && failure.get() == null) {
      checkLimit();
      checkProgress();
      Thread.sleep(1);
    }
    if (closeUnderWay && failure.get() == null) {
      closing = true;
      close();
    }
    over = true;
    awaitEnd();
    rethrow();
    if (!closing) {
      counted.checkAll();
      paged.checkAll();
      awaitQuiet(pool);
      kind.audit(pool);
      pool.clearDiscardingDirty();
      requireNothingInUse();
      close();
    }
    requireNothingInUse();
  }

  boolean isOver() {
    return over;
  }

  boolean isClosing() {
    return closing;
  }

  long steps() {
    return workers.stream().mapToLong(Worker::steps).sum();
  }

  long exhausted() {
    return workers.stream().mapToLong(Worker::exhausted).sum();
  }

  long writes() {
    return counted.writes() + paged.writes();
  }

  long clears() {
    return trouble.clears();
  }

  private void rethrow() throws Exception {
    switch (failure.get()) {
      case null -> {}
      case Exception e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new AssertionError(e);
    }
  }

  private void checkLimit() {
    final MemoryPoolStats stats = pool.stats();
    if (stats.capacityInUse() > stats.maxSize()) {
      failure.compareAndSet(null, new AssertionError("over the limit: " + stats));
    }
  }

  private void checkProgress() {
    for (final Worker worker : workers) {
      if (worker.nanosInStep() > patienceNanos) {
        throw new HungException(worker.name() + " is stuck in one step");
      }
    }
  }

  private void awaitEnd() throws InterruptedException {
    while (!workers.stream().allMatch(Worker::hasEnded)) {
      checkProgress();
      Thread.sleep(1);
    }
  }

  private void close() throws Exception {
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("stress-closer")
        .start(() -> {
          try {
            pool.close();
            closed.complete(null);
          } catch (final Throwable e) {
            closed.completeExceptionally(e);
          }
        });
    try {
      closed.get(patienceNanos, TimeUnit.NANOSECONDS);
    } catch (final TimeoutException e) {
      throw new HungException("close does not return");
    } catch (final ExecutionException e) {
      throw new AssertionError("close fails", e.getCause());
    }
  }

  /** The pool's own threads may still be writing back what somebody wanted room for. */
  static void awaitQuiet(final MemoryPool pool) throws InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    for (MemoryPoolStats seen = null; !pool.stats().equals(seen) || seen.pins() > 0; ) {
      if (System.nanoTime() > deadline) {
        throw new HungException("the pool does not become quiet: " + pool.stats());
      }
      seen = pool.stats();
      Thread.sleep(2);
    }
  }

  private void requireNothingInUse() {
    final MemoryPoolStats stats = pool.stats();
    if (stats.slotsInUse() != 0 || stats.capacityInUse() != 0 || stats.pins() != 0) {
      throw new AssertionError("leaked: " + stats);
    }
  }
}
