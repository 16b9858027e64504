package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Ratio;
import java.util.Locale;

/** The names under which a contest keeps what a peer's work reached with so many threads. */
final class Pairs {
  private final Contest contest;

  Pairs(Contest contest) {
    this.contest = contest;
  }

  /** Lets the contest measure this work, for so many milliseconds in each round. */
  void add(Peer peer, String who, String work, int threads, long millis) {
    contest.add(name(who, threads), () -> peer.run(work + "*" + threads, millis).rate());
  }

  /** How many times as fast one is as the other with the same number of threads. */
  Ratio ratio(String who, String other, int threads) {
    return contest.rateRatio(name(who, threads), name(other, threads));
  }

  /** How many times as fast one is with so many threads as with others. */
  Ratio scaling(String who, int threads, int base) {
    return contest.rateRatio(name(who, threads), name(who, base));
  }

  /** Millions of operations per second, in the middle. */
  double millions(String who, int threads) {
    return contest.median(name(who, threads)) / 1e6;
  }

  /** The same in words. */
  String inWords(String who, int threads) {
    return String.format(Locale.ROOT, "%.2f M/s", millions(who, threads));
  }

  /** The quartiles of millions of operations per second. */
  String quartiles(String who, int threads) {
    Ratio rates = contest.spread(name(who, threads));
    return String.format(
        Locale.ROOT, "%.1f-%.1f, %d slices", rates.low() / 1e6, rates.high() / 1e6, rates.pairs());
  }

  /** The number of threads in words. */
  static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static String name(String who, int threads) {
    return who + "*" + threads;
  }
}
