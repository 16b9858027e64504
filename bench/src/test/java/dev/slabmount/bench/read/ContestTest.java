package dev.slabmount.bench.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.TransportKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose turn it is, what the pairs say, and how a line ends. */
class ContestTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final List<String> turns = new ArrayList<>();

  private Contest.Sample always(String name, double value) {
    return () -> {
      turns.add(name);
      return value;
    };
  }

  @Test
  void shouldMeasureInTurnAndLetEachBegin() throws Exception {
    new Contest().add("a", always("a", 1)).add("b", always("b", 1)).run(3, PATIENCE);
    assertEquals(List.of("a", "b", "b", "a", "a", "b"), turns);
  }

  @Test
  void shouldStopEarlyButNotBeforeThereIsAFigure() throws Exception {
    Contest contest = new Contest().add("a", always("a", 1)).add("b", always("b", 1));
    contest.run(100, Duration.ZERO);
    assertEquals(5, contest.rateRatio("a", "b").pairs());
  }

  @Test
  void shouldCompareRatesAndTimesTheRightWayRound() throws Exception {
    Contest contest = new Contest().add("fast", always("fast", 30)).add("slow", always("slow", 10));
    contest.run(5, PATIENCE);
    assertEquals(3, contest.rateRatio("fast", "slow").median());
    assertEquals(1.0 / 3, contest.timeRatio("fast", "slow").median(), 1e-9);
  }

  @Test
  void shouldTakeTheMedianOfTheRatiosAndNotTheRatioOfTheMedians() {
    Contest contest = new Contest();
    for (double machine : new double[] {1, 10, 100}) {
      contest.record("ours", 2 * machine);
      contest.record("theirs", machine);
    }
    Ratio ratio = contest.rateRatio("ours", "theirs");
    assertEquals(2, ratio.median());
    assertEquals(2, ratio.low());
    assertEquals(2, ratio.high());
  }

  @Test
  void shouldFindQuartilesBetweenSamples() {
    Ratio ratio = Ratio.of(List.of(4.0, 1.0, 3.0, 2.0));
    assertEquals(2.5, ratio.median());
    assertEquals(1.75, ratio.low());
    assertEquals(3.25, ratio.high());
  }

  @Test
  void shouldEndJudgedLinesInAWordThatNoOtherLineHas() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Report report = new Report(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    Ratio half = Ratio.of(List.of(0.5));
    report.ratio("a", TransportKind.DEV, half, 0.5, "x");
    report.ratio("b", TransportKind.LIBFUSE, half, 0.51, "x");
    assertTrue(report.isComplete());
    report.failed("c", new MeasuringException("broken"));
    report.say("# " + report.summary());
    assertFalse(report.isComplete());
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.get(0).matches("a +dev .* PASS"), lines.get(0));
    assertTrue(lines.get(1).matches("b +libfuse .* SHORT"), lines.get(1));
    assertFalse(lines.get(2).matches(".*(PASS|SHORT).*"), lines.get(2));
    assertFalse(lines.get(3).matches(".*(PASS|SHORT).*"), lines.get(3));
  }
}
