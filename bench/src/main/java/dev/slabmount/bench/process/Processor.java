package dev.slabmount.bench.process;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A processor that a client and its servers share, so that no wake-up crosses to another. */
public final class Processor {
  private Processor() {}

  /** The words that tie a command to {@link #last}. */
  public static List<String> pinning() throws MeasuringException {
    return List.of("taskset", "-c", last());
  }

  /** The number of the last processor that this process may use. */
  public static String last() throws MeasuringException {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Cpus_allowed_list:")) {
          String list = line.substring(line.indexOf(':') + 1).strip();
          return list.substring(Math.max(list.lastIndexOf(','), list.lastIndexOf('-')) + 1);
        }
      }
      throw new MeasuringException("/proc/self/status has no line Cpus_allowed_list");
    } catch (IOException e) {
      throw new MeasuringException("cannot read /proc/self/status", e);
    }
  }
}
