package dev.slabmount.cli;

import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.IOException;
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
  public Integer call() throws CommandFailure {
    final Path point = locate();
    final Unmounter.Result result = Unmounter.unmount(point, false);
    return switch (result.outcome()) {
      case DONE -> ExitCode.OK.code();
      case NOT_MOUNTED -> throw failure(ExitCode.MOUNTPOINT, "nothing is mounted there any more");
      case BUSY ->
          throw failure(
              ExitCode.BUSY,
              "files under it are in use; 'fuser -vm " + mountpoint + "' says by whom");
      case FAILED -> throw failure(ExitCode.REFUSED, result.message());
    };
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
