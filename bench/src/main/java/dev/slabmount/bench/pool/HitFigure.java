package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.List;

/** Find, pin, copy 4 KiB out, unpin: beside the floor, the one-lock pool and Caffeine. */
final class HitFigure implements Figure<Peers> {
  private static final double FLOOR_GOAL = 0.85;
  private static final double ONE_LOCK_GOAL = 3;
  private static final double CAFFEINE_GOAL = 1.5;
  private static final double SCALING_GOAL = 0.85;
  private static final List<Integer> THREADS = List.of(1, 2, 8, 16);
  private static final int BASE = 2;
  private static final long MILLIS = 250;
  private static final long WARM_UP_MILLIS = 1500;

  @Override
  public String name() {
    return "hit";
  }

  @Override
  public int seconds() {
    return 85;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    Peer ours = peers.start("hit", "ours", peers.blocks());
    Peer oneLock = peers.start("hit", "onelock", peers.blocks());
    Peer caffeine = peers.start("hit", "caffeine", peers.blocks());
    Contest contest = new Contest();
    Pairs pairs = new Pairs(contest);
    for (int threads : THREADS) {
      pairs.add(ours, "ours", "hit", threads, MILLIS);
      pairs.add(ours, "floor", "floor", threads, MILLIS);
      pairs.add(ours, "copy", "copy", threads, MILLIS);
      pairs.add(oneLock, "one lock", "hit", threads, MILLIS);
      pairs.add(caffeine, "Caffeine", "hit", threads, MILLIS);
    }
    for (String work : List.of("hit", "floor", "copy")) {
      ours.run(work + "*2", WARM_UP_MILLIS);
    }
    oneLock.run("hit*2", WARM_UP_MILLIS);
    caffeine.run("hit*2", WARM_UP_MILLIS);
    contest.run(Contest.ROUNDS, allowance);
    report(report, pairs);
  }

  private void report(Report report, Pairs pairs) {
    for (int threads : List.of(1, BASE)) {
      report.ratio(
          "hit-of-floor",
          Pairs.threads(threads),
          pairs.ratio("ours", "floor", threads),
          FLOOR_GOAL,
          pairs.inWords("ours", threads) + " against " + pairs.inWords("floor", threads));
    }
    report.ratio(
        "hit-of-one-lock",
        Pairs.threads(BASE),
        pairs.ratio("ours", "one lock", BASE),
        ONE_LOCK_GOAL,
        pairs.inWords("ours", BASE) + " against " + pairs.inWords("one lock", BASE));
    for (int threads : List.of(1, BASE)) {
      report.ratio(
          "hit-of-caffeine",
          Pairs.threads(threads),
          pairs.ratio("ours", "Caffeine", threads),
          CAFFEINE_GOAL,
          pairs.inWords("ours", threads) + " against " + pairs.inWords("Caffeine", threads));
    }
    for (int threads : THREADS) {
      report.say(
          "# hit with %s: %s, floor %s, bare copy %s, one lock %s, Caffeine %s"
              .formatted(
                  Pairs.threads(threads),
                  pairs.inWords("ours", threads),
                  pairs.inWords("floor", threads),
                  pairs.inWords("copy", threads),
                  pairs.inWords("one lock", threads),
                  pairs.inWords("Caffeine", threads)));
      if (threads > BASE) {
        report.ratio(
            "hit-of-2-threads",
            Pairs.threads(threads),
            pairs.scaling("ours", threads, BASE),
            SCALING_GOAL,
            pairs.inWords("ours", threads) + " against " + pairs.inWords("ours", BASE));
      }
    }
  }
}
