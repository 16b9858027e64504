package dev.slabmount.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures contestants in turn, so that each round's measurements see the same machine. The order
 * changes from round to round. One thread.
 */
public final class Contest {
  /** Rounds that a figure gets if time allows. */
  public static final int ROUNDS = 11;

  /** Rounds of a figure each of whose samples takes a mount of its own. */
  public static final int ROUNDS_OF_MOUNTS = 9;

  /** Fewer rounds than this are no figure, but better than none when time runs out. */
  private static final int ROUNDS_MIN = 3;

  /** One measurement: seconds, or operations per second. */
  @FunctionalInterface
  public interface Sample {
    /** Measures once. */
    double take() throws MeasuringException;
  }

  private final Map<String, Sample> contestants = new LinkedHashMap<>();
  private final Map<String, List<Double>> samples = new LinkedHashMap<>();

  /** Adds a contestant. */
  public Contest add(String name, Sample sample) {
    contestants.put(name, sample);
    return this;
  }

  /**
   * Runs up to so many rounds: as many as the allowance has room for if each takes as long as the
   * longest so far, but at least one.
   */
  public Contest run(int rounds, Allowance allowance) throws MeasuringException {
    long longest = 0;
    List<String> order = new ArrayList<>(contestants.keySet());
    for (int round = 0; round < rounds; round++) {
      if (round > 0 && !allowance.fits(longest, round < ROUNDS_MIN)) {
        break;
      }
      long begin = System.nanoTime();
      for (String name : order) {
        Sample sample = contestants.get(name);
        if (sample != null) {
          record(name, sample.take());
        }
      }
      order.addLast(order.removeFirst());
      longest = Math.max(longest, System.nanoTime() - begin);
    }
    return this;
  }

  /** Adds a sample that was taken elsewhere. */
  public void record(String name, double sample) {
    samples.computeIfAbsent(name, _ -> new ArrayList<>()).add(sample);
  }

  /** What a contestant reached, in the middle. */
  public double median(String name) {
    return Ratio.median(samplesOf(name));
  }

  /** Median and quartiles of what a contestant reached, as a ratio to one. */
  public Ratio spread(String name) {
    return Ratio.of(samplesOf(name));
  }

  /** Which of these takes the least time, where samples are seconds. */
  public String quickest(List<String> names) {
    return Collections.min(names, Comparator.comparingDouble(this::median));
  }

  /** How many times as many operations per second one has as the other. */
  public Ratio rateRatio(String name, String peer) {
    return ratio(samplesOf(name), samplesOf(peer));
  }

  /** How many times as fast one is as the other, where samples are seconds. */
  public Ratio timeRatio(String name, String peer) {
    return ratio(samplesOf(peer), samplesOf(name));
  }

  private static Ratio ratio(List<Double> above, List<Double> below) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < above.size(); i++) {
      ratios.add(above.get(i) / below.get(i));
    }
    return Ratio.of(ratios);
  }

  private List<Double> samplesOf(String name) {
    return samples.getOrDefault(name, List.of());
  }
}
