package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the hot operations allocate on the heap, as JMH's gc profiler has it. */
final class GarbageFigure implements Figure<Peers> {
  private static final double GOAL = 0.01;
  private static final String PER_OPERATION = "gc.alloc.rate.norm";
  private static final List<String> OPERATIONS = List.of("hit", "modify", "hasDirty");

  private static final int WARM_UPS = 3;
  private static final int ITERATIONS = 1;

  /** Long, because JMH itself allocates about 200 KiB in each iteration, whatever it measures. */
  private static final int SECONDS = 10;

  /** JMH's own libraries use what the JDK warns of. */
  private static final String NO_WARNING = "--sun-misc-unsafe-memory-access=allow";

  private static final int THREADS = 2;

  @Override
  public String name() {
    return "garbage";
  }

  @Override
  public int seconds() {
    return 55;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    for (String operation : OPERATIONS) {
      double bytes = perOperation(operation);
      report.judge(
          "heap-bytes-per-" + operation,
          Pairs.threads(THREADS),
          String.format(Locale.ROOT, "%.5f B (JMH -prof gc), goal < %.2f B", bytes, GOAL),
          bytes < GOAL);
    }
  }

  private static double perOperation(String operation) throws MeasuringException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include("\\." + PoolBenchmark.class.getSimpleName() + "\\." + operation + "$")
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true)
        .addProfiler(GCProfiler.class)
        .jvmArgs(Peers.FLAGS.toArray(String[]::new))
        .jvmArgsAppend(NO_WARNING)
        .forks(1)
        .threads(THREADS)
        .warmupIterations(WARM_UPS)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(ITERATIONS)
        .measurementTime(TimeValue.seconds(SECONDS));
    Collection<RunResult> results;
    try {
      results = new Runner(options.build()).run();
    } catch (RunnerException e) {
      throw new MeasuringException("JMH cannot run PoolBenchmark." + operation, e);
    }
    for (RunResult result : results) {
      Result<?> garbage = result.getSecondaryResults().get(PER_OPERATION);
      if (garbage != null) {
        return garbage.getScore();
      }
    }
    throw new MeasuringException("JMH's gc profiler says nothing of " + operation);
  }
}
