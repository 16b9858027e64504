package dev.slabmount.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the figures were measured on, for whoever reads them later. */
public final class Machine {
  private static final Path PROC = Path.of("/proc");

  private Machine() {}

  /** Prints machine, kernel and Java. */
  public static void describe(Report report) throws MeasuringException {
    try {
      report.say(
          "# machine: "
              + valueOf(PROC.resolve("cpuinfo"), "model name")
              + ", "
              + Runtime.getRuntime().availableProcessors()
              + " CPUs, "
              + valueOf(PROC.resolve("meminfo"), "MemTotal")
              + " of memory, load "
              + Files.readString(PROC.resolve("loadavg")).strip());
      report.say("# kernel: " + Files.readString(PROC.resolve("version")).strip());
    } catch (IOException e) {
      throw new MeasuringException("cannot read /proc", e);
    }
    report.say("# Java: " + Runtime.version() + ", " + System.getProperty("java.vm.name"));
  }

  /** Bytes of memory that programs can still have. */
  public static long availableMemory() throws MeasuringException {
    try {
      String value = valueOf(PROC.resolve("meminfo"), "MemAvailable");
      return Long.parseLong(value.substring(0, value.indexOf(' '))) << 10;
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      throw new MeasuringException("cannot read how much memory there is", e);
    }
  }

  private static String valueOf(Path file, String key) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(key)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }
}
