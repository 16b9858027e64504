package dev.slabmount.core.stress;

import dev.slabmount.core.pool.EvictionAlgorithm;
import java.time.Duration;
import java.util.Locale;

/**
 * What {@code scripts/stress.sh} and {@code scripts/soak.d/pool.sh} run, in a JVM each. Prints a
 * line per run that ends in PASS or FAIL; exits 1 after a FAIL, of which it prints the stack, and 2
 * if it is called wrongly.
 *
 * <pre>
 *   planted            the planted bugs, which have to be found
 *   model SEEDS        random operations beside the model
 *   threads SECONDS    many threads at once, with each eviction algorithm by turns
 *   soak SECONDS       one pool under load, with samples of what the process holds (make soak)
 * </pre>
 *
 * <p>{@code -Dslabmount.test.seed=N} sets the (first) seed.
 */
public final class StressCommand {
  private static final long SEED = Long.getLong("slabmount.test.seed", System.nanoTime());

  private StressCommand() {}

  /** See the class. */
  public static void main(final String... arguments) {
    final boolean passed;
    switch (arguments[0]) {
      case "planted" -> passed = planted();
      case "model" -> passed = model(Integer.parseInt(arguments[1]));
      case "soak" -> passed = soak(Integer.parseInt(arguments[1]));
      case "threads" -> passed = threads(Integer.parseInt(arguments[1]));
      default -> {
        System.err.println("stress: no such part: " + arguments[0]);
        System.exit(2);
        return;
      }
    }
    // Threads that hang must not keep the JVM.
    System.out.flush();
    Runtime.getRuntime().halt(passed ? 0 : 1);
  }

  private static boolean planted() {
    boolean passed = true;
    for (final PlantedBugs bug : PlantedBugs.values()) {
      final Verdict verdict = bug.hunt(SEED, Duration.ofMinutes(1));
      final Throwable failure = verdict.failure();
      final boolean found =
          failure != null && String.valueOf(failure.getMessage()).contains(bug.symptom);
      passed &= found;
      System.out.println(
          "planted " + bug + ": " + (found ? "found (" + bug.symptom + "): PASS" : "FAIL"));
      if (!found && failure != null) {
        failure.printStackTrace();
      }
    }
    for (final PlantedBugs bug :
        new PlantedBugs[] {
          PlantedBugs.FLUSH_TAKES_LATER_WRITES, PlantedBugs.FLUSH_WRITES_NOTHING
        }) {
      final boolean found = !bug.huntWithModel(SEED).passed();
      passed &= found;
      System.out.println(
          "planted " + bug + " beside the model: " + (found ? "found: PASS" : "FAIL"));
    }
    return passed;
  }

  private static boolean model(final int seeds) {
    return report("model", ModelRuns.run(PoolUnderTest.SHARDED, SEED, seeds));
  }

  private static boolean soak(final int seconds) {
    return report("soak", new PoolSoak(Duration.ofSeconds(seconds), SEED).run());
  }

  private static boolean threads(final int seconds) {
    boolean passed = true;
    final EvictionAlgorithm[] algorithms = EvictionAlgorithm.values();
    final Duration share = Duration.ofSeconds(seconds).dividedBy(algorithms.length);
    for (int i = 0; i < algorithms.length && passed; i++) {
      final StressRun run = new StressRun(PoolUnderTest.SHARDED, algorithms[i], SEED + i);
      passed = report("threads " + algorithms[i].name().toLowerCase(Locale.ROOT), run.run(share));
    }
    return passed;
  }

  private static boolean report(final String what, final Verdict verdict) {
    final Throwable failure = verdict.failure();
    System.out.println(what + " " + verdict.figures() + (failure == null ? ": PASS" : ": FAIL"));
    if (failure != null) {
      failure.printStackTrace();
    }
    return failure == null;
  }
}
