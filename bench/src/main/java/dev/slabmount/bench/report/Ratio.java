package dev.slabmount.bench.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What pairs of measurements say: how many times as fast one side is as the other.
 *
 * @param median of all pairs
 * @param low the first quartile
 * @param high the third quartile
 * @param pairs how many there were
 */
public record Ratio(double median, double low, double high, int pairs) {

  /** The ratio of each pair, summed up. */
  public static Ratio of(List<Double> ratios) {
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Ratio(
        quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted.length);
  }

  /** The middle value. */
  public static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return quantile(sorted, 0.5);
  }

  private static double quantile(double[] sorted, double fraction) {
    double at = fraction * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%.2f x (quartiles %.2f-%.2f, %d pairs)", median, low, high, pairs);
  }
}
