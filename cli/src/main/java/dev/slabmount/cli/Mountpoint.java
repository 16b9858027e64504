package dev.slabmount.cli;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** What the command itself asks of a mountpoint, before anything is started. */
final class Mountpoint {
  /** The kernel's text for ENOTCONN: a FUSE mount whose server is gone. */
  private static final String SERVER_GONE = "Transport endpoint is not connected";

  private Mountpoint() {}

  /**
   * Makes sure that a mount would hide nothing, and that slabmount would never come to read a file
   * of its own through its own mount, which would wait for itself: the folder is empty and does not
   * lie in the store. Whatever else a mountpoint needs, mounting finds out.
   */
  static void check(final Path given, final Path store) throws CommandFailure {
    try {
      final Path point = locate(given);
      final Path realStore = store.toRealPath();
      if (point.startsWith(realStore) || realStore.startsWith(point)) {
        throw failure(
            given, "it and the store " + store + " lie in one another; take another folder");
      }
      if (isServerGone(point)) {
        return; // Mounting cleans it away.
      }
      if (MountTable.at(point).isPresent()) {
        throw failure(given, "something is mounted there already; unmount it");
      }
      if (!Files.isDirectory(point)) {
        throw failure(given, "it is not a directory");
      }
      if (!Files.isWritable(point)) {
        throw failure(given, "permission denied: it has to be writable for who mounts on it");
      }
      try (Stream<Path> entries = Files.list(point)) {
        if (entries.findAny().isPresent()) {
          throw failure(given, "it is not empty, and the mount would hide what it holds");
        }
      }
    } catch (final IOException e) {
      throw failure(given, FailureReport.reason(e));
    }
  }

  /**
   * The absolute path of a mountpoint, with every symbolic link on the way resolved. The mountpoint
   * itself may be dead: then its parent is resolved, and its own name kept.
   *
   * @throws IOException if it does not exist
   */
  static Path locate(final Path given) throws IOException {
    final Path absolute = given.toAbsolutePath().normalize();
    try {
      return absolute.toRealPath();
    } catch (final FileSystemException e) {
      final Path parent = absolute.getParent();
      if (parent == null || !SERVER_GONE.equals(e.getReason())) {
        throw e;
      }
      return parent.toRealPath().resolve(absolute.getFileName());
    }
  }

  /**
   * Whether a file, which need not be there, lies at a mountpoint or below it, whatever links lead
   * to either. Of a mountpoint that cannot be found it does not.
   */
  static boolean holds(final Path given, final Path file) {
    try {
      final Path point = locate(given);
      final Path absolute = file.toAbsolutePath().normalize();
      Path there = absolute;
      while (there.getParent() != null && !Files.exists(there)) {
        there = there.getParent();
      }
      return there.toRealPath().resolve(there.relativize(absolute)).startsWith(point);
    } catch (final IOException e) {
      return false; // Mounting says why.
    }
  }

  private static boolean isServerGone(final Path point) throws IOException {
    try {
      Files.readAttributes(point, BasicFileAttributes.class);
      return false;
    } catch (final FileSystemException e) {
      if (SERVER_GONE.equals(e.getReason())) {
        return true;
      }
      throw e;
    }
  }

  private static CommandFailure failure(final Path given, final String why) {
    return new CommandFailure(ExitCode.MOUNTPOINT, "cannot mount on " + given + ": " + why);
  }
}
