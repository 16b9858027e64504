package dev.slabmount.bench.pool;

import java.util.Arrays;

/**
 * What each thread of a crew did in a time. Immutable by agreement.
 *
 * @param nanos how long it was
 * @param operations of each thread
 * @param cpuNanos processor time of each thread
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Tally(long nanos, long[] operations, long[] cpuNanos) {

  /** Operations per second of all threads together. */
  double rate() {
    return Arrays.stream(operations).sum() * 1e9 / nanos;
  }

  /** Operations that threads {@code from} to {@code to} did for each second of processor time. */
  double ratePerCpu(int from, int to) {
    long done = 0;
    long cpu = 0;
    for (int i = from; i < to; i++) {
      done += operations[i];
      cpu += cpuNanos[i];
    }
    return cpu == 0 ? 0 : done * 1e9 / cpu;
  }

  /** As words that {@link #ofWords} reads. */
  String toWords() {
    StringBuilder words = new StringBuilder().append(nanos);
    for (int i = 0; i < operations.length; i++) {
      words.append(' ').append(operations[i]).append(':').append(cpuNanos[i]);
    }
    return words.toString();
  }

  /**
   * Reads what {@link #toWords} wrote.
   *
   * @throws NumberFormatException if it did not
   */
  static Tally ofWords(String line) {
    String[] words = line.split(" ", -1);
    long[] operations = new long[words.length - 1];
    long[] cpuNanos = new long[words.length - 1];
    for (int i = 1; i < words.length; i++) {
      int colon = words[i].indexOf(':');
      operations[i - 1] = Long.parseLong(words[i].substring(0, Math.max(0, colon)));
      cpuNanos[i - 1] = Long.parseLong(words[i].substring(colon + 1));
    }
    return new Tally(Long.parseLong(words[0]), operations, cpuNanos);
  }
}
