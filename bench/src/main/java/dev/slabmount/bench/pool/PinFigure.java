package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Ratio;
import dev.slabmount.bench.report.Report;
import java.util.List;
import java.util.Locale;

/** What pinning, figures and removal cost when there are 100 000 blocks. */
final class PinFigure implements Figure<Peers> {
  /** Blocks of 4 KiB. */
  static final int BLOCKS = 100_000;

  private static final double SLOWER_GOAL = 12;
  private static final double STATS_GOAL_MICROS = 50;
  private static final double REMOVAL_GOAL_MICROS = 10;
  private static final List<Integer> REMOVED = List.of(1, 64, 1000);
  private static final long MILLIS = 250;
  private static final long WARM_UP_MILLIS = 1000;

  @Override
  public String name() {
    return "many-blocks";
  }

  @Override
  public int seconds() {
    return 20;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    Peer ours = peers.start("pin", "ours", BLOCKS);
    Contest contest = new Contest();
    Pairs pairs = new Pairs(contest);
    pairs.add(ours, "all", "pin-of-all", 1, MILLIS);
    pairs.add(ours, "few", "pin-of-few", 1, MILLIS);
    ours.run("pin-of-all*1", WARM_UP_MILLIS);
    ours.run("pin-of-few*1", WARM_UP_MILLIS);
    contest.run(Contest.ROUNDS, allowance);
    Ratio slower = pairs.ratio("few", "all", 1);
    report.judge(
        "pin-100000-slower-than-64",
        Pairs.threads(1),
        String.format(
            Locale.ROOT,
            "%s, goal <= %.0f x; %.0f ns against %.0f ns",
            slower,
            SLOWER_GOAL,
            1000 / pairs.millions("all", 1),
            1000 / pairs.millions("few", 1)),
        slower.median() <= SLOWER_GOAL);
    latency(report, "stats-at-100000", "", ours.ask("stats"), STATS_GOAL_MICROS);
    for (int blocks : REMOVED) {
      double goal = REMOVAL_GOAL_MICROS + blocks;
      String with = blocks + " blocks";
      latency(report, "invalidateHash-at-100000", with, ours.ask("invalidate " + blocks), goal);
    }
    for (int blocks : REMOVED) {
      double goal = REMOVAL_GOAL_MICROS + blocks;
      String with = blocks + " blocks";
      latency(report, "removeInodeBlocks-at-100000", with, ours.ask("remove " + blocks), goal);
    }
  }

  private static void latency(
      Report report, String figure, String with, String answer, double goalMicros)
      throws MeasuringException {
    String[] quantiles = answer.split(" ", -1);
    if (quantiles.length != 2) {
      throw new MeasuringException(figure + ": '" + answer + "'");
    }
    double median = Double.parseDouble(quantiles[0]) / 1000;
    double high = Double.parseDouble(quantiles[1]) / 1000;
    report.judge(
        figure,
        with,
        String.format(
            Locale.ROOT, "%.1f us (p99 %.1f us), goal <= %.0f us", median, high, goalMicros),
        median <= goalMicros);
  }
}
