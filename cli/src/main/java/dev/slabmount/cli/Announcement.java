package dev.slabmount.cli;

import dev.slabmount.cli.control.ControlServer;
import dev.slabmount.cli.control.MountRecord;
import dev.slabmount.cli.control.ProcessStatus;
import dev.slabmount.cli.control.RuntimeFolder;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets {@code list}, {@code stats} and {@code unmount} know of a mount as long as it is served.
 *
 * <p>A mount is there to be read; that it cannot be asked for its state where no folder for its
 * socket can be had is said in one warning, and it serves all the same.
 */
final class Announcement implements AutoCloseable {
  /** Questions that a mount answers. */
  static final String STATS_TEXT = "stats";

  static final String STATS_JSON = "stats json";

  private static final Logger LOG = System.getLogger(Announcement.class.getName());

  private final @Nullable ControlServer server;

  private Announcement(final @Nullable ControlServer server) {
    this.server = server;
  }

  /** Announces a mount that answers. */
  static Announcement of(
      final MountPlan plan,
      final FuseMount mount,
      final List<RuntimeFolder> choices,
      final Supplier<MountReport> report) {
    final MountRecord record = record(plan, mount.mountPoint());
    final long begin = System.nanoTime(); // The clock on the wall may be set back.
    final List<String> problems = new ArrayList<>();
    boolean isNamedRefused = false;
    for (final RuntimeFolder folder : choices) {
      if (folder.path().startsWith(mount.mountPoint())) {
        problems.add(folder.path() + " lies in the mount itself");
        isNamedRefused |= folder.isNamed();
        continue;
      }
      try {
        final ControlServer server =
            ControlServer.start(
                folder,
                record,
                question ->
                    answer(question, record, Duration.ofNanos(System.nanoTime() - begin), report));
        if (isNamedRefused) {
          LOG.log(Level.WARNING, "{0}; the socket is in {1}", problems.getFirst(), folder.path());
        }
        return new Announcement(server);
      } catch (final IOException e) {
        problems.add(String.valueOf(e.getMessage()));
        isNamedRefused |= folder.isNamed();
      }
    }
    LOG.log(
        Level.WARNING,
        "''slabmount list'' and ''stats'' will not find this mount, there is no place for its"
            + " socket: {0}",
        String.join("; ", problems));
    return new Announcement(null);
  }

  private static MountRecord record(final MountPlan plan, final Path mountpoint) {
    final long pid = ProcessHandle.current().pid();
    return new MountRecord(
        mountpoint,
        plan.manifest().toAbsolutePath().normalize(),
        plan.store().toAbsolutePath().normalize(),
        plan.transport().name().toLowerCase(Locale.ROOT),
        plan.log().map(Path::toString).orElse(""),
        Slabmount.version(),
        Instant.now(),
        deviceOf(mountpoint),
        pid,
        ProcessStatus.startTicks(pid));
  }

  private static String deviceOf(final Path mountpoint) {
    try {
      return MountTable.at(mountpoint).map(MountTable.Mount::device).orElse("");
    } catch (final IOException e) {
      return "";
    }
  }

  private static Optional<String> answer(
      final String question,
      final MountRecord record,
      final Duration uptime,
      final Supplier<MountReport> report) {
    return switch (question) {
      case STATS_TEXT -> Optional.of(report.get().text(record, uptime));
      case STATS_JSON -> Optional.of(report.get().json(record, uptime) + "\n");
      default -> Optional.empty();
    };
  }

  /** From now on nobody finds the mount. */
  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
