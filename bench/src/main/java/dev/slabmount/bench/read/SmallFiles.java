package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Processor;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Open, read and close of 2000 cached files of 2 KiB, client and servers on one processor, where
 * the C filesystem is at its best. The judged peer has the low-level interface's default flags: no
 * timeouts, pages dropped at each open. A second one, which may keep names and attributes for a
 * second, is there for a comment. Each runs in both of libfuse's loops, and the better one counts.
 */
final class SmallFiles implements Figure<Workplace> {
  private static final double GOAL = 8;
  private static final int FILES = 2000;
  private static final int FILE_BYTES = 2 << 10;
  private static final String PASSES = "10";
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final List<String> NO_TIMEOUTS =
      List.of("C, default flags, one thread", "C, default flags, libfuse's threads");
  private static final List<String> ONE_SECOND =
      List.of("C, timeouts of 1 s, one thread", "C, timeouts of 1 s, libfuse's threads");

  @Override
  public String name() {
    return "open-read-close-2000-one-cpu";
  }

  @Override
  public int seconds() {
    return 40;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    List<String> pinned = Processor.pinning();
    Path original = place.newFolder("original");
    Path listing = place.path("small-files.listing");
    makeFiles(original, listing);
    Tree tree = Tree.snapshot(place, original);
    List<Server> servers = new ArrayList<>();
    try {
      Contest contest = new Contest();
      servers.add(Servers.listfs(place, pinned, listing, "-s"));
      enter(place, contest, NO_TIMEOUTS.get(0), pinned, servers.getLast());
      servers.add(Servers.listfs(place, pinned, listing));
      enter(place, contest, NO_TIMEOUTS.get(1), pinned, servers.getLast());
      servers.add(Servers.listfs(place, pinned, listing, "-t", "1", "-s"));
      enter(place, contest, ONE_SECOND.get(0), pinned, servers.getLast());
      servers.add(Servers.listfs(place, pinned, listing, "-t", "1"));
      enter(place, contest, ONE_SECOND.get(1), pinned, servers.getLast());
      for (TransportKind transport : place.transports()) {
        servers.add(Servers.slabmount(place, pinned, transport, tree));
        enter(place, contest, Workplace.option(transport), pinned, servers.getLast());
      }
      contest.run(Contest.ROUNDS, allowance);
      report(place, report, contest);
    } finally {
      servers.forEach(Server::close);
    }
  }

  private static void makeFiles(Path original, Path listing) throws MeasuringException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < FILES; i++) {
      Path file = Tree.randomFile(original.resolve("f" + i), FILE_BYTES, i);
      lines.append("f\t644\t1700000000\tf").append(i).append('\t').append(FILE_BYTES);
      lines.append('\t').append(file).append('\n');
    }
    try {
      Files.writeString(listing, lines);
    } catch (IOException e) {
      throw new MeasuringException("cannot write " + listing, e);
    }
  }

  private void report(Workplace place, Report report, Contest contest) {
    String peer = contest.quickest(NO_TIMEOUTS);
    String keeping = contest.quickest(ONE_SECOND);
    for (TransportKind transport : place.transports()) {
      String ours = Workplace.option(transport);
      report.ratio(
          name(),
          Workplace.option(transport),
          contest.timeRatio(ours, peer),
          GOAL,
          "%.1f us a file against %.1f us (%s)"
              .formatted(perFile(contest.median(ours)), perFile(contest.median(peer)), peer));
      report.say(
          "# %s %s: %s against %.1f us (%s)"
              .formatted(
                  name(),
                  ours,
                  contest.timeRatio(ours, keeping),
                  perFile(contest.median(keeping)),
                  keeping));
    }
  }

  private static double perFile(double seconds) {
    return seconds / FILES / Integer.parseInt(PASSES) * 1e6;
  }

  private static void enter(
      Workplace place, Contest contest, String name, List<String> pinned, Server server)
      throws MeasuringException {
    List<String> words = new ArrayList<>(pinned);
    words.addAll(
        List.of(
            Workplace.program("client"),
            "small",
            server.folder().toString(),
            String.valueOf(FILES),
            PASSES));
    Command.number(place, AT_MOST, words); // Fills the kernel's caches.
    contest.add(name, () -> Command.number(place, AT_MOST, words));
  }
}
