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
 * Warm random reads of 4 KiB with O_DIRECT, client and servers on one processor. The C filesystem
 * runs in both of libfuse's loops, and the better one is the peer.
 */
final class RandomRead implements Figure<Workplace> {
  private static final long FILE_BYTES = 64L << 20;
  private static final double GOAL_LIBFUSE = 0.9;
  private static final double GOAL_DEV = 0.95;
  private static final String SLICE_SECONDS = "1";
  private static final String WARM_UP_SECONDS = "4";
  private static final Duration AT_MOST = Duration.ofSeconds(30);
  private static final String ONE_THREAD = "C, one thread";
  private static final String SEVERAL_THREADS = "C, libfuse's threads";

  @Override
  public String name() {
    return "random-read-4k-direct-one-cpu";
  }

  @Override
  public int seconds() {
    return 70;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    List<String> pinned = Processor.pinning();
    Path original = place.newFolder("original");
    Path file = Tree.randomFile(original.resolve("data"), FILE_BYTES, 1);
    Tree tree = Tree.snapshot(place, original);
    Path listing = place.path("random-read.listing");
    try {
      Files.writeString(listing, "f\t644\t1700000000\tdata\t" + FILE_BYTES + "\t" + file + "\n");
    } catch (IOException e) {
      throw new MeasuringException("cannot write " + listing, e);
    }
    List<Server> servers = new ArrayList<>();
    try {
      Contest contest = new Contest();
      servers.add(Servers.listfs(place, pinned, listing, "-t", "86400", "-k", "-s"));
      enter(place, contest, ONE_THREAD, pinned, servers.getLast());
      servers.add(Servers.listfs(place, pinned, listing, "-t", "86400", "-k"));
      enter(place, contest, SEVERAL_THREADS, pinned, servers.getLast());
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

  /** Reads a while before anything is counted, so that all is cached and compiled. */
  private static void enter(
      Workplace place, Contest contest, String name, List<String> pinned, Server server)
      throws MeasuringException {
    String file = server.folder().resolve("data").toString();
    Command.run(place, AT_MOST, List.of(Workplace.program("client"), "sequential", file));
    reads(place, pinned, file, WARM_UP_SECONDS);
    contest.add(name, () -> reads(place, pinned, file, SLICE_SECONDS));
  }

  private static double reads(Workplace place, List<String> pinned, String file, String seconds)
      throws MeasuringException {
    List<String> words = new ArrayList<>(pinned);
    words.addAll(List.of(Workplace.program("client"), "random", file, seconds));
    return Command.number(place, AT_MOST, words);
  }

  private void report(Workplace place, Report report, Contest contest) {
    String peer =
        contest.median(ONE_THREAD) >= contest.median(SEVERAL_THREADS)
            ? ONE_THREAD
            : SEVERAL_THREADS;
    report.say(
        "# %s: reads per second: %s %.0f, %s %.0f"
            .formatted(
                name(),
                ONE_THREAD,
                contest.median(ONE_THREAD),
                SEVERAL_THREADS,
                contest.median(SEVERAL_THREADS)));
    for (TransportKind transport : place.transports()) {
      String ours = Workplace.option(transport);
      report.ratio(
          name(),
          Workplace.option(transport),
          contest.rateRatio(ours, peer),
          transport == TransportKind.DEV ? GOAL_DEV : GOAL_LIBFUSE,
          "%.0f/s against %.0f/s (%s)".formatted(contest.median(ours), contest.median(peer), peer));
    }
  }
}
