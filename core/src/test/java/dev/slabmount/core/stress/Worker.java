package dev.slabmount.core.stress;

import dev.slabmount.core.pool.MemoryPoolException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** A thread that takes a step over and over until it is told to stop or the pool is closed. */
final class Worker {
  private final Step step;
  private final Random random;
  private final StressRound round;
  private final Thread thread;
  private final AtomicReference<Throwable> failure;

  private final LongAdder steps = new LongAdder();
  private final LongAdder exhausted = new LongAdder();

  /** When the present step began; written by the thread alone. */
  private volatile long began = System.nanoTime();

  private volatile boolean ended;

  Worker(
      final String name,
      final Step step,
      final long seed,
      final StressRound round,
      final AtomicReference<Throwable> failure) {
    this.step = step;
    this.random = new Random(seed);
    this.round = round;
    this.failure = failure;
    this.thread = Thread.ofPlatform().daemon().name("stress-" + name).unstarted(this::repeat);
  }

  void start() {
    began = System.nanoTime();
    thread.start();
  }

  long steps() {
    return steps.sum();
  }

  long exhausted() {
    return exhausted.sum();
  }

  boolean hasEnded() {
    return ended;
  }

  /** How long the present step has taken. */
  long nanosInStep() {
    return ended ? 0 : System.nanoTime() - began;
  }

  String name() {
    return thread.getName();
  }

  private void repeat() {
    try {
      while (!round.isOver()) {
        began = System.nanoTime();
        takeOne();
      }
      step.end();
    } catch (final MemoryPoolException.PoolClosed e) {
      end();
    } catch (final Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      ended = true;
    }
  }

  private void takeOne() throws Exception {
    try {
      step.take(random);
    } catch (final MemoryPoolException.PoolExhausted e) {
      exhausted.increment();
    } catch (final MemoryPoolException.RetrievalFailed e) {
      Thread.interrupted(); // A planned failure or interruption of the load.
    }
    steps.increment();
  }

  /** The pool is closed: that must be so, and what is held must still be readable. */
  private void end() {
    if (!round.isClosing()) {
      failure.compareAndSet(null, new AssertionError(name() + " finds the pool closed too early"));
    }
    step.end();
  }
}
