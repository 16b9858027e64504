package dev.slabmount.bench.pool;

import java.util.List;

/**
 * What a process is set up for: one kind of pool or cache, filled, and the works that can be done
 * with it. One thread, which may start others.
 */
interface Stage extends AutoCloseable {
  /** What the works draw from. */
  int[] draws();

  /**
   * How threads do what is called so.
   *
   * @throws IllegalArgumentException if there is no such work
   */
  Work.Maker work(String name);

  /**
   * Does something that is no work of a crew.
   *
   * @return the answer, in one line
   * @throws IllegalArgumentException if nothing is called so
   * @throws Exception if it goes wrong
   */
  default String call(String name, List<String> arguments) throws Exception {
    throw new IllegalArgumentException("nothing is called '" + name + "' here");
  }

  @Override
  void close();
}
