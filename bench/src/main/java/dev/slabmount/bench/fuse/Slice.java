package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Processor;
import dev.slabmount.bench.process.ProcessorTime;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What one run of the client showed.
 *
 * @param operations how many there were
 * @param seconds that they took
 * @param medianMicros of one operation
 * @param p99Micros of one operation
 * @param serverMicros of processor time that the server used, for each operation
 */
record Slice(
    long operations, double seconds, double medianMicros, double p99Micros, double serverMicros) {
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final int FIELDS = 6;
  private static final int MEDIAN = 2;
  private static final int P99 = 4;

  /** Runs the client on a server's mount. */
  static Slice of(Workplace place, Setting setting, Server server, List<String> load)
      throws MeasuringException {
    List<String> words = new ArrayList<>(List.of(Workplace.program("load")));
    if (setting.pinned()) {
      words.addAll(List.of("-c", Processor.last()));
    }
    words.addAll(load);
    ProcessorTime before = ProcessorTime.of(server.pid());
    String said = Command.run(place, AT_MOST, words);
    return parse(said, ProcessorTime.of(server.pid()).since(before));
  }

  /** Reads the client's line. */
  static Slice parse(String said, Duration server) throws MeasuringException {
    String[] fields = said.strip().split(" ", -1);
    if (fields.length != FIELDS) {
      throw new MeasuringException("load printed '" + said.strip() + "'");
    }
    try {
      long operations = Long.parseLong(fields[0]);
      return new Slice(
          operations,
          Double.parseDouble(fields[1]),
          Double.parseDouble(fields[MEDIAN]),
          Double.parseDouble(fields[P99]),
          server.toNanos() / 1e3 / operations);
    } catch (NumberFormatException e) {
      throw new MeasuringException("load printed '" + said.strip() + "'", e);
    }
  }

  /** Operations per second. */
  double rate() {
    return operations / seconds;
  }
}
