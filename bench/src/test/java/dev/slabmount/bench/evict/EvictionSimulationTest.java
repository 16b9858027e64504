package dev.slabmount.bench.evict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.evict.MissRatios.Cell;
import dev.slabmount.bench.report.Report;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvictionSimulationTest {
  private static final Map<Contender, Double> EVEN =
      Map.of(
          Contender.DEFAULT, 0.50,
          Contender.S3_FIFO, 0.50,
          Contender.LRU, 0.60,
          Contender.CLOCK, 0.55,
          Contender.W_TINY_LFU, 0.50,
          Contender.BELADY, 0.30);

  private static String report(List<Cell> cells) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new MissRatios(cells).judge(new Report(new PrintStream(out, true, StandardCharsets.UTF_8)));
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Cell cell(Trace trace, double ours) {
    Map<Contender, Double> ratios = new EnumMap<>(EVEN);
    ratios.put(Contender.DEFAULT, ours);
    return new Cell(trace, 10, ratios);
  }

  /** Every trace even, but one. */
  private static List<Cell> allEvenBut(Trace other, double ours) {
    List<Cell> cells = new ArrayList<>();
    for (Trace trace : Trace.values()) {
      cells.add(cell(trace, trace == other ? ours : 0.50));
    }
    return cells;
  }

  private static void assertVerdict(String report, String figure, String verdict) {
    List<String> lines = report.lines().filter(line -> line.startsWith(figure + " ")).toList();
    assertEquals(1, lines.size(), report);
    assertTrue(lines.getFirst().endsWith(verdict), lines.getFirst());
  }

  @Test
  void shouldPassWhatIsAsGoodAsTheBest() {
    String report = report(allEvenBut(Trace.ZIPF_07, 0.50));
    assertEquals(4, report.lines().filter(line -> line.endsWith("  PASS")).count(), report);
    assertTrue(report.contains("# zipf 0.99           10 %     50.00"), report);
  }

  @Test
  void shouldFailAMeanThatHidesNothingBehindWhatIsBetter() {
    List<Cell> cells = new ArrayList<>();
    for (Trace trace : Trace.values()) { // Four of six are 4 % worse, two are far better.
      cells.add(cell(trace, trace.title().startsWith("zipf") ? 0.52 : 0.30));
    }
    String report = report(cells);
    assertVerdict(report, "miss-ratio-mean", "SHORT");
    assertVerdict(report, "miss-ratio-worst", "PASS");
  }

  @Test
  void shouldFailTheWorstTraceButNoLoop() {
    assertVerdict(report(allEvenBut(Trace.SCAN, 0.53)), "miss-ratio-worst", "SHORT");
    assertVerdict(report(allEvenBut(Trace.LOOP, 0.60)), "miss-ratio-worst", "PASS");
    assertVerdict(report(allEvenBut(Trace.SHORT_LOOP, 0.60)), "miss-ratio-worst", "PASS");
  }

  @Test
  void shouldFailWhateverIsWorseThanLruAnywhere() {
    for (Trace trace : Trace.values()) {
      assertVerdict(report(allEvenBut(trace, 0.601)), "never-worse-than-lru", "SHORT");
    }
    assertVerdict(report(allEvenBut(Trace.LOOP, 0.60)), "never-worse-than-lru", "PASS");
  }

  @Test
  void shouldFailWhatIsNoBetterThanLruOnZipfWithScans() {
    String even = report(allEvenBut(Trace.ZIPF_AND_SCANS, 0.60));
    assertVerdict(even, "better-on-zipf-with-scans", "SHORT");
  }

  @Test
  void shouldRunEveryTraceWithBothSizes() throws Exception {
    MissRatios ratios = EvictionSimulation.run(2_000, 40_000);
    assertEquals(2 * Trace.values().length, ratios.cells().size());
    assertEquals(2 * Trace.values().length + 1, ratios.table().size());
    for (Cell cell : ratios.cells()) {
      assertTrue(cell.of(Contender.BELADY) > 0, cell.toString());
      if (cell.percent() == 10 && cell.trace() != Trace.SCAN) {
        assertTrue(cell.of(Contender.DEFAULT) <= cell.of(Contender.LRU), cell.toString());
      }
    }
  }
}
