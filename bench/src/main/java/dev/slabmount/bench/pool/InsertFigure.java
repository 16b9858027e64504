package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.Locale;

/** Loading blocks into a full pool: alone, and beside threads that read. */
final class InsertFigure implements Figure<Peers> {
  private static final double COPY_GOAL = 0.85;
  private static final double BESIDE_GOAL = 0.7;
  private static final int THREADS = 2;
  private static final int READERS = 7;
  private static final long MILLIS = 400;
  private static final long WARM_UP_MILLIS = 2000;

  private static final String INSERTER_ALONE = "inserter alone";
  private static final String INSERTER = "inserter";
  private static final String READER_ALONE = "reader alone";
  private static final String READER = "reader";

  @Override
  public String name() {
    return "insert";
  }

  @Override
  public int seconds() {
    return 40;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    Peer ours = peers.start("insert", "ours", peers.blocks());
    Contest contest = new Contest();
    Pairs pairs = new Pairs(contest);
    pairs.add(ours, "ours", "insert", THREADS, MILLIS);
    pairs.add(ours, "copy", "copy", THREADS, MILLIS);
    contest.add(INSERTER_ALONE, () -> ours.run("insert*1", MILLIS).ratePerCpu(0, 1));
    contest.add(READER_ALONE, () -> ours.run("read*1", MILLIS).ratePerCpu(0, 1));
    contest.add(
        INSERTER,
        () -> {
          Tally both = ours.run("insert*1,read*" + READERS, MILLIS);
          for (int i = 1; i <= READERS; i++) {
            contest.record(READER + i, both.ratePerCpu(i, i + 1));
          }
          return both.ratePerCpu(0, 1);
        });
    ours.run("insert*2", WARM_UP_MILLIS);
    ours.run("copy*2", WARM_UP_MILLIS / 2);
    ours.run("insert*1,read*" + READERS, WARM_UP_MILLIS);
    contest.run(Contest.ROUNDS, allowance);
    report.ratio(
        "insert-of-bare-copy",
        Pairs.threads(THREADS),
        pairs.ratio("ours", "copy", THREADS),
        COPY_GOAL,
        String.format(
            Locale.ROOT,
            "%.2f GB/s against %.2f GB/s",
            gigabytes(pairs, "ours"),
            gigabytes(pairs, "copy")));
    report.ratio(
        "inserter-beside-7-readers",
        "",
        contest.rateRatio(INSERTER, INSERTER_ALONE),
        BESIDE_GOAL,
        perCpuSecond(contest, INSERTER, INSERTER_ALONE));
    String slowest = READER + 1;
    for (int i = 2; i <= READERS; i++) {
      if (contest.median(READER + i) < contest.median(slowest)) {
        slowest = READER + i;
      }
    }
    report.ratio(
        "slowest-reader-beside-an-inserter",
        "",
        contest.rateRatio(slowest, READER_ALONE),
        BESIDE_GOAL,
        perCpuSecond(contest, slowest, READER_ALONE));
  }

  private static double gigabytes(Pairs pairs, String who) {
    return pairs.millions(who, THREADS) * Pools.BLOCK_BYTES / 1000;
  }

  private static String perCpuSecond(Contest contest, String who, String alone) {
    return String.format(
        Locale.ROOT,
        "%.0f operations per CPU second against %.0f alone",
        contest.median(who),
        contest.median(alone));
  }
}
