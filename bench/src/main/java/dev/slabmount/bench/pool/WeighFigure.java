package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What a block costs beside its content, and whether the pool's memory stays within its limit. */
final class WeighFigure implements Figure<Peers> {
  private static final int BLOCKS = 100_000;
  private static final int MEBIBYTES_OF_BLOCKS = 512;
  private static final double HEAP_GOAL = 96;
  private static final double OFF_HEAP_GOAL = 160;
  private static final double RESIDENT_GOAL = 1.1;
  private static final int THREADS = 4;
  private static final long CHURN_SECONDS = 5;
  private static final long SAMPLE_MILLIS = 20;

  @Override
  public String name() {
    return "weight";
  }

  @Override
  public int seconds() {
    return 35;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    double[] bytes = weigh(peers, "weigh");
    perBlock(report, "heap-per-block", bytes[0], HEAP_GOAL);
    perBlock(report, "heap-per-only-block", weigh(peers, "weigh-only")[0], HEAP_GOAL);
    perBlock(report, "off-heap-per-block", bytes[1], OFF_HEAP_GOAL);
    int mebibytes = peers.blocks() / 16;
    Peer churned = peers.start("weigh", "ours", mebibytes);
    double highest = 0;
    int samples = 0;
    for (String work : List.of("small", "mixed", "large", "mixed")) {
      churned.ask("begin " + work + "*" + THREADS);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CHURN_SECONDS);
      while (System.nanoTime() - end < 0) {
        highest = Math.max(highest, churned.number("resident"));
        samples++;
        pause();
      }
      churned.ask("end");
    }
    double ofLimit = highest / ((double) mebibytes * (1 << 20));
    report.judge(
        "resident-of-limit",
        "",
        String.format(
            Locale.ROOT,
            "%.3f x at most (%.1f MiB of %d MiB, headers included, %d samples), goal <= %.1f x",
            ofLimit,
            highest / (1 << 20),
            mebibytes,
            samples,
            RESIDENT_GOAL),
        ofLimit <= RESIDENT_GOAL);
  }

  /** On the heap and off it. */
  private static double[] weigh(Peers peers, String how) throws MeasuringException {
    try (Peer weighed = peers.start("weigh", "ours", MEBIBYTES_OF_BLOCKS)) {
      String answer = weighed.ask(how + " " + BLOCKS);
      String[] bytes = answer.split(" ", -1);
      if (bytes.length != 2) {
        throw new MeasuringException(how + ": " + answer);
      }
      return new double[] {
        Double.parseDouble(bytes[0]) / BLOCKS, Double.parseDouble(bytes[1]) / BLOCKS
      };
    }
  }

  private static void perBlock(Report report, String figure, double bytes, double goal) {
    report.judge(
        figure,
        BLOCKS + " blocks",
        String.format(Locale.ROOT, "%.1f B, goal <= %.0f B", bytes, goal),
        bytes <= goal);
  }

  private static void pause() throws MeasuringException {
    try {
      TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    }
  }
}
