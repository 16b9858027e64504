package dev.slabmount.bench.read;

import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Open, read and close of 2000 cached files of 2 KiB, client and servers on one processor, where
 * the C filesystem is at its best: it has the low-level interface's default flags (no timeouts,
 * pages dropped at each open) and the better of libfuse's two loops.
 */
final class SmallFiles implements Figure {
  private static final double GOAL = 8;
  private static final int FILES = 2000;
  private static final int FILE_BYTES = 2 << 10;
  private static final String PASSES = "10";
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String PEER = "C";

  @Override
  public String name() {
    return "open-read-close-2000-one-cpu";
  }

  @Override
  public void measure(Workplace place, Report report) throws MeasuringException {
    List<String> pinned = Processor.pinning();
    Path original = place.newFolder("original");
    Path listing = place.path("small-files.listing");
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
    Tree tree = Tree.snapshot(place, original);
    List<Server> servers = new ArrayList<>();
    try {
      Contest contest = new Contest();
      servers.add(Server.memfs(place, pinned, listing, "-s"));
      enter(place, contest, PEER, pinned, servers.getLast());
      for (TransportKind transport : place.transports()) {
        servers.add(Server.slabmount(place, pinned, transport, tree));
        enter(place, contest, Workplace.option(transport), pinned, servers.getLast());
      }
      contest.run(Contest.ROUNDS, PATIENCE);
      for (TransportKind transport : place.transports()) {
        String ours = Workplace.option(transport);
        report.ratio(
            name(),
            transport,
            contest.timeRatio(ours, PEER),
            GOAL,
            "%.1f us a file against %.1f us (C, default flags, one thread)"
                .formatted(perFile(contest.median(ours)), perFile(contest.median(PEER))));
      }
    } finally {
      servers.forEach(Server::close);
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
