package dev.slabmount.bench.read;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the figures were measured on, for whoever reads them later. */
final class Machine {
  private static final Path PROC = Path.of("/proc");

  private Machine() {}

  /** Prints machine, kernel, Java, libfuse and flags. */
  static void describe(Workplace place, Report report) throws MeasuringException {
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
    String doctor =
        Command.run(place, Duration.ofSeconds(30), List.of(Workplace.slabmount(), "doctor"));
    doctor
        .lines()
        .filter(line -> line.contains("libfuse"))
        .forEach(line -> report.say("# " + line));
  }

  /** Bytes of memory that programs can still have. */
  static long availableMemory() throws MeasuringException {
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
