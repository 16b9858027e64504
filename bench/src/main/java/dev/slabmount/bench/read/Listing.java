package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * {@code ls -lR} of 200 000 entries: once on a fresh mount, and again when the kernel has seen it
 * all. The C filesystem has the same names, attributes, timeouts and cache flags, and its entries
 * come with attributes too. Before the cold listing a smaller tree in the same mount is listed, for
 * the compiler of a JVM that has just started.
 */
final class Listing implements Figure<Workplace> {
  private static final double GOAL_COLD = 0.8;
  private static final double GOAL_WARM = 0.95;
  private static final int FOLDERS = 400;
  private static final int FILES_IN_EACH = 499;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final String PEER = "C";

  /** What one mount shows: seconds of the first listing and of the second. */
  private record Times(double cold, double warm) {}

  @Override
  public String name() {
    return "ls-lR-200k";
  }

  @Override
  public int seconds() {
    return 130;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    Path listing = place.path("names.listing");
    Tree tree = Tree.ofNames(place, FOLDERS, FILES_IN_EACH, listing);
    Contest cold = new Contest();
    Contest warm = new Contest();
    enter(
        place,
        cold,
        warm,
        PEER,
        () -> Servers.listfs(place, List.of(), listing, "-t", "86400", "-k"));
    for (TransportKind transport : place.transports()) {
      enter(
          place,
          cold,
          warm,
          Workplace.option(transport),
          () -> Servers.slabmount(place, List.of(), transport, tree));
    }
    cold.run(Contest.ROUNDS_OF_MOUNTS, allowance);
    for (TransportKind transport : place.transports()) {
      report(report, transport, cold, "cold", GOAL_COLD);
      report(report, transport, warm, "warm", GOAL_WARM);
    }
  }

  /** A way to mount. */
  @FunctionalInterface
  private interface Mounting {
    Server mount() throws MeasuringException;
  }

  /** A cold sample brings the warm one with it. */
  private static void enter(
      Workplace place, Contest cold, Contest warm, String name, Mounting mounting) {
    cold.add(
        name,
        () -> {
          Times times = times(place, mounting);
          warm.record(name, times.warm);
          return times.cold;
        });
  }

  private static Times times(Workplace place, Mounting mounting) throws MeasuringException {
    try (Server server = mounting.mount()) {
      list(place, server, Tree.WARM_UP);
      double first = list(place, server, Tree.NAMES);
      return new Times(first, list(place, server, Tree.NAMES));
    }
  }

  private static double list(Workplace place, Server server, String folder)
      throws MeasuringException {
    return Command.seconds(
        place, AT_MOST, List.of("ls", "-lR", server.folder().resolve(folder).toString()));
  }

  private void report(
      Report report, TransportKind transport, Contest contest, String state, double goal) {
    String ours = Workplace.option(transport);
    report.ratio(
        name() + "-" + state,
        Workplace.option(transport),
        contest.timeRatio(ours, PEER),
        goal,
        "%.0f ms against %.0f ms (C, same timeouts, readdirplus)"
            .formatted(contest.median(ours) * 1e3, contest.median(PEER) * 1e3));
  }
}
