package dev.slabmount.bench.evict;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws ranks by Zipf's law: rank <i>r</i>, counted from 0, with a probability proportional to (r +
 * 1)<sup>−α</sup>. The same on every machine.
 */
final class Zipf {
  private final double[] upTo;

  /** Ranks 0 to {@code ranks} − 1. */
  Zipf(int ranks, double alpha) {
    upTo = new double[ranks];
    double sum = 0;
    for (int rank = 0; rank < ranks; rank++) {
      sum += StrictMath.pow(rank + 1, -alpha);
      upTo[rank] = sum;
    }
    for (int rank = 0; rank < ranks; rank++) {
      upTo[rank] /= sum;
    }
  }

  /** The next rank. */
  int draw(SplittableRandom random) {
    int place = Arrays.binarySearch(upTo, random.nextDouble());
    return Math.min(place < 0 ? -place - 1 : place + 1, upTo.length - 1);
  }

  /** The probability of a rank. */
  double probability(int rank) {
    return rank == 0 ? upTo[0] : upTo[rank] - upTo[rank - 1];
  }
}
