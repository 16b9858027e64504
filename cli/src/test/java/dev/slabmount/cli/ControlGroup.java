package dev.slabmount.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A control group with a limit of memory that a test made for its processes, of version 2 or 1.
 * Removed when closed, when its processes have ended.
 */
final class ControlGroup implements AutoCloseable {
  private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");

  private final Path folder;

  private ControlGroup(final Path folder) {
    this.folder = folder;
  }

  /** A new group below our own or at the root of the hierarchy; nothing where that is refused. */
  static Optional<ControlGroup> ofMemory(final long bytes) throws IOException {
    for (final String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      final String[] parts = line.split(":", 3);
      final boolean isUnified = parts[1].isEmpty();
      if (isUnified || List.of(parts[1].split(",", -1)).contains("memory")) {
        final Path root = isUnified ? HIERARCHIES : HIERARCHIES.resolve("memory");
        final String limit = isUnified ? "memory.max" : "memory.limit_in_bytes";
        for (final Path parent : List.of(root.resolve(parts[2].substring(1)), root)) {
          final Optional<ControlGroup> group = make(parent, limit, bytes);
          if (group.isPresent()) {
            return group;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<ControlGroup> make(
      final Path parent, final String limit, final long bytes) {
    final Path folder = parent.resolve("slabmount-test-" + ProcessHandle.current().pid());
    try {
      if (!Files.exists(parent.resolve("cgroup.procs"))) {
        return Optional.empty(); // Not the folder of a group.
      }
      Files.createDirectory(folder);
      if (Files.exists(folder.resolve(limit))) {
        Files.writeString(folder.resolve(limit), Long.toString(bytes));
        return Optional.of(new ControlGroup(folder));
      }
      Files.delete(folder);
    } catch (final IOException _) {
      folder.toFile().delete();
    }
    return Optional.empty();
  }

  /** The command that runs the one that follows it in this group. */
  String[] command() {
    final String enter = "echo $$ >'" + folder.resolve("cgroup.procs") + "' && exec \"$@\"";
    return new String[] {"sh", "-c", enter, "sh"};
  }

  @Override
  public void close() {
    Await.until(() -> folder.toFile().delete(), () -> folder + " is still in use");
  }
}
