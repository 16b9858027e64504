package dev.slabmount.bench.fuse;

import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Ratio;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What all turns of a figure showed, load by load. One thread. */
final class Results {
  private final Map<Load, Contest> rates = new HashMap<>();
  private final Map<Load, Contest> serverMicros = new HashMap<>();
  private final Map<Load, Contest> medianMicros = new HashMap<>();
  private final Map<Load, Contest> p99Micros = new HashMap<>();

  Results(List<Load> loads) {
    for (Load load : loads) {
      for (Map<Load, Contest> each : List.of(rates, serverMicros, medianMicros, p99Micros)) {
        each.put(load, new Contest());
      }
    }
  }

  /** Remembers one slice of a contestant. */
  void record(Load load, String name, Slice slice) {
    of(rates, load).record(name, slice.rate());
    of(serverMicros, load).record(name, slice.serverMicros());
    of(medianMicros, load).record(name, slice.medianMicros());
    of(p99Micros, load).record(name, slice.p99Micros());
  }

  /** How many times as many operations per second one had as the other, pair by pair. */
  Ratio rateRatio(Load load, String name, String peer) {
    return of(rates, load).rateRatio(name, peer);
  }

  /** How many times as much processor time one's server used for an operation. */
  Ratio timeRatio(Load load, String name, String peer) {
    return of(serverMicros, load).rateRatio(name, peer);
  }

  /** Operations per second, in the middle. */
  double rate(Load load, String name) {
    return of(rates, load).median(name);
  }

  /** Processor time of the server for one operation, in the middle. */
  double serverMicros(Load load, String name) {
    return of(serverMicros, load).median(name);
  }

  /** The median of the slices' median latencies. */
  double medianMicros(Load load, String name) {
    return of(medianMicros, load).median(name);
  }

  /** The median of the slices' 99th percentiles. */
  double p99Micros(Load load, String name) {
    return of(p99Micros, load).median(name);
  }

  private static Contest of(Map<Load, Contest> contests, Load load) {
    Contest contest = contests.get(load);
    if (contest == null) {
      throw new IllegalArgumentException("no load of this figure: " + load);
    }
    return contest;
  }
}
