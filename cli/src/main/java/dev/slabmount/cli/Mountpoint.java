package dev.slabmount.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;

/** What is known of a mountpoint before anything touches what is mounted on it. */
final class Mountpoint {
  /** The kernel's text for ENOTCONN: a FUSE mount whose server is gone. */
  private static final String SERVER_GONE = "Transport endpoint is not connected";

  private Mountpoint() {}

  /**
   * Finds a folder that can be mounted on: it exists, is a folder, has no FUSE mount on it, does
   * not lie in the store, and is empty. What it holds would be hidden, and slabmount must never
   * come to read a file of its own through its own mount.
   *
   * @return its real path
   */
  static Path check(final Path given, final Path store) throws CommandFailure {
    try {
      final Path point = locate(given);
      final Optional<MountTable.Mount> mounted = MountTable.read().at(point);
      if (mounted.isPresent() && mounted.get().type().startsWith("fuse")) {
        throw failure(
            given,
            (isServerGone(point) ? "a mount whose server is gone" : "another mount")
                + " lies on it; run 'slabmount unmount "
                + given
                + "' or take another folder");
      }
      if (!Files.readAttributes(point, BasicFileAttributes.class).isDirectory()) {
        throw failure(given, "it is not a folder");
      }
      if (point.startsWith(store.toRealPath())) {
        throw failure(given, "it lies in the store " + store + "; take a folder elsewhere");
      }
      try (Stream<Path> entries = Files.list(point)) {
        if (entries.findAny().isPresent()) {
          throw failure(given, "it is not empty, and the mount would hide what it holds");
        }
      }
      return point;
    } catch (final IOException e) {
      throw failure(given, reason(e));
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

  /** Whether a FUSE mount lies there that nobody serves any more. */
  static boolean isServerGone(final Path point) {
    try {
      Files.readAttributes(point, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return false;
    } catch (final IOException e) {
      return e instanceof FileSystemException failure && SERVER_GONE.equals(failure.getReason());
    }
  }

  /** Why a file could not be used, in words for the one line. */
  static String reason(final IOException e) {
    if (e instanceof NoSuchFileException) {
      return "it does not exist; create it with mkdir";
    }
    return FailureReport.reason(e);
  }

  private static CommandFailure failure(final Path given, final String why) {
    return new CommandFailure(ExitCode.MOUNTPOINT, "cannot mount on " + given + ": " + why);
  }
}
