package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.List;
import java.util.Locale;

/**
 * How often threads go to the kernel to wait for each other: calls of futex and sched_yield for
 * each million operations, less what the same process does while nobody works in it.
 */
final class SystemCallFigure implements Figure<Peers> {
  private static final int ROUNDS = 3;
  private static final int SECONDS = 1;
  private static final double MILLION = 1e6;
  private static final double BELOW_GOAL = 0.98;
  private static final double BELOW_WITH_MISSES_GOAL = 0.9;
  private static final long WARM_UP_MILLIS = 1500;
  private static final List<Integer> THREADS = List.of(2, 8, 16);
  private static final List<String> MIXES = List.of("mix-90", "mix-50");

  @Override
  public String name() {
    return "system-calls";
  }

  @Override
  public int seconds() {
    return 100;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    SystemCalls calls = SystemCalls.choose();
    report.say("# system calls are counted with " + calls.means());
    Contest contest = new Contest();
    Peer ours = peers.start("dirty", "ours", peers.blocks());
    Peer oneLock = peers.start("dirty", "onelock", peers.blocks());
    for (String mix : MIXES) {
      enter(contest, calls, ours, "ours", mix, mix);
      enter(contest, calls, oneLock, "one lock", mix, mix);
    }
    Peer oursMissing = peers.start("miss", "ours", peers.blocks());
    Peer oneLockMissing = peers.start("miss", "onelock", peers.blocks());
    enter(contest, calls, oursMissing, "ours", "misses", "mix");
    enter(contest, calls, oneLockMissing, "one lock", "misses", "mix");
    contest.run(ROUNDS, allowance);
    for (String mix : MIXES) {
      for (int threads : THREADS) {
        reportFew(report, contest, mix, threads);
        reportFewer(report, contest, mix, threads, BELOW_GOAL);
      }
    }
    for (int threads : THREADS) {
      reportFewer(report, contest, "misses", threads, BELOW_WITH_MISSES_GOAL);
    }
  }

  private static void enter(
      Contest contest, SystemCalls calls, Peer peer, String who, String mix, String work)
      throws MeasuringException {
    peer.run(work + "*2", WARM_UP_MILLIS);
    double idle = calls.count(peer.pid(), SECONDS);
    for (int threads : THREADS) {
      contest.add(
          name(who, mix, threads), () -> perMillion(calls, peer, work + "*" + threads, idle));
    }
  }

  private static double perMillion(SystemCalls calls, Peer peer, String works, double idle)
      throws MeasuringException {
    peer.ask("begin " + works);
    try {
      double before = peer.number("total");
      long begin = System.nanoTime();
      double counted = calls.count(peer.pid(), SECONDS);
      long nanos = System.nanoTime() - begin;
      double operations = peer.number("total") - before;
      // The tool's own start and end are in the time, but not in what it counted.
      double inTime = operations * SECONDS * 1e9 / nanos;
      return Math.max(0, counted - idle) * MILLION / inTime;
    } finally {
      peer.ask("end");
    }
  }

  private static void reportFew(Report report, Contest contest, String mix, int threads) {
    double ours = contest.median(name("ours", mix, threads));
    double goal = threads == 2 ? 200 : 2000;
    report.judge(
        "futex-and-yield-" + mix,
        Pairs.threads(threads),
        String.format(
            Locale.ROOT,
            "%.1f per million operations (%s), goal <= %.0f",
            ours,
            quartiles(contest, "ours", mix, threads),
            goal),
        ours <= goal);
  }

  private static void reportFewer(
      Report report, Contest contest, String mix, int threads, double goal) {
    double ours = contest.median(name("ours", mix, threads));
    double oneLock = contest.median(name("one lock", mix, threads));
    double below = oneLock == 0 ? 0 : 1 - ours / oneLock;
    report.judge(
        "futex-and-yield-" + mix + "-below-one-lock",
        Pairs.threads(threads),
        String.format(
            Locale.ROOT,
            "%.1f %% (%.1f against %.1f per million operations, %s), goal >= %.0f %%",
            100 * below,
            ours,
            oneLock,
            quartiles(contest, "one lock", mix, threads),
            100 * goal),
        below >= goal);
  }

  private static String quartiles(Contest contest, String who, String mix, int threads) {
    var spread = contest.spread(name(who, mix, threads));
    return String.format(
        Locale.ROOT, "quartiles %.1f-%.1f, %d runs", spread.low(), spread.high(), spread.pairs());
  }

  private static String name(String who, String mix, int threads) {
    return who + " " + mix + "*" + threads;
  }
}
