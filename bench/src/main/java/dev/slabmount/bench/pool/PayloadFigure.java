package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How much of its budget a pool has for content, in a large pool and in one of 64 MiB. */
final class PayloadFigure implements Figure<Peers> {
  private static final double MIX_GOAL = 90;
  private static final double ONE_SIZE_GOAL = 95;
  private static final double TURNED_GOAL = 90;
  private static final List<Integer> SIZES = List.of(4 << 10, 64 << 10, 1 << 20);
  private static final List<Integer> POOLS = List.of(1024, 64);
  private static final int TREES = 2;
  private static final List<String> FOLDERS =
      List.of(System.getProperty("java.home"), "/usr/share", "/usr/lib", "/usr/include", "/etc");

  private int exhausted;

  @Override
  public String name() {
    return "payload";
  }

  @Override
  public int seconds() {
    return 40;
  }

  @Override
  public void measure(Peers peers, Report report, Allowance allowance) throws MeasuringException {
    Peer ours = peers.start("payload", "ours", 0);
    exhausted = 0;
    for (int mebibytes : POOLS) {
      String with = mebibytes == 1024 ? "1 GiB" : mebibytes + " MiB";
      for (Path tree : trees()) {
        share(
            report,
            "payload-sizes-of-" + nameOf(tree),
            with,
            MIX_GOAL,
            ours.ask("tree " + mebibytes + " " + tree));
      }
      for (int size : SIZES) {
        share(
            report,
            "payload-only-" + size / 1024 + "-KiB",
            with,
            ONE_SIZE_GOAL,
            ours.ask("one " + mebibytes + " " + size));
      }
      share(report, "payload-turned-4K-1M-4K", with, TURNED_GOAL, ours.ask("turn " + mebibytes));
      never(report, with, ours.ask("pinned " + mebibytes));
    }
    report.judge(
        "exhausted-while-nothing-is-pinned",
        "",
        exhausted + " times in all of these, goal 0",
        exhausted == 0);
  }

  private static List<Path> trees() throws MeasuringException {
    List<Path> trees = new ArrayList<>();
    for (String folder : FOLDERS) {
      if (trees.size() < TREES && Files.isDirectory(Path.of(folder))) {
        trees.add(Path.of(folder));
      }
    }
    if (trees.size() < TREES) {
      throw new MeasuringException("fewer than two of these folders exist: " + FOLDERS);
    }
    return trees;
  }

  private static String nameOf(Path tree) {
    return tree.equals(Path.of(System.getProperty("java.home")))
        ? "the-JDK"
        : tree.toString().substring(1).replace('/', '-');
  }

  private void share(Report report, String figure, String with, double goal, String answer)
      throws MeasuringException {
    String[] words = answer.split(" ", -1);
    if (words.length != 3) {
      throw new MeasuringException(figure + ": '" + answer + "'");
    }
    double lowest = Double.parseDouble(words[0]);
    exhausted += Integer.parseInt(words[2]);
    report.judge(
        figure,
        with,
        String.format(
            Locale.ROOT,
            "%.1f %% of the budget at worst, %s %% in the end, goal >= %.0f %%",
            lowest,
            String.format(Locale.ROOT, "%.1f", Double.parseDouble(words[1])),
            goal),
        lowest >= goal);
  }

  private static void never(Report report, String with, String answer) throws MeasuringException {
    String[] words = answer.split(" ", -1);
    if (words.length != 2) {
      throw new MeasuringException("pinned: '" + answer + "'");
    }
    report.judge(
        "exhausted-beside-a-slab-without-pins",
        with,
        words[0] + " of " + words[1] + " times, goal 0",
        words[0].equals("0"));
  }
}
