package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Ratio;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The lines about one load. */
final class LoadReport {
  private final Report report;
  private final Results results;
  private final Load load;
  private final String peer;
  private final Lineup lineup;

  LoadReport(Report report, Results results, Load load, String peer, Lineup lineup) {
    this.report = report;
    this.results = results;
    this.load = load;
    this.peer = peer;
    this.lineup = lineup;
  }

  void report(List<TransportKind> transports) {
    for (TransportKind transport : transports) {
      reportOurs(transport);
    }
    for (String name : List.of(Lineup.JFUSE, Lineup.JNR)) {
      if (lineup.missing(name) == null) {
        report.say(
            String.format(
                Locale.ROOT,
                "# %s %s: %s of C; %s",
                load.row(),
                name,
                results.rateRatio(load, name, peer),
                described(name)));
      }
    }
  }

  private void reportOurs(TransportKind transport) {
    String ours = Workplace.option(transport);
    Ratio rate = results.rateRatio(load, ours, peer);
    if (Rounds.areAll(report, load.row(), ours, rate)) {
      report.ratio(
          load.row(),
          ours,
          rate,
          load.goals().toC(transport),
          described(ours) + " against " + described(peer) + " (" + peer + ")");
    }
    OptionalDouble time = load.goals().time(transport);
    if (time.isPresent()) {
      reportTime(ours, time.getAsDouble());
    }
    OptionalDouble toJfuse = load.goals().toJfuse(transport);
    if (toJfuse.isPresent()) {
      reportToJfuse(ours, toJfuse.getAsDouble());
    }
  }

  private void reportTime(String ours, double goal) {
    Ratio ratio = results.timeRatio(load, ours, peer);
    if (Rounds.areAll(report, load.timeRow(), ours, ratio)) {
      report.judge(
          load.timeRow(),
          ours,
          String.format(
              Locale.ROOT,
              "%s, goal <= %.2f x; %.2f us an operation against %.2f us (%s)",
              ratio,
              goal,
              results.serverMicros(load, ours),
              results.serverMicros(load, peer),
              peer),
          ratio.median() <= goal);
    }
  }

  private void reportToJfuse(String ours, double goal) {
    String row = load.jfuseRow();
    String why = lineup.missing(Lineup.JFUSE);
    if (why != null) {
      report.failed(row + " " + ours, new MeasuringException("jFUSE does not run here: " + why));
      return;
    }
    Ratio ratio = results.rateRatio(load, ours, Lineup.JFUSE);
    if (Rounds.areAll(report, row, ours, ratio)) {
      report.ratio(row, ours, ratio, goal, described(ours) + " against " + described(Lineup.JFUSE));
    }
  }

  private String described(String name) {
    return String.format(
        Locale.ROOT,
        "%.0f/s (p50 %.1f us, p99 %.1f us, server CPU %.2f us)",
        results.rate(load, name),
        results.medianMicros(load, name),
        results.p99Micros(load, name),
        results.serverMicros(load, name));
  }
}
