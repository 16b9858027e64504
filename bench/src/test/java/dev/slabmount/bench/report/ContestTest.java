package dev.slabmount.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose turn it is, what the pairs say, and how a line ends. */
class ContestTest {
  private static final Allowance PLENTY = Allowance.share(Duration.ofMinutes(1), 1, 1);

  private static final Duration SAMPLE = Duration.ofMillis(20);

  private final List<String> turns = new ArrayList<>();

  private Contest.Sample always(String name, double value) {
    return () -> {
      turns.add(name);
      return value;
    };
  }

  @Test
  void shouldMeasureInTurnAndLetEachBegin() throws Exception {
    new Contest().add("a", always("a", 1)).add("b", always("b", 1)).run(3, PLENTY);
    assertEquals(List.of("a", "b", "b", "a", "a", "b"), turns);
  }

  /** A sample that takes some time, and a run that has only so much left for it. */
  private static int roundsWithin(Duration left, int seconds, int allSeconds) throws Exception {
    Contest contest = new Contest();
    Contest.Sample sample =
        () -> {
          long end = System.nanoTime() + SAMPLE.toNanos();
          while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
          }
          return 1;
        };
    contest.add("a", sample).run(100, Allowance.share(left, seconds, allSeconds));
    return contest.rateRatio("a", "a").pairs();
  }

  @Test
  void shouldMeasureOneRoundEvenWhenNoTimeIsLeft() throws Exception {
    assertEquals(1, roundsWithin(Duration.ZERO, 1, 1));
    assertEquals(1, roundsWithin(Duration.ofSeconds(-5), 1, 2));
  }

  @Test
  void shouldMeasureThreeRoundsAtTheCostOfTheFiguresToCome() throws Exception {
    assertEquals(3, roundsWithin(SAMPLE.multipliedBy(1000), 1, 1_000_000));
  }

  @Test
  void shouldNotBeginARoundThatItsShareHasNoRoomFor() throws Exception {
    int rounds = roundsWithin(SAMPLE.multipliedBy(20), 1, 2);
    assertTrue(rounds <= 10, rounds + " rounds");
  }

  @Test
  void shouldFindWhoTakesTheLeastTime() throws Exception {
    Contest contest = new Contest().add("slow", always("slow", 3)).add("quick", always("quick", 2));
    assertEquals("quick", contest.run(3, PLENTY).quickest(List.of("slow", "quick")));
  }

  @Test
  void shouldCompareRatesAndTimesTheRightWayRound() throws Exception {
    Contest contest = new Contest().add("fast", always("fast", 30)).add("slow", always("slow", 10));
    contest.run(5, PLENTY);
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
    report.ratio("a", "dev", half, 0.5, "x");
    report.ratio("b", "libfuse", half, 0.51, "x");
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
