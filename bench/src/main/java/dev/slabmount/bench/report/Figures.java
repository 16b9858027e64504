package dev.slabmount.bench.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Figures that are measured one after the other within a given time. One thread.
 *
 * @param <P> where they are measured
 */
public final class Figures<P> {
  private final List<Figure<P>> all;

  /** These figures, in this order. */
  public Figures(List<Figure<P>> all) {
    this.all = List.copyOf(all);
  }

  /**
   * Those whose name the expression finds.
   *
   * @throws IllegalArgumentException if it is no expression, or finds none
   */
  public Figures<P> only(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--only '" + expression + "' is no regular expression: " + e.getDescription(), e);
    }
    List<Figure<P>> found = new ArrayList<>(all);
    found.removeIf(figure -> !pattern.matcher(figure.name()).find());
    if (found.isEmpty()) {
      List<String> names = all.stream().map(Figure::name).toList();
      throw new IllegalArgumentException(
          "--only '" + expression + "' finds none of " + String.join(", ", names));
    }
    return new Figures<>(found);
  }

  /**
   * Measures all of them, each in its share of the time.
   *
   * @param begin when the run began, by {@link System#nanoTime}
   * @param time that the run has from there
   * @param tidy takes away what a figure left, so that the next starts as the first did
   */
  public void measure(P place, Report report, long begin, Duration time, Runnable tidy) {
    int seconds = all.stream().mapToInt(Figure::seconds).sum();
    for (Figure<P> figure : all) {
      long figureBegin = System.nanoTime();
      Duration left = time.minusNanos(figureBegin - begin);
      try {
        figure.measure(place, report, Allowance.share(left, figure.seconds(), seconds));
      } catch (MeasuringException | RuntimeException e) {
        report.failed(figure.name(), e);
      } finally {
        tidy.run();
      }
      long took = (System.nanoTime() - figureBegin) / 1_000_000_000;
      report.say("# " + figure.name() + " took " + took + " s");
      seconds -= figure.seconds();
    }
  }
}
