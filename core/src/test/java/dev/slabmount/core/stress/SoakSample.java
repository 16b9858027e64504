package dev.slabmount.core.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What a process holds at one moment.
 *
 * @param second when, from the start
 * @param residentKib memory that is backed
 * @param heapKib Java heap in use after a collection
 * @param threads threads, the JVM's own included
 * @param descriptors open files
 * @param mappings mapped ranges of address space
 */
record SoakSample(
    long second, long residentKib, long heapKib, long threads, long descriptors, long mappings) {

  /** Of this process, which collects its garbage for it. */
  static SoakSample take(final long second) {
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) { // The load goes on between a collection and the look.
      System.gc();
      final Runtime runtime = Runtime.getRuntime();
      heap = Math.min(heap, (runtime.totalMemory() - runtime.freeMemory()) >> 10);
    }
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"));
        Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"));
        Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
      final String resident =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow();
      return new SoakSample(
          second,
          Long.parseLong(resident.replaceAll("\\D", "")),
          heap,
          threads.count(),
          descriptors.count(),
          mappings.count());
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        "%4d s: %7d KiB resident, %6d KiB heap, %d threads, %d descriptors, %d mappings",
        second, residentKib, heapKib, threads, descriptors, mappings);
  }

  /**
   * What has grown, a line each: from the second third of the samples, when all code is compiled
   * and the pool is full, to the last.
   */
  static List<String> growth(final List<SoakSample> samples) {
    final List<String> growth = new ArrayList<>();
    compare(growth, "KiB resident", samples, SoakSample::residentKib, 24 << 10);
    compare(growth, "KiB of heap", samples, SoakSample::heapKib, 6 << 10);
    compare(growth, "threads", samples, SoakSample::threads, 3);
    compare(growth, "descriptors", samples, SoakSample::descriptors, 1);
    compare(growth, "mappings", samples, SoakSample::mappings, 24);
    return growth;
  }

  private static void compare(
      final List<String> growth,
      final String what,
      final List<SoakSample> samples,
      final ToLongFunction<SoakSample> figure,
      final long allowed) {
    final int third = samples.size() / 3;
    final long middle = leastOf(samples.subList(third, 2 * third), figure);
    final long last = leastOf(samples.subList(samples.size() - third, samples.size()), figure);
    if (last - middle > allowed) {
      growth.add(what + " grew from " + middle + " to " + last + ", by more than " + allowed);
    }
  }

  private static long leastOf(
      final List<SoakSample> samples, final ToLongFunction<SoakSample> figure) {
    return samples.stream().mapToLong(figure).min().orElse(0);
  }
}
