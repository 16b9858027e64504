package dev.slabmount.bench.fuse;

import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Ratio;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What HANDLE_KILLPRIV_V2 is worth where extended attributes are there: without it the kernel asks
 * for one before each write. A comparison of ours with ours, beside C; nothing is judged. libfuse
 * knows the flag since 3.17; before, it can be had on {@code dev} alone.
 */
final class KillPrivileges implements FuseFigure {
  private static final String WARM_SECONDS = "3";
  private static final String C = "C";
  private static final String WITH = "with";
  private static final String WITHOUT = "without";
  private static final Load WRITES =
      Load.timed("killpriv-v2-random-4k-one-cpu-write", "write", 1, Goals.of(0, 0));

  @Override
  public String name() {
    return "killpriv-v2";
  }

  @Override
  public List<String> rows() {
    return List.of(WRITES.row());
  }

  @Override
  public int seconds() {
    return 35;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    if (!place.transports().contains(TransportKind.DEV)) {
      report.say("# killpriv-v2 is measured on dev alone");
      return;
    }
    Setting setting = Setting.onOneProcessor();
    try (Lineup lineup = new Lineup(place, setting)) {
      lineup.startC(C, List.of("-T", "1", "-x"));
      lineup.startOurs(WITH, TransportKind.DEV, options(setting, "killpriv"));
      lineup.startOurs(WITHOUT, TransportKind.DEV, options(setting, "no_killpriv"));
      Contest contest = new Contest();
      for (String name : lineup.names()) {
        LoadFigure.fill(place, lineup.server(name), new LoadFigure.Content(1, 64, 0));
        Slice.of(
            place,
            setting,
            lineup.server(name),
            WRITES.words(lineup.server(name).folder(), WARM_SECONDS));
        contest.add(
            name,
            () ->
                Slice.of(
                        place,
                        setting,
                        lineup.server(name),
                        WRITES.words(lineup.server(name).folder()))
                    .rate());
      }
      Rounds.run(contest, allowance);
      Ratio ratio = contest.rateRatio(WITH, WITHOUT);
      if (!Rounds.areAll(report, WRITES.row(), "dev", ratio)) {
        return;
      }
      report.say(
          String.format(
              Locale.ROOT,
              "%-38s %-10s %s with it as without; %.0f/s against %.0f/s; C without it %.0f/s",
              WRITES.row(),
              "dev",
              ratio,
              contest.median(WITH),
              contest.median(WITHOUT),
              contest.median(C)));
    }
  }

  private static List<String> options(Setting setting, String which) {
    List<String> options = new ArrayList<>(setting.forOurs());
    options.remove("no_xattr");
    options.add(which);
    return options;
  }
}
