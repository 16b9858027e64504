package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.BenchmarkResultMetaData;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What the hot operations allocate on the heap, by the counters of the threads that work, and by
 * JMH's.
 */
final class GarbageFigure implements Figure<Peers> {
  private static final double GOAL = 0.01;
  private static final String PER_OPERATION = "gc.alloc.rate.norm";

  /** {@link PoolBenchmark.Worker#threadHeapBytes}: of all threads and iterations. */
  private static final String THREAD_BYTES = "threadHeapBytes";

  /** It uses no pool and allocates nothing: what is seen there is JMH's. */
  private static final String BASE = "copy";

  private static final List<String> OPERATIONS = List.of("hit", "modify", "hasDirty");

  private static final int WARM_UPS = 2;
  private static final int ITERATIONS = 1;

  /** Long, because JMH itself allocates about 200 KiB in each iteration, whatever it measures. */
  private static final int SECONDS = 8;

  /** JMH's own libraries use what the JDK warns of. */
  private static final String NO_WARNING = "--sun-misc-unsafe-memory-access=allow";

  private static final int THREADS = 2;

  @Override
  public String name() {
    return "garbage";
  }

  @Override
  public int seconds() {
    return 60;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    for (String operation : OPERATIONS) {
      Garbage garbage = garbage(operation);
      report.judge(
          "heap-bytes-per-" + operation,
          Pairs.threads(THREADS),
          String.format(
              Locale.ROOT,
              "%.5f B, allocated by the threads that work, goal < %.2f B; %s",
              garbage.ofThreads,
              GOAL,
              garbage.ofProcess()),
          garbage.ofThreads < GOAL);
    }
    report.say("# heap bytes of a bare copy, beside: " + garbage(BASE).ofProcess());
  }

  /**
   * What one operation allocates.
   *
   * @param ofThreads by the counters of the threads that do it
   * @param ofAll by JMH's profiler, which divides what the whole process allocates
   * @param operations in the time in which that was counted
   */
  private record Garbage(double ofThreads, double ofAll, long operations) {
    String ofProcess() {
      return String.format(
          Locale.ROOT,
          "JMH -prof gc, its own threads included: %.5f B; %.1f M operations",
          ofAll,
          operations / 1e6);
    }
  }

  private static Garbage garbage(String operation) throws MeasuringException {
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
      Result<?> ofAll = result.getSecondaryResults().get(PER_OPERATION);
      Result<?> ofThreads = result.getSecondaryResults().get(THREAD_BYTES);
      long operations = 0;
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        BenchmarkResultMetaData counted = fork.getMetadata();
        operations += counted == null ? 0 : counted.getMeasurementOps();
      }
      if (ofAll != null && ofThreads != null && operations > 0) {
        return new Garbage(ofThreads.getScore() / operations, ofAll.getScore(), operations);
      }
    }
    throw new MeasuringException("JMH does not say what is allocated by " + operation);
  }
}
