package dev.slabmount.bench.fuse;

import dev.slabmount.bench.peer.JfuseServer;
import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Ratio;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes from the start of a JVM to a mount that answers, and how much memory the server
 * has then when nobody uses it. Ours is started by the script that ships, with its cache of
 * prepared classes; the filesystem on jFUSE stands beside it as a comment.
 */
final class StartFigure implements FuseFigure {
  private static final double GOAL_SECONDS = 0.4;
  private static final double GOAL_MEBIBYTES = 75;
  private static final String START = "start-to-answering-mount";
  private static final String MEMORY = "idle-resident-memory";
  private static final long IDLE_MILLIS = 500;
  private static final long UP_SECONDS = 30;
  private static final long END_SECONDS = 20;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final String SCRIPT = "scripts/memfs.sh";

  @Override
  public String name() {
    return "start-and-idle";
  }

  @Override
  public List<String> rows() {
    return List.of(START, MEMORY);
  }

  @Override
  public int seconds() {
    return 45;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    Command.run(place, AT_MOST, List.of(SCRIPT, "--prepare"));
    Contest seconds = new Contest();
    Contest mebibytes = new Contest();
    for (TransportKind transport : place.transports()) {
      String option = Workplace.option(transport);
      seconds.add(
          option,
          () ->
              start(
                  place,
                  option,
                  mebibytes,
                  folder -> List.of(SCRIPT, folder.toString(), "--transport", option)));
    }
    seconds.add(
        Lineup.JFUSE,
        () ->
            start(
                place,
                Lineup.JFUSE,
                mebibytes,
                folder -> {
                  List<String> words = new ArrayList<>(Lineup.java(List.of(), JfuseServer.class));
                  words.addAll(List.of(folder.toString(), "1", "1"));
                  return words;
                }));
    Rounds.run(seconds, allowance);
    for (TransportKind transport : place.transports()) {
      report(report, Workplace.option(transport), seconds, mebibytes);
    }
    report.say(
        String.format(
            Locale.ROOT,
            "# start-and-idle %s: %.2f s to a mount that answers, %.1f MiB idle",
            Lineup.JFUSE,
            seconds.median(Lineup.JFUSE),
            mebibytes.median(Lineup.JFUSE)));
  }

  private static void report(Report report, String with, Contest seconds, Contest mebibytes) {
    Ratio time = seconds.spread(with);
    if (Rounds.areAll(report, START, with, time)) {
      report.judge(
          START,
          with,
          String.format(
              Locale.ROOT,
              "%.2f s (quartiles %.2f-%.2f, %d starts), goal <= %.2f s",
              time.median(),
              time.low(),
              time.high(),
              time.pairs(),
              GOAL_SECONDS),
          time.median() <= GOAL_SECONDS);
    }
    Ratio memory = mebibytes.spread(with);
    if (Rounds.areAll(report, MEMORY, with, memory)) {
      report.judge(
          MEMORY,
          with,
          String.format(
              Locale.ROOT,
              "%.1f MiB (quartiles %.1f-%.1f, %d starts), goal <= %.0f MiB",
              memory.median(),
              memory.low(),
              memory.high(),
              memory.pairs(),
              GOAL_MEBIBYTES),
          memory.median() <= GOAL_MEBIBYTES);
    }
  }

  /** The words that mount on a folder. */
  @FunctionalInterface
  private interface Words {
    List<String> on(Path folder);
  }

  /** Starts, measures and ends a server once. */
  private static double start(Workplace place, String name, Contest mebibytes, Words words)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    Path said = place.path("start-said");
    Process process = null;
    try {
      Object before = Files.getAttribute(folder, "unix:dev");
      long begin = System.nanoTime();
      process =
          place.start(
              new ProcessBuilder(words.on(folder))
                  .redirectErrorStream(true)
                  .redirectOutput(said.toFile()));
      // Asked about a mount that is not there yet, the kernel answers at once for the folder below
      // it; about one that is, when its server has answered.
      while (before.equals(Files.getAttribute(folder, "unix:dev"))) {
        if (!process.isAlive()
            || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(UP_SECONDS)) {
          throw new MeasuringException(
              name + " did not mount; it said: " + Files.readString(said).strip());
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
      final double seconds = (System.nanoTime() - begin) / 1e9;
      TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
      mebibytes.record(name, Resident.mebibytes(process.pid()));
      process.destroy();
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new MeasuringException(name + " did not end");
      }
      return seconds;
    } catch (IOException e) {
      throw new MeasuringException("cannot start " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    } finally {
      if (process != null) {
        place.kill(process);
      }
      takeAway(folder);
    }
  }

  /** What a server that had to be killed leaves. */
  private static void takeAway(Path folder) throws MeasuringException {
    try {
      new ProcessBuilder("fusermount3", "-uzq", folder.toString())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new MeasuringException("cannot start fusermount3", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
