package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Loads that take turns on the same servers: in each round every server has one turn, in which each
 * of the loads runs once on it. Where the C filesystem can be served in several ways, the one that
 * wins a trial is the one that all are compared with.
 */
final class LoadFigure implements FuseFigure {
  private static final int TRIAL_ROUNDS = 3;
  private static final int WARM_TURNS = 5;
  private static final String WARM_SECONDS = "0.6";
  private static final String TRIAL_SECONDS = "0.3";
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final List<String> PEERS = List.of(Lineup.JFUSE, Lineup.JNR);

  /** What has to be done to a server before its turn. */
  @FunctionalInterface
  interface Preparation {
    /** Nothing. */
    Preparation NONE = _ -> {};

    /** Does it. */
    void prepare(Server server) throws MeasuringException;
  }

  private final String name;
  private final int seconds;
  private final Setting setting;
  private final Content content;
  private final List<Load> loads;
  private final Preparation preparation;

  /**
   * What the mounts hold when they are measured.
   *
   * @param jobs how many jobs find their files
   * @param megabytes of each job's big file
   * @param names how many empty files are in the folder of names
   */
  record Content(int jobs, int megabytes, int names) {}

  LoadFigure(
      String name,
      int seconds,
      Setting setting,
      Content content,
      List<Load> loads,
      Preparation preparation) {
    this.name = name;
    this.seconds = seconds;
    this.setting = setting;
    this.content = content;
    this.loads = List.copyOf(loads);
    this.preparation = preparation;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> rows() {
    return loads.stream().flatMap(load -> load.rows().stream()).toList();
  }

  @Override
  public int seconds() {
    return seconds;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    try (Lineup lineup = new Lineup(place, setting)) {
      String peer = bestOfC(place, report, lineup);
      for (TransportKind transport : place.transports()) {
        warmUp(place, lineup.server(lineup.startOurs(transport)));
      }
      lineup.startPeers();
      for (String other : PEERS) {
        warmUpPeer(place, report, lineup, other);
      }
      Results results = new Results(loads);
      Contest turns = new Contest();
      for (String each : lineup.names()) {
        turns.add(
            each,
            () ->
                PEERS.contains(each)
                    ? turnOfPeer(place, report, lineup, each, results)
                    : turn(place, lineup.server(each), each, results));
      }
      Rounds.run(turns, allowance);
      for (Load load : loads) {
        new LoadReport(report, results, load, peer, lineup).report(place.transports());
      }
    }
  }

  /** Starts and fills the C filesystems and keeps the better one. */
  private String bestOfC(Workplace place, Report report, Lineup lineup) throws MeasuringException {
    List<String> candidates = lineup.startC();
    Contest trial = new Contest();
    for (String candidate : candidates) {
      Server server = lineup.server(candidate);
      fill(place, server, content);
      trial.add(candidate, () -> trial(place, server));
    }
    List<String> order = new ArrayList<>(candidates);
    if (candidates.size() > 1) {
      trial.run(TRIAL_ROUNDS, Allowance.share(AT_MOST, 1, 1));
      order.sort((a, b) -> Double.compare(trial.median(b), trial.median(a)));
      String rates =
          order.stream()
              .map(each -> String.format(Locale.ROOT, "%s %.0f", each, trial.median(each)))
              .collect(Collectors.joining(", "));
      report.say("# " + loads.get(0).row() + ": operations per second in a trial: " + rates);
    }
    order.stream().skip(1).forEach(lineup::end);
    return order.get(0);
  }

  /** A short turn; the first load's rate. */
  private double trial(Workplace place, Server server) throws MeasuringException {
    preparation.prepare(server);
    double first = 0;
    for (Load load : loads) {
      Slice slice = Slice.of(place, setting, server, load.words(server.folder(), TRIAL_SECONDS));
      first = load.equals(loads.get(0)) ? slice.rate() : first;
    }
    return first;
  }

  /** Fills a mount that is empty. */
  static void fill(Workplace place, Server server, Content content) throws MeasuringException {
    String program = Workplace.program("load");
    Path mount = server.folder();
    Command.run(
        place,
        AT_MOST,
        List.of(
            program,
            "fill",
            mount.toString(),
            String.valueOf(content.jobs),
            String.valueOf(content.megabytes)));
    try {
      Files.createDirectory(mount.resolve(Load.FOLDER));
    } catch (IOException e) {
      throw new MeasuringException("cannot make a folder in " + mount, e);
    }
    if (content.names > 0) {
      String folder = mount.resolve(Load.FOLDER).toString();
      Command.run(place, AT_MOST, List.of(program, "names", folder, String.valueOf(content.names)));
    }
  }

  /** For the compilers of a JVM: what is measured, for a while. */
  private void warmUp(Workplace place, Server server) throws MeasuringException {
    fill(place, server, content);
    for (int i = 0; i < WARM_TURNS; i++) {
      preparation.prepare(server);
      for (Load load : loads) {
        Slice.of(place, setting, server, load.words(server.folder(), WARM_SECONDS));
      }
    }
  }

  private void warmUpPeer(Workplace place, Report report, Lineup lineup, String name) {
    if (lineup.missing(name) == null) {
      try {
        warmUp(place, lineup.server(name));
      } catch (MeasuringException e) {
        lineup.drop(name, e);
      }
    }
    sayIfMissing(report, lineup, name);
  }

  /** A peer that fails in its turn is not compared any more, the others are. */
  private double turnOfPeer(
      Workplace place, Report report, Lineup lineup, String name, Results results) {
    if (lineup.missing(name) == null) {
      try {
        return turn(place, lineup.server(name), name, results);
      } catch (MeasuringException e) {
        lineup.drop(name, e);
        sayIfMissing(report, lineup, name);
      }
    }
    return 0;
  }

  private void sayIfMissing(Report report, Lineup lineup, String name) {
    String why = lineup.missing(name);
    if (why != null) {
      report.say("# " + this.name + ": " + name + " is not compared: " + why);
    }
  }

  /** One turn; the first load's rate, and all in the results. */
  private double turn(Workplace place, Server server, String name, Results results)
      throws MeasuringException {
    preparation.prepare(server);
    double first = 0;
    for (Load load : loads) {
      Slice slice = Slice.of(place, setting, server, load.words(server.folder()));
      results.record(load, name, slice);
      first = load.equals(loads.get(0)) ? slice.rate() : first;
    }
    return first;
  }
}
