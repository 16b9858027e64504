package dev.slabmount.bench.fuse;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory of a process is in RAM. */
final class Resident {
  private static final String LINE = "VmRSS:";
  private static final double KIBIBYTES = 1024;

  private Resident() {}

  /** By {@code /proc/PID/status}. */
  static double mebibytes(long pid) throws MeasuringException {
    try {
      return parse(Files.readString(Path.of("/proc", String.valueOf(pid), "status")));
    } catch (IOException e) {
      throw new MeasuringException("cannot read the memory of process " + pid, e);
    }
  }

  /** Finds it in the text of such a file. */
  static double parse(String status) throws MeasuringException {
    for (String line : status.split("\n", -1)) {
      if (line.startsWith(LINE)) {
        String kibibytes = line.substring(LINE.length()).replace("kB", "").strip();
        return Long.parseLong(kibibytes) / KIBIBYTES;
      }
    }
    throw new MeasuringException("/proc/PID/status has no line " + LINE);
  }
}
