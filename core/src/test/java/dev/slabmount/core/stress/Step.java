package dev.slabmount.core.stress;

import java.util.Random;

/** What a thread does over and over. */
@FunctionalInterface
interface Step {
  /** Does it once. */
  void take(Random random) throws Exception;

  /** Gives back what is held from one step to the next; called once at the end. */
  default void end() {}
}
