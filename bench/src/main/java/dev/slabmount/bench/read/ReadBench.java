package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Order;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Figures;
import dev.slabmount.bench.report.Machine;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * {@code ReadBench FOLDER SECONDS [--only REGEX] [--transport NAME]}: measures every figure, or
 * those whose name the expression finds, with both transports or one of them, within about so many
 * seconds: on a slow machine in fewer rounds. Exit code: 0 when all was measured, whatever came
 * out; 1 when something could not be; 2 for bad arguments.
 */
public final class ReadBench {
  /** Those that take the time they take come first, the one with the longest rounds last. */
  private static final Figures<Workplace> FIGURES =
      new Figures<>(
          List.of(
              new StuckReads(),
              new HeapGarbage(),
              new PageFaults(),
              new RandomRead(),
              new SmallFiles(),
              new Archive(),
              new Listing(),
              new SequentialRead()));

  private static final int UNMEASURED = 1;
  private static final int USAGE = 2;

  private ReadBench() {}

  /** Runs from the command line; the working folder is the project's root. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream complaints) {
    long begin = System.nanoTime();
    Order order;
    try {
      order = Order.of(arguments, FIGURES);
    } catch (IllegalArgumentException e) {
      complaints.println("bench-read: " + e.getMessage());
      return USAGE;
    }
    Report report = new Report(out);
    try (Workplace place =
        new Workplace(
            order.folder().toRealPath(), order.transports(), Servers.NEEDED, "bench-read")) {
      Runtime.getRuntime().addShutdownHook(new Thread(place::close, "clean-up"));
      describe(place, report);
      order.figures().measure(place, report, begin, order.time(), place::tidy);
    } catch (MeasuringException | IOException e) {
      report.failed("bench-read", e);
    }
    report.say("# " + report.summary());
    return report.isComplete() ? 0 : UNMEASURED;
  }

  /** What it is measured on. */
  private static void describe(Workplace place, Report report) throws MeasuringException {
    Machine.describe(report);
    String doctor =
        Command.run(place, Duration.ofSeconds(30), List.of(Servers.slabmount(), "doctor"));
    doctor
        .lines()
        .filter(line -> line.contains("libfuse"))
        .forEach(line -> report.say("# " + line));
  }
}
