package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Order;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Machine;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.FuseLibrary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code FuseBench FOLDER SECONDS [--only REGEX] [--transport NAME]}: measures every figure, or
 * those whose name the expression finds, with both transports or one of them, within about so many
 * seconds. Exit code: 0 when all was measured, whatever came out; 1 when something could not be,
 * because the time was over, say; 2 for bad arguments.
 */
public final class FuseBench {
  private static final int UNMEASURED = 1;
  private static final int USAGE = 2;

  private FuseBench() {}

  /** Runs from the command line; the working folder is the project's root. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream complaints) {
    long begin = System.nanoTime();
    Order order;
    try {
      order = Order.of(arguments, Table.figures());
    } catch (IllegalArgumentException e) {
      complaints.println("bench-fuse: " + e.getMessage());
      return USAGE;
    }
    Report report = new Report(out);
    List<Path> needed =
        List.of(
            Lineup.JAR, Path.of(Workplace.program("memfs")), Path.of(Workplace.program("load")));
    try (Workplace place =
        new Workplace(order.folder().toRealPath(), order.transports(), needed, "bench-fuse")) {
      Runtime.getRuntime().addShutdownHook(new Thread(place::close, "clean-up"));
      Machine.describe(report);
      report.say("# " + FuseLibrary.describe());
      order.figures().measure(place, report, begin, order.time(), place::tidy);
    } catch (MeasuringException | IOException e) {
      report.failed("bench-fuse", e);
    }
    report.say("# " + report.summary());
    return report.isComplete() ? 0 : UNMEASURED;
  }
}
