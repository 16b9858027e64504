package dev.slabmount.cli.control;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of this user, found in every {@link RuntimeFolder} there is. Finding them removes what
 * killed processes left in those folders, unless their mounts are still there. Any thread.
 */
public final class Registry {
  static final String RECORD_SUFFIX = ".json";
  static final String SOCKET_SUFFIX = ".sock";

  private static final Logger LOG = System.getLogger("dev.slabmount.cli.control");
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int RECORD_BYTES_MAX = 1 << 16;

  private final List<RuntimeFolder> folders;

  /** Looks into these folders. */
  public Registry(final List<RuntimeFolder> folders) {
    this.folders = List.copyOf(folders);
  }

  /** Whether a mount is there for its users. */
  public enum State {
    /** Its process answers. */
    ANSWERING,
    /** Its process runs, but did not answer within 3 s. */
    SILENT,
    /** Its mount was taken away; its process runs on for files that are still open. */
    DETACHED,
    /** Its process was killed; what it mounted is still there and useless. */
    STALE
  }

  /**
   * A mount that was found.
   *
   * @param mount what it said of itself
   * @param state whether it is there
   * @param socket where it listens, if it does
   */
  public record Found(MountRecord mount, State state, Path socket) {
    /**
     * Asks it something.
     *
     * @throws IOException if it does not answer within 3 s
     */
    public String ask(final String question) throws IOException {
      return ControlClient.ask(socket, question, PATIENCE);
    }
  }

  /** Every mount, ordered by mountpoint and age. Takes as long as each silent one is waited for. */
  public List<Found> find() {
    final List<Found> found = new ArrayList<>();
    for (final RuntimeFolder folder : folders) {
      if (folder.isUsable()) {
        removeLoneSockets(folder.path());
        for (final Path record : list(folder.path(), RECORD_SUFFIX)) {
          look(record).ifPresent(found::add);
        }
      }
    }
    removeReplaced(found);
    found.sort(
        Comparator.comparing((Found each) -> each.mount().mountpoint())
            .thenComparing(each -> each.mount().since()));
    return found;
  }

  /** The latest mount on a folder, which must be absolute and resolved; none that is detached. */
  public Optional<Found> at(final Path mountpoint) {
    return find().stream()
        .filter(each -> each.state() != State.DETACHED)
        .filter(each -> each.mount().mountpoint().equals(mountpoint))
        .reduce((earlier, later) -> later);
  }

  /** Whether a name belongs to somebody: its socket answers, or its process runs. */
  static boolean isTaken(final Path record, final Path socket) {
    final MountRecord mount = read(record);
    return (mount != null && mount.isProcessAlive()) || answers(socket);
  }

  /** The kernel gives the number of a mount that was cleaned away to the next one. */
  private static void removeReplaced(final List<Found> found) {
    final Set<Path> served = new HashSet<>();
    found.stream()
        .filter(each -> each.state() == State.ANSWERING || each.state() == State.SILENT)
        .forEach(each -> served.add(each.mount().mountpoint()));
    found.removeIf(each -> {
      final boolean replaced =
          each.state() == State.STALE && served.contains(each.mount().mountpoint());
      if (replaced) {
        remove(sibling(each.socket(), RECORD_SUFFIX));
      }
      return replaced;
    });
  }

  private static Optional<Found> look(final Path record) {
    final MountRecord mount = read(record);
    if (mount == null) {
      return Optional.empty();
    }
    final Path socket = sibling(record, SOCKET_SUFFIX);
    if (answers(socket)) {
      final State state = isDetached(mount) ? State.DETACHED : State.ANSWERING;
      return Optional.of(new Found(mount, state, socket));
    }
    if (mount.isProcessAlive()) {
      // It may have ended in good order just now, and then its record is gone.
      return Files.exists(record)
          ? Optional.of(new Found(mount, isDetached(mount) ? State.DETACHED : State.SILENT, socket))
          : Optional.empty();
    }
    remove(socket);
    if (isStillMounted(mount)) {
      return Optional.of(new Found(mount, State.STALE, socket));
    }
    remove(record);
    return Optional.empty();
  }

  /** Of a process that runs: whether what it mounted is gone from where the process sees it. */
  private static boolean isDetached(final MountRecord mount) {
    if (mount.device().isEmpty()) {
      return false; // It could not tell.
    }
    try {
      return MountTable.readOf(mount.pid()).stream().noneMatch(there -> isOf(mount, there));
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "no table of mounts of {0}: {1}", mount.pid(), e.getMessage());
      return false;
    }
  }

  private static boolean isOf(final MountRecord mount, final MountTable.Mount there) {
    return there.isFuse()
        && there.device().equals(mount.device())
        && there.mountPoint().equals(mount.mountpoint());
  }

  private static boolean isStillMounted(final MountRecord mount) {
    try {
      return MountTable.at(mount.mountpoint()).filter(there -> isOf(mount, there)).isPresent();
    } catch (final IOException e) {
      LOG.log(Level.WARNING, "cannot read the table of mounts: {0}", e.getMessage());
      return true;
    }
  }

  private static boolean answers(final Path socket) {
    try {
      return ControlClient.ask(socket, ControlServer.PING, PATIENCE).equals(ControlServer.ALIVE);
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "{0}: {1}", socket, e.getMessage());
      return false;
    }
  }

  /** Of a process that was killed between making its socket and writing its record. */
  private static void removeLoneSockets(final Path folder) {
    for (final Path socket : list(folder, SOCKET_SUFFIX)) {
      final String name = nameOf(socket, SOCKET_SUFFIX).replaceFirst("-.*", "");
      final boolean lone = !Files.exists(sibling(socket, RECORD_SUFFIX));
      if (lone && name.matches("\\d{1,9}") && ProcessStatus.startTicks(Long.parseLong(name)) == 0) {
        remove(socket);
      }
    }
  }

  private static List<Path> list(final Path folder, final String suffix) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (final IOException e) {
      LOG.log(Level.WARNING, "cannot read {0}: {1}", folder, e.getMessage());
      return List.of();
    }
  }

  /** What a record says; null if it is none, or gone. */
  private static @Nullable MountRecord read(final Path record) {
    try {
      if (!Files.isRegularFile(record) || Files.size(record) > RECORD_BYTES_MAX) {
        return null;
      }
      return MountRecord.parse(Files.readAllBytes(record));
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "{0} is no record: {1}", record, e.getMessage());
      return null;
    }
  }

  private static Path sibling(final Path file, final String suffix) {
    final String ending = suffix.equals(RECORD_SUFFIX) ? SOCKET_SUFFIX : RECORD_SUFFIX;
    return file.resolveSibling(nameOf(file, ending) + suffix);
  }

  private static String nameOf(final Path file, final String suffix) {
    final String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - suffix.length());
  }

  private static void remove(final Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (final IOException e) {
      LOG.log(Level.WARNING, "cannot remove {0}: {1}", file, e.getMessage());
    }
  }
}
