package dev.slabmount.bench.evict;

import dev.slabmount.bench.report.Report;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who missed how much, and what follows from that.
 *
 * @param cells one for each trace and size
 */
public record MissRatios(List<Cell> cells) {
  private static final double MEAN_GOAL = 0.02;
  private static final double WORST_GOAL = 0.05;
  private static final List<Contender> RIVALS =
      List.of(Contender.LRU, Contender.CLOCK, Contender.W_TINY_LFU);

  /**
   * One trace with one size of cache.
   *
   * @param percent of the objects that fit
   * @param ratio misses by requests, 0 to 1
   */
  public record Cell(Trace trace, int percent, Map<Contender, Double> ratio) {
    /** Keeps a copy. */
    public Cell {
      ratio = Map.copyOf(new EnumMap<>(ratio));
    }

    double of(Contender contender) {
      return ratio.getOrDefault(contender, Double.NaN);
    }

    /** How much more the default misses than the best of the rivals; negative if less. */
    double worse() {
      double best = RIVALS.stream().mapToDouble(this::of).min().orElseThrow();
      return of(Contender.DEFAULT) / best - 1;
    }

    private String name() {
      return trace.title() + " " + percent + " %";
    }
  }

  /** Keeps a copy. */
  public MissRatios {
    cells = List.copyOf(cells);
  }

  /** The table, one line for each trace and size. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder(String.format("%-18s %5s", "miss ratio in %", "cache"));
    Stream.of(Contender.values()).forEach(c -> head.append(String.format(" %9s", c.title())));
    lines.add(head + "  default beside the best rival");
    for (Cell cell : cells) {
      StringBuilder line = new StringBuilder();
      line.append(String.format(Locale.ROOT, "%-18s %3d %%", cell.trace().title(), cell.percent()));
      for (Contender contender : Contender.values()) {
        line.append(String.format(Locale.ROOT, " %9.2f", 100 * cell.of(contender)));
      }
      lines.add(line + String.format(Locale.ROOT, "  %+.1f %%", 100 * cell.worse()));
    }
    return lines;
  }

  /** Prints the table and the judged lines. */
  public void judge(Report report) {
    table().forEach(line -> report.say("# " + line));
    List<Cell> judged = cells.stream().filter(cell -> cell.trace().isJudged()).toList();
    double mean = judged.stream().mapToDouble(Cell::worse).average().orElseThrow();
    double meanOfWorse =
        judged.stream().mapToDouble(cell -> Math.max(0, cell.worse())).average().orElseThrow();
    report.judge(
        "miss-ratio-mean",
        "",
        String.format(
            Locale.ROOT,
            "%+.2f %% beside the best of LRU, CLOCK, W-TinyLFU; %.2f %% if better counts as equal,"
                + " goal <= 2 %%",
            100 * mean,
            100 * meanOfWorse),
        meanOfWorse <= MEAN_GOAL);
    Cell worst = judged.stream().max((a, b) -> Double.compare(a.worse(), b.worse())).orElseThrow();
    report.judge(
        "miss-ratio-worst",
        "",
        String.format(
            Locale.ROOT, "%+.2f %% (%s), goal <= 5 %%", 100 * worst.worse(), worst.name()),
        worst.worse() <= WORST_GOAL);
    judgeBesideLru(report);
  }

  private void judgeBesideLru(Report report) {
    List<String> lost =
        cells.stream()
            .filter(cell -> cell.of(Contender.DEFAULT) > cell.of(Contender.LRU))
            .map(Cell::name)
            .toList();
    report.judge(
        "never-worse-than-lru",
        "",
        cells.size() + " traces and sizes, worse on " + (lost.isEmpty() ? "none" : lost),
        lost.isEmpty());
    List<Cell> scans = cells.stream().filter(cell -> cell.trace() == Trace.ZIPF_AND_SCANS).toList();
    List<String> measured =
        scans.stream()
            .map(cell ->
                String.format(
                    Locale.ROOT,
                    "%d %%: %.2f against %.2f",
                    cell.percent(),
                    100 * cell.of(Contender.DEFAULT),
                    100 * cell.of(Contender.LRU)))
            .toList();
    report.judge(
        "better-on-zipf-with-scans",
        "",
        String.join(", ", measured),
        scans.stream().allMatch(cell -> cell.of(Contender.DEFAULT) < cell.of(Contender.LRU)));
  }
}
