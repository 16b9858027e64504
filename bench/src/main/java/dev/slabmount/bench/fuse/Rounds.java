package dev.slabmount.bench.fuse;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Ratio;
import dev.slabmount.bench.report.Report;

/** Rounds of a figure: all of them, or it counts as not measured. */
final class Rounds {
  /** So many rounds, and so many pairs that a ratio is made of. */
  static final int ALL = 9;

  private Rounds() {}

  /** Runs all rounds, unless the whole run is over before. */
  static void run(Contest contest, Allowance allowance) throws MeasuringException {
    contest.run(ALL, allowance.toTheEnd());
  }

  /** Whether a line has all its rounds. One that has not is reported as not measured. */
  static boolean areAll(Report report, String row, String with, Ratio ratio) {
    if (ratio.pairs() < ALL) {
      report.failed(
          row + " " + with,
          new MeasuringException(
              "the time was over after %d of %d rounds".formatted(ratio.pairs(), ALL)));
      return false;
    }
    return true;
  }
}
