package dev.slabmount.bench.read;

import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * {@code ReadBench FOLDER [--only REGEX] [--transport NAME]}: measures every figure, or those whose
 * name the expression finds, with both transports or one of them. Exit code: 0 when all was
 * measured, whatever came out; 1 when something could not be; 2 for bad arguments.
 */
public final class ReadBench {
  private static final List<Figure> FIGURES =
      List.of(
          new RandomRead(),
          new SequentialRead(),
          new Listing(),
          new SmallFiles(),
          new Archive(),
          new StuckReads(),
          new HeapGarbage(),
          new PageFaults());

  private static final int UNMEASURED = 1;
  private static final int USAGE = 2;

  private ReadBench() {}

  /** Runs from the command line; the working folder is the project's root. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    Pattern only = Pattern.compile("");
    List<TransportKind> transports = List.of(TransportKind.values());
    try {
      for (int i = 1; i < arguments.length; i += 2) {
        String value = arguments[i + 1];
        switch (arguments[i]) {
          case "--only" -> only = Pattern.compile(value);
          case "--transport" ->
              transports = List.of(TransportKind.valueOf(value.toUpperCase(Locale.ROOT)));
          default -> throw new IllegalArgumentException(arguments[i]);
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      System.err.println(
          "bench-read: '"
              + String.join(" ", arguments)
              + "' is not FOLDER [--only REGEX] [--transport libfuse|dev]: "
              + e.getMessage());
      return USAGE;
    }
    Report report = new Report(System.out);
    try (Workplace place = new Workplace(Path.of(arguments[0]).toRealPath(), transports)) {
      Runtime.getRuntime().addShutdownHook(new Thread(place::close, "clean-up"));
      Machine.describe(place, report);
      for (Figure figure : chosen(only)) {
        long begin = System.nanoTime();
        measure(figure, place, report);
        report.say(
            "# " + figure.name() + " took " + (System.nanoTime() - begin) / 1_000_000_000 + " s");
      }
    } catch (MeasuringException | IOException e) {
      report.failed("bench-read", e);
    }
    report.say("# " + report.summary());
    return report.isComplete() ? 0 : UNMEASURED;
  }

  private static List<Figure> chosen(Pattern only) {
    List<Figure> chosen = new ArrayList<>(FIGURES);
    chosen.removeIf(figure -> !only.matcher(figure.name()).find());
    return chosen;
  }

  /** One figure; what it leaves behind is taken away, so that the next starts as the first did. */
  private static void measure(Figure figure, Workplace place, Report report) {
    try {
      figure.measure(place, report);
    } catch (MeasuringException | RuntimeException e) {
      report.failed(figure.name(), e);
    } finally {
      place.tidy();
    }
  }
}
