package dev.slabmount.bench.pool;

/**
 * An operation that one thread does again and again. Each kind has a loop of its own, in a class of
 * its own, so that the compiler sees one kind in each; a process has one kind of pool. One thread.
 */
interface Work {
  /** Operations that are done between two looks at the clock's flag; divides the draws. */
  int BATCH = 64;

  /** Does {@link #BATCH} operations, with the draws from {@code from} on. */
  void batch(int[] draws, int from);

  /** Makes the work of a thread. */
  @FunctionalInterface
  interface Maker {
    /** The work of the thread with this number, the first being 0. */
    Work make(int thread);
  }
}
