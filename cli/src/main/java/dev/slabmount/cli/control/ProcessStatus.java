package dev.slabmount.cli.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel says of a process, as files below {@code /proc} (proc_pid_status(5),
 * proc_pid_stat(5)). Nothing is remembered: each call reads. Any thread.
 */
public final class ProcessStatus {
  private static final int EFFECTIVE_ID_COLUMN = 2;

  /** The fields after the name, which may hold blanks itself and ends with the last parenthesis. */
  private static final int STATE = 0;

  private static final int START_TIME = 19;

  private ProcessStatus() {}

  /** The user with whose rights this process acts; -1 if that cannot be read. */
  public static long effectiveUser() {
    return selfField("Uid:", EFFECTIVE_ID_COLUMN, 10);
  }

  /** Memory of this process that is in RAM now, in bytes. */
  public static long residentBytes() {
    return kibibytes("VmRSS:");
  }

  /** The most memory of this process that ever was in RAM at once, in bytes. */
  public static long peakResidentBytes() {
    return kibibytes("VmHWM:");
  }

  /** Threads of this process, those of the JVM included. */
  public static long threads() {
    return selfField("Threads:", 1, 10);
  }

  /** Open descriptors of this process. */
  public static long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count() - 1; // that of the folder itself
    } catch (final IOException _) {
      return -1;
    }
  }

  /**
   * When a process started, in the kernel's clock ticks since the machine did: with its id this
   * names a process for good, since ids are used again. 0 if there is none, or it has ended and
   * only its parent has not taken notice.
   */
  public static long startTicks(final long pid) {
    try {
      final String line =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      final List<String> fields =
          List.of(line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1));
      final boolean ended = "ZX".contains(fields.get(STATE));
      return ended ? 0 : Long.parseLong(fields.get(START_TIME));
    } catch (final IOException | RuntimeException _) {
      return 0; // It has ended, perhaps while we read.
    }
  }

  private static long kibibytes(final String name) {
    return Math.max(0, selfField(name, 1, 10)) * 1024;
  }

  private static long selfField(final String name, final int column, final int radix) {
    return field(Path.of("/proc/self/status"), name, column, radix);
  }

  /** A number in a file of the form of {@code /proc/self/status}; -1 if it cannot be read. */
  public static long field(final Path file, final String name, final int column, final int radix) {
    try {
      for (final String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(name)) {
          return Long.parseUnsignedLong(line.split("\\s+", -1)[column], radix);
        }
      }
    } catch (final IOException | RuntimeException _) {
      // As if it were not there.
    }
    return -1;
  }
}
