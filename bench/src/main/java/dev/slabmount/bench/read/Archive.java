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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code tar cf - . | cat >/dev/null} of the JDK that runs this, when the kernel has all of it: in
 * its own folder, and through the mount.
 */
final class Archive implements Figure<Workplace> {
  private static final double GOAL = 0.8;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final int WARM_UPS = 2;
  private static final String PEER = "local";

  @Override
  public String name() {
    return "tar-jdk-warm";
  }

  @Override
  public int seconds() {
    return 40;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    Path jdk;
    try {
      jdk = Path.of(System.getProperty("java.home")).toRealPath();
    } catch (IOException e) {
      throw new MeasuringException("cannot find the JDK's folder", e);
    }
    Tree tree = Tree.snapshot(place, jdk);
    List<Server> servers = new ArrayList<>();
    try {
      Contest contest = new Contest();
      enter(place, contest, PEER, jdk);
      for (TransportKind transport : place.transports()) {
        servers.add(Servers.slabmount(place, List.of(), transport, tree));
        enter(place, contest, Workplace.option(transport), servers.getLast().folder());
      }
      contest.run(Contest.ROUNDS, allowance);
      for (TransportKind transport : place.transports()) {
        String ours = Workplace.option(transport);
        report.ratio(
            name(),
            Workplace.option(transport),
            contest.timeRatio(ours, PEER),
            GOAL,
            "%.0f ms against %.0f ms (local filesystem)"
                .formatted(contest.median(ours) * 1e3, contest.median(PEER) * 1e3));
      }
    } finally {
      servers.forEach(Server::close);
    }
  }

  private static void enter(Workplace place, Contest contest, String name, Path folder)
      throws MeasuringException {
    List<String> words =
        List.of("sh", "-c", "tar cf - -C \"$1\" . | cat >/dev/null", "sh", folder.toString());
    for (int i = 0; i < WARM_UPS; i++) {
      Command.run(place, AT_MOST, words);
    }
    contest.add(name, () -> Command.seconds(place, AT_MOST, words));
  }
}
