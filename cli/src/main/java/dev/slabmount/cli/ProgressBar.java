package dev.slabmount.cli;

import dev.slabmount.vfs.snapshot.SnapshotProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows on a terminal how far something has come, in one line that is drawn over and over and gone
 * in the end. Elsewhere it shows nothing.
 *
 * <p>What counts is whether stderr is a terminal, because that is where the line goes: {@code
 * System.console()} tells of stdin and stdout, which may well be redirected.
 *
 * <p><b>Threads:</b> draws on a thread of its own until closed.
 */
final class ProgressBar implements AutoCloseable {

  private static final long INTERVAL_MILLIS = 200;
  private static final int CELLS = 20;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final DoubleFunction<String> line;
  private final PrintStream terminal;
  private final @Nullable Thread drawer;

  private ProgressBar(
      final DoubleFunction<String> line, final PrintStream terminal, final boolean visible) {
    this.line = line;
    this.terminal = terminal;
    this.drawer = visible ? Thread.ofPlatform().daemon().name("progress").start(this::draw) : null;
  }

  /** Draws how far a snapshot has come. */
  static ProgressBar onTerminal(final SnapshotProgress progress) {
    final double[] storingSince = {Double.NaN};
    return onTerminal(seconds -> {
      if (Double.isNaN(storingSince[0]) && progress.phase() != SnapshotProgress.Phase.SCANNING) {
        storingSince[0] = seconds;
      }
      return line(progress, Double.isNaN(storingSince[0]) ? 0 : seconds - storingSince[0]);
    });
  }

  /**
   * Draws on stderr if that is a terminal, from a moment later on.
   *
   * @param line makes what is drawn from the seconds that have passed; called by one thread
   */
  static ProgressBar onTerminal(final DoubleFunction<String> line) {
    return new ProgressBar(line, System.err, isTerminal(Path.of("/proc/self/fd/2")));
  }

  /** Whether an open file of this process is a terminal that understands more than plain text. */
  private static boolean isTerminal(final Path openFile) {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      final String device = Files.readSymbolicLink(openFile).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (final IOException e) {
      return false;
    }
  }

  private void draw() {
    final long start = System.nanoTime();
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
        terminal.print(ERASE_LINE + line.apply((System.nanoTime() - start) / 1e9));
        terminal.flush();
      }
    } catch (final InterruptedException e) {
      terminal.print(ERASE_LINE);
      terminal.flush();
    }
  }

  /** The line, shorter than 80 characters. */
  static String line(final SnapshotProgress progress, final double storingSeconds) {
    return switch (progress.phase()) {
      case SCANNING -> "looking around: " + progress.entriesScanned() + " entries";
      case STORING ->
          storing(
              progress.filesDone(),
              progress.filesTotal(),
              progress.bytesDone(),
              progress.bytesTotal(),
              storingSeconds);
      case PUBLISHING -> "writing the manifest";
    };
  }

  static String storing(
      final long filesDone,
      final long filesTotal,
      final long bytesDone,
      final long bytesTotal,
      final double seconds) {
    return bar(filesDone, filesTotal, "files", bytesDone, bytesTotal, seconds);
  }

  /** A bar with figures; it goes by bytes, or by things done if there are no bytes. */
  static String bar(
      final long done,
      final long total,
      final String things,
      final long bytesDone,
      final long bytesTotal,
      final double seconds) {
    final long bytes = Math.clamp(bytesDone, 0, bytesTotal);
    final double part =
        bytesTotal > 0
            ? (double) bytes / bytesTotal
            : Math.min(1, (double) done / Math.max(1, total));
    final int full = (int) (part * CELLS);
    final String rate = seconds < 1 ? "" : ", " + ByteSize.format((long) (bytes / seconds)) + "/s";
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %% of %s, %d of %d %s%s",
        "#".repeat(full),
        "-".repeat(CELLS - full),
        Math.floor(part * 100),
        ByteSize.format(bytesTotal),
        done,
        total,
        things,
        rate);
  }

  @Override
  public void close() {
    if (drawer == null) {
      return;
    }
    drawer.interrupt();
    try {
      drawer.join();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
