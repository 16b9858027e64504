package dev.slabmount.bench.process;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much processor time the threads of a process have used so far, in user and kernel mode. From
 * {@code /proc/PID/task/TID/schedstat}, whose first number is nanoseconds; {@code /proc/PID/stat}
 * counts only hundredths of a second. Immutable.
 */
public final class ProcessorTime {
  private final Map<String, Long> nanosByThread;

  private ProcessorTime(Map<String, Long> nanosByThread) {
    this.nanosByThread = nanosByThread;
  }

  /** What the threads of a process have used by now. */
  public static ProcessorTime of(long pid) throws MeasuringException {
    Map<String, Long> nanos = new HashMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        read(thread, nanos);
      }
    } catch (IOException | NumberFormatException e) {
      throw new MeasuringException("cannot read the processor time of process " + pid, e);
    }
    return new ProcessorTime(nanos);
  }

  private static void read(Path thread, Map<String, Long> nanos) throws IOException {
    try {
      String figures = Files.readString(thread.resolve("schedstat"));
      String name = String.valueOf(thread.getFileName());
      nanos.put(name, Long.parseLong(figures.substring(0, figures.indexOf(' '))));
    } catch (NoSuchFileException e) {
      return; // It has ended since the list was made.
    }
  }

  /** Made of these threads and nanoseconds. */
  static ProcessorTime of(Map<String, Long> nanosByThread) {
    return new ProcessorTime(Map.copyOf(nanosByThread));
  }

  /** What was used since then by the threads that are there now. */
  public Duration since(ProcessorTime before) {
    long nanos = 0;
    for (Map.Entry<String, Long> thread : nanosByThread.entrySet()) {
      nanos += thread.getValue() - before.nanosByThread.getOrDefault(thread.getKey(), 0L);
    }
    return Duration.ofNanos(nanos);
  }
}
