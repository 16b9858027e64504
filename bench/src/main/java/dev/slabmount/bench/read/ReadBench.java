package dev.slabmount.bench.read;

import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * {@code ReadBench FOLDER SECONDS [--only REGEX] [--transport NAME]}: measures every figure, or
 * those whose name the expression finds, with both transports or one of them, within about so many
 * seconds: on a slow machine in fewer rounds. Exit code: 0 when all was measured, whatever came
 * out; 1 when something could not be; 2 for bad arguments.
 */
public final class ReadBench {
  /** Those that take the time they take come first, the one with the longest rounds last. */
  private static final List<Figure> FIGURES =
      List.of(
          new StuckReads(),
          new HeapGarbage(),
          new PageFaults(),
          new RandomRead(),
          new SmallFiles(),
          new Archive(),
          new Listing(),
          new SequentialRead());

  private static final int UNMEASURED = 1;
  private static final int USAGE = 2;

  private ReadBench() {}

  /** Runs from the command line; the working folder is the project's root. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** What the command line asks for. */
  private record Order(
      Path folder, Duration left, List<Figure> figures, List<TransportKind> transports) {}

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream complaints) {
    long begin = System.nanoTime();
    Order order;
    try {
      order = order(arguments);
    } catch (IllegalArgumentException e) {
      complaints.println("bench-read: " + e.getMessage());
      return USAGE;
    }
    Report report = new Report(out);
    try (Workplace place = new Workplace(order.folder.toRealPath(), order.transports)) {
      Runtime.getRuntime().addShutdownHook(new Thread(place::close, "clean-up"));
      Machine.describe(place, report);
      int seconds = order.figures.stream().mapToInt(Figure::seconds).sum();
      for (Figure figure : order.figures) {
        Duration left = order.left.minusNanos(System.nanoTime() - begin);
        measure(figure, place, report, Allowance.share(left, figure.seconds(), seconds));
        seconds -= figure.seconds();
      }
    } catch (MeasuringException | IOException e) {
      report.failed("bench-read", e);
    }
    report.say("# " + report.summary());
    return report.isComplete() ? 0 : UNMEASURED;
  }

  private static Order order(String[] arguments) {
    if (arguments.length < 2 || arguments.length % 2 != 0) {
      throw new IllegalArgumentException(
          "usage: FOLDER SECONDS [--only REGEX] [--transport libfuse|dev]");
    }
    Path folder = Path.of(arguments[0]);
    Duration left = Duration.ofSeconds(Long.parseLong(arguments[1]));
    List<Figure> figures = FIGURES;
    List<TransportKind> transports = List.of(TransportKind.values());
    for (int i = 2; i < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--only" -> figures = found(value);
        case "--transport" -> transports = List.of(transport(value));
        default ->
            throw new IllegalArgumentException(
                "unknown option '" + arguments[i] + "'; there are --only and --transport");
      }
    }
    return new Order(folder, left, figures, transports);
  }

  private static TransportKind transport(String name) {
    for (TransportKind transport : TransportKind.values()) {
      if (Workplace.option(transport).equals(name.toLowerCase(Locale.ROOT))) {
        return transport;
      }
    }
    throw new IllegalArgumentException("--transport is libfuse or dev, not '" + name + "'");
  }

  private static List<Figure> found(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--only '" + expression + "' is no regular expression: " + e.getDescription(), e);
    }
    List<Figure> found = new ArrayList<>(FIGURES);
    found.removeIf(figure -> !pattern.matcher(figure.name()).find());
    if (found.isEmpty()) {
      List<String> names = FIGURES.stream().map(Figure::name).toList();
      throw new IllegalArgumentException(
          "--only '" + expression + "' finds none of " + String.join(", ", names));
    }
    return found;
  }

  /** One figure; what it leaves behind is taken away, so that the next starts as the first did. */
  private static void measure(Figure figure, Workplace place, Report report, Allowance allowance) {
    long begin = System.nanoTime();
    try {
      figure.measure(place, report, allowance);
    } catch (MeasuringException | RuntimeException e) {
      report.failed(figure.name(), e);
    } finally {
      place.tidy();
    }
    report.say(
        "# " + figure.name() + " took " + (System.nanoTime() - begin) / 1_000_000_000 + " s");
  }
}
