package dev.slabmount.bench.report;

import java.time.Duration;

/**
 * How long a figure may be measured: its share of what the run has left, and somewhat longer for
 * the rounds without which there is no figure. Immutable.
 *
 * @param until when its share is used up, by {@link System#nanoTime}
 * @param atMost when even the least that is needed has to end, by the same clock
 * @param end of the run, by the same clock
 */
public record Allowance(long until, long atMost, long end) {

  /**
   * The share of a figure among those that are still to be measured.
   *
   * @param left of the run
   * @param seconds that this figure takes on a quick machine
   * @param allSeconds that this one and all later ones take there
   */
  public static Allowance share(Duration left, int seconds, int allSeconds) {
    long now = System.nanoTime();
    long all = Math.max(0, left.toNanos());
    long own = (long) ((double) all * seconds / allSeconds);
    return new Allowance(now + own, now + own + (all - own) / 2, now + all);
  }

  /** All that the run has left: for a figure that with fewer rounds would be none. */
  public Allowance toTheEnd() {
    return new Allowance(end, end, end);
  }

  /** Whether there is time for something so long, which may be needed or just welcome. */
  public boolean fits(long nanos, boolean needed) {
    return System.nanoTime() + nanos - (needed ? atMost : until) <= 0;
  }
}
