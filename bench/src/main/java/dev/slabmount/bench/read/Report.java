package dev.slabmount.bench.read;

import dev.slabmount.fuse.TransportKind;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Objects;

/**
 * What was measured, one line for each figure and transport. A line that is judged ends in {@code
 * PASS} or {@code SHORT}; no other line has these words. One thread.
 */
final class Report {
  private final PrintStream out;
  private int passed;
  private int fallenShort;
  private int unmeasured;

  Report(PrintStream out) {
    this.out = out;
  }

  /** A line that is not judged. */
  void say(String line) {
    out.println(line);
    out.flush();
  }

  /** A ratio and the least that it should be. */
  void ratio(String figure, TransportKind transport, Ratio ratio, double goal, String remark) {
    judge(
        figure,
        Workplace.option(transport),
        String.format(Locale.ROOT, "%s, goal >= %.2f x; %s", ratio, goal, remark),
        ratio.median() >= goal);
  }

  /** A judged line. */
  void judge(String figure, String transport, String measured, boolean reached) {
    String verdict = reached ? "PASS" : "SHORT";
    say(String.format(Locale.ROOT, "%-30s %-7s %s  %s", figure, transport, measured, verdict));
    if (reached) {
      passed++;
    } else {
      fallenShort++;
    }
  }

  /** A figure that could not be measured. */
  void failed(String figure, Exception why) {
    say(figure + " could not be measured: " + Objects.requireNonNullElse(why.getMessage(), why));
    unmeasured++;
  }

  /** Whether everything was measured. */
  boolean isComplete() {
    return unmeasured == 0;
  }

  /** How it went, in words that no judged line has. */
  String summary() {
    return String.format(
        Locale.ROOT,
        "%d figures reached their goal, %d did not, %d could not be measured",
        passed,
        fallenShort,
        unmeasured);
  }
}
