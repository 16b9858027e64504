package dev.slabmount.bench.pool;

import dev.slabmount.bench.evict.MissRatioFigure;
import dev.slabmount.bench.report.Figures;
import dev.slabmount.bench.report.Machine;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * {@code PoolBench SECONDS [--only REGEX]}: measures every figure, or those whose name the
 * expression finds, within about so many seconds: on a slow machine in fewer rounds. Exit code: 0
 * when all was measured, whatever came out; 1 when something could not be; 2 for bad arguments.
 */
public final class PoolBench {
  private static final Figures<Peers> FIGURES =
      new Figures<>(
          List.of(
              new HitFigure(),
              new DirtyFigure(),
              new PinFigure(),
              new InsertFigure(),
              new SystemCallFigure(),
              new GarbageFigure(),
              new WeighFigure(),
              new PayloadFigure(),
              new MissRatioFigure<>()));

  private static final int UNMEASURED = 1;
  private static final int USAGE = 2;

  private PoolBench() {}

  /** Runs from the command line. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream complaints) {
    long begin = System.nanoTime();
    Figures<Peers> figures = FIGURES;
    Duration time;
    try {
      if (arguments.length != 1 && !(arguments.length == 3 && arguments[1].equals("--only"))) {
        throw new IllegalArgumentException("usage: SECONDS [--only REGEX]");
      }
      time = Duration.ofSeconds(Long.parseLong(arguments[0]));
      if (arguments.length == 3) {
        figures = FIGURES.only(arguments[2]);
      }
    } catch (IllegalArgumentException e) {
      complaints.println("bench-pool: " + e.getMessage());
      return USAGE;
    }
    Report report = new Report(out);
    try (Peers peers = new Peers()) {
      Runtime.getRuntime().addShutdownHook(new Thread(peers::close, "clean-up"));
      Machine.describe(report);
      peers.describe(report);
      figures.measure(peers, report, begin, time, peers::tidy);
    } catch (MeasuringException e) {
      report.failed("bench-pool", e);
    }
    report.say("# " + report.summary());
    return report.isComplete() ? 0 : UNMEASURED;
  }
}
