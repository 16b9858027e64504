package dev.slabmount.cli;

import dev.slabmount.cli.control.MountRecord;
import dev.slabmount.cli.control.Registry;
import dev.slabmount.cli.control.RuntimeFolder;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Takes a FUSE mount away, also one whose server is gone and one that is none of ours. Returns when
 * the kernel has let go of it and, if the server can be found, that has ended.
 */
@Command(
    name = "unmount",
    description = {
      "Unmounts what is mounted on a folder, and waits until its process has ended.",
      "Also takes away what a killed process left behind."
    })
final class UnmountCommand implements Callable<Integer> {
  /** A server ends within 17 s of its unmount, whatever its store does. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(30);

  /** How soon a server ends that nothing holds up. */
  private static final Duration LAZY_PATIENCE = Duration.ofSeconds(2);

  private static final long RETRY_MILLIS = 20;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MOUNTPOINT", description = "The folder that was mounted on.")
  private Path mountpoint = Path.of("");

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      converter = WholeNumber.Patience.class,
      description = {"How long to wait while files under it are in use.", "Default: 0."})
  private int timeoutSeconds;

  @Option(
      names = "--lazy",
      description = {
        "If files are still in use then, take the name away at once;",
        "what is open is served until it is closed."
      })
  private boolean lazy;

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    final Path point = locate();
    final Registry registry = new Registry(RuntimeFolder.choices());
    final Optional<MountRecord> server = registry.at(point).map(Registry.Found::mount);
    final boolean detached = unmount(point);
    if (server.isPresent()) {
      awaitEnd(server.get(), detached);
      registry.at(point); // Removes the record of a server that was killed.
    }
    return ExitCode.OK.code();
  }

  /** Returns whether users of its files were left with it. */
  private boolean unmount(final Path point) throws CommandFailure, InterruptedException {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    Unmounter.Result result = Unmounter.unmount(point, false);
    while (result.outcome() == Unmounter.Outcome.BUSY && System.nanoTime() - deadline < 0) {
      Thread.sleep(RETRY_MILLIS);
      result = Unmounter.unmount(point, false);
    }
    final boolean detach = lazy && result.outcome() == Unmounter.Outcome.BUSY;
    if (detach) {
      result = Unmounter.unmount(point, true);
    }
    return switch (result.outcome()) {
      case DONE -> detach;
      case NOT_MOUNTED -> throw failure(ExitCode.MOUNTPOINT, "nothing is mounted there any more");
      case BUSY -> throw failure(ExitCode.BUSY, inUse());
      case FAILED -> throw failure(ExitCode.REFUSED, result.message());
    };
  }

  private String inUse() {
    final String waited = timeoutSeconds == 0 ? "" : " after " + timeoutSeconds + " s";
    return "files under it are in use%s; 'fuser -vm %s' says by whom, --lazy leaves them be"
        .formatted(waited, mountpoint);
  }

  private void awaitEnd(final MountRecord server, final boolean detached)
      throws CommandFailure, InterruptedException {
    final Duration patience = detached ? LAZY_PATIENCE : END_PATIENCE;
    final long deadline = System.nanoTime() + patience.toNanos();
    while (server.isProcessAlive()) {
      if (System.nanoTime() - deadline >= 0) {
        if (!detached) {
          throw new CommandFailure(
              ExitCode.ABORTED,
              "%s is unmounted, but process %d has not ended after %d s"
                  .formatted(mountpoint, server.pid(), patience.toSeconds()));
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.println(
            "%s is detached; process %d serves what is open until it is closed"
                .formatted(mountpoint, server.pid()));
        out.flush();
        return;
      }
      Thread.sleep(RETRY_MILLIS);
    }
  }

  /** The real path of the mountpoint, if a FUSE mount is there. */
  private Path locate() throws CommandFailure {
    try {
      final Path point = Mountpoint.locate(mountpoint);
      if (MountTable.at(point).filter(MountTable.Mount::isFuse).isEmpty()) {
        throw failure(ExitCode.MOUNTPOINT, "no FUSE filesystem is mounted there");
      }
      return point;
    } catch (final IOException e) {
      throw failure(ExitCode.MOUNTPOINT, FailureReport.reason(e));
    }
  }

  private CommandFailure failure(final ExitCode exitCode, final String why) {
    return new CommandFailure(exitCode, "cannot unmount " + mountpoint + ": " + why);
  }
}
