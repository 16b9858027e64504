package dev.slabmount.bench.report;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Objects;

/**
 * What was measured, one line for each figure and what it was measured with. A line that is judged
 * ends in {@code PASS} or {@code SHORT}; no other line has these words. One thread.
 */
public final class Report {
  private final PrintStream out;
  private int passed;
  private int fallenShort;
  private int unmeasured;

  /** Prints to this stream, which stays the caller's. */
  public Report(PrintStream out) {
    this.out = out;
  }

  /** A line that is not judged. */
  public void say(String line) {
    out.println(line);
    out.flush();
  }

  /** A ratio and the least that it should be. */
  public void ratio(String figure, String with, Ratio ratio, double goal, String remark) {
    judge(
        figure,
        with,
        String.format(Locale.ROOT, "%s, goal >= %.2f x; %s", ratio, goal, remark),
        ratio.median() >= goal);
  }

  /**
   * A judged line.
   *
   * @param with what it was measured with where there are several, as a transport or a number of
   *     threads; else empty
   */
  public void judge(String figure, String with, String measured, boolean reached) {
    String verdict = reached ? "PASS" : "SHORT";
    say(String.format(Locale.ROOT, "%-38s %-10s %s  %s", figure, with, measured, verdict));
    if (reached) {
      passed++;
    } else {
      fallenShort++;
    }
  }

  /** A figure that could not be measured. */
  public void failed(String figure, Exception why) {
    say(figure + " could not be measured: " + Objects.requireNonNullElse(why.getMessage(), why));
    unmeasured++;
  }

  /** Whether everything was measured. */
  public boolean isComplete() {
    return unmeasured == 0;
  }

  /** How it went, in words that no judged line has. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%d figures reached their goal, %d did not, %d could not be measured",
        passed,
        fallenShort,
        unmeasured);
  }
}
