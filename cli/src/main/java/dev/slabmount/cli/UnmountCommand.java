package dev.slabmount.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Takes a FUSE mount away, also one whose server is gone. Returns when the kernel has let go of it;
 * the server ends by itself then.
 */
@Command(name = "unmount", description = "Unmounts what is mounted on a folder.")
final class UnmountCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MOUNTPOINT", description = "The folder that was mounted on.")
  private Path mountpoint = Path.of("");

  @Override
  public Integer call() throws CommandFailure, InterruptedException {
    try {
      final Path point = Mountpoint.locate(mountpoint);
      if (!isFuse(point)) {
        throw new CommandFailure(
            ExitCode.MOUNTPOINT,
            "cannot unmount " + mountpoint + ": nothing of FUSE is mounted there");
      }
      final ExternalCommand.Result result =
          ExternalCommand.run("fusermount3", "-u", "--", point.toString());
      if (result.exitCode() != 0 && isFuse(point)) {
        throw refused(result.output());
      }
      return ExitCode.OK.code();
    } catch (final NoSuchFileException e) {
      throw new CommandFailure(
          ExitCode.MOUNTPOINT, "cannot unmount " + mountpoint + ": it does not exist", e);
    } catch (final IOException e) {
      throw new CommandFailure(
          ExitCode.REFUSED, "cannot unmount " + mountpoint + ": " + FailureReport.reason(e), e);
    }
  }

  private static boolean isFuse(final Path point) throws IOException {
    return MountTable.read().at(point).filter(mount -> mount.type().startsWith("fuse")).isPresent();
  }

  private CommandFailure refused(final String output) {
    if (output.contains("busy")) {
      return new CommandFailure(
          ExitCode.BUSY,
          "cannot unmount "
              + mountpoint
              + ": files under it are in use; 'fuser -vm "
              + mountpoint
              + "' says by whom");
    }
    return new CommandFailure(
        ExitCode.REFUSED, "cannot unmount " + mountpoint + ": " + FailureReport.oneLine(output));
  }
}
