package dev.slabmount.cli;

import dev.slabmount.cli.control.Registry;
import dev.slabmount.cli.control.RuntimeFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running mount what it has done and what it holds. */
@Command(
    name = "stats",
    description = "Says what a running mount has done so far and what it holds.")
final class StatsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MOUNTPOINT", description = "The folder that was mounted on.")
  private Path mountpoint = Path.of("");

  @Option(names = "--json", description = "Print one JSON object, for programs.")
  private boolean json;

  @Override
  public Integer call() throws CommandFailure {
    final String answer = ask(locate());
    final PrintWriter out = spec.commandLine().getOut();
    out.print(answer);
    out.flush();
    return ExitCode.OK.code();
  }

  private Registry.Found locate() throws CommandFailure {
    final Path point;
    try {
      point = Mountpoint.locate(mountpoint);
    } catch (final IOException e) {
      throw failure(ExitCode.MOUNTPOINT, FailureReport.reason(e));
    }
    final Optional<Registry.Found> found = new Registry(RuntimeFolder.choices()).at(point);
    if (found.isEmpty()) {
      throw failure(
          ExitCode.MOUNTPOINT,
          "no slabmount of this user is mounted there; 'slabmount list' shows all");
    }
    if (found.get().state() == Registry.State.STALE) {
      throw failure(
          ExitCode.MOUNTPOINT,
          "its process was killed; run 'slabmount unmount " + mountpoint + "'");
    }
    if (found.get().state() == Registry.State.SILENT) { // Asked already; once is enough.
      throw failure(
          ExitCode.REFUSED,
          "process "
              + found.get().mount().pid()
              + " does not answer; it may be stopped or starved");
    }
    return found.get();
  }

  private String ask(final Registry.Found found) throws CommandFailure {
    try {
      final String answer = found.ask(json ? Announcement.STATS_JSON : Announcement.STATS_TEXT);
      if (!answer.isEmpty()) {
        return answer;
      }
      throw failure(
          ExitCode.REFUSED, "its process, of another version, does not know the question");
    } catch (final IOException e) {
      throw failure(
          ExitCode.REFUSED,
          "process " + found.mount().pid() + " does not answer: " + FailureReport.reason(e));
    }
  }

  private CommandFailure failure(final ExitCode exitCode, final String why) {
    return new CommandFailure(exitCode, "cannot ask for " + mountpoint + ": " + why);
  }
}
