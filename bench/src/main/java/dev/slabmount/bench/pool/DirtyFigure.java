package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.List;
import java.util.Locale;

/** Asking for and writing to inode-keyed blocks: beside the floor with stores and the one lock. */
final class DirtyFigure implements Figure<Peers> {
  private static final double FLOOR_GOAL = 0.85;
  private static final double ONE_LOCK_GOAL = 2.5;
  private static final double ASKED_GOAL_MILLIONS = 30;
  private static final double SCALING_GOAL = 0.85;
  private static final double FEW_GOAL = 0.95;
  private static final List<Integer> THREADS = List.of(2, 4, 8, 16);
  private static final List<String> WRITES = List.of("modify", "ask-and-modify");
  private static final List<String> FEW = List.of("one-block", "sixteen-blocks");
  private static final int BASE = 2;
  private static final int FEW_THREADS = 8;
  private static final long MILLIS = 200;
  private static final long WARM_UP_MILLIS = 1500;

  @Override
  public String name() {
    return "dirty";
  }

  @Override
  public int seconds() {
    return 110;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    Peer ours = peers.start("dirty", "ours", peers.blocks());
    Peer oneLock = peers.start("dirty", "onelock", peers.blocks());
    Contest contest = new Contest();
    Pairs pairs = new Pairs(contest);
    for (int threads : THREADS) {
      for (String write : WRITES) {
        pairs.add(ours, "ours " + write, write, threads, MILLIS);
      }
      pairs.add(ours, "floor", "floor", threads, MILLIS);
      if (threads != THREADS.get(1)) {
        pairs.add(ours, "ours asked", "has-dirty", threads, MILLIS);
      }
    }
    for (String write : WRITES) {
      pairs.add(oneLock, "one lock " + write, write, BASE, MILLIS);
    }
    for (String few : FEW) {
      pairs.add(ours, "ours " + few, few, FEW_THREADS, MILLIS);
      pairs.add(oneLock, "one lock " + few, few, FEW_THREADS, MILLIS);
    }
    for (String work : List.of("has-dirty", "modify", "ask-and-modify", "floor")) {
      ours.run(work + "*2", WARM_UP_MILLIS);
    }
    for (String write : WRITES) {
      oneLock.run(write + "*2", WARM_UP_MILLIS);
    }
    contest.run(Contest.ROUNDS, allowance);
    reportAsked(report, pairs);
    reportWrites(report, pairs);
    reportFew(report, pairs);
  }

  private static void reportAsked(Report report, Pairs pairs) {
    double millions = pairs.millions("ours asked", BASE);
    report.judge(
        "has-dirty",
        Pairs.threads(BASE),
        String.format(
            Locale.ROOT,
            "%.1f M/s (quartiles %s), goal >= %.0f M/s",
            millions,
            pairs.quartiles("ours asked", BASE),
            ASKED_GOAL_MILLIONS),
        millions >= ASKED_GOAL_MILLIONS);
    for (int threads : List.of(THREADS.get(2), THREADS.get(3))) {
      report.ratio(
          "has-dirty-of-2-threads",
          Pairs.threads(threads),
          pairs.scaling("ours asked", threads, BASE),
          SCALING_GOAL,
          pairs.inWords("ours asked", threads) + " against " + pairs.inWords("ours asked", BASE));
    }
  }

  private static void reportWrites(Report report, Pairs pairs) {
    for (String write : WRITES) {
      String ours = "ours " + write;
      for (int threads : THREADS) {
        report.ratio(
            write + "-of-floor",
            Pairs.threads(threads),
            pairs.ratio(ours, "floor", threads),
            FLOOR_GOAL,
            pairs.inWords(ours, threads) + " against " + pairs.inWords("floor", threads));
      }
      report.ratio(
          write + "-of-one-lock",
          Pairs.threads(BASE),
          pairs.ratio(ours, "one lock " + write, BASE),
          ONE_LOCK_GOAL,
          pairs.inWords(ours, BASE) + " against " + pairs.inWords("one lock " + write, BASE));
    }
  }

  private static void reportFew(Report report, Pairs pairs) {
    for (String few : FEW) {
      report.ratio(
          "modify-" + few + "-of-one-lock",
          Pairs.threads(FEW_THREADS),
          pairs.ratio("ours " + few, "one lock " + few, FEW_THREADS),
          FEW_GOAL,
          pairs.inWords("ours " + few, FEW_THREADS)
              + " against "
              + pairs.inWords("one lock " + few, FEW_THREADS));
    }
  }
}
