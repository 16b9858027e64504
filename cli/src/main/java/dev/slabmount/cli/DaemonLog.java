package dev.slabmount.cli;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The file to which a daemon's messages are appended, seen by the process that starts it. Should
 * the daemon end at once, what only this start made of it is taken back.
 */
final class DaemonLog {
  private static final Logger LOG = System.getLogger(DaemonLog.class.getName());

  /** How a line of a warning begins: the time, and the level. */
  private static final Pattern WARNING = Pattern.compile("[0-9]{4}-\\S+ WARN ");

  private final Path file;

  /** What {@link #open} made, in that order. */
  private final Deque<Path> made = new ArrayDeque<>();

  private long start;

  DaemonLog(final Path file) {
    this.file = file;
  }

  /** Makes the file and the folders on the way to it if they are missing. */
  void open() throws IOException {
    final Deque<Path> missing = new ArrayDeque<>();
    for (Path folder = file.getParent();
        folder != null && !Files.exists(folder);
        folder = folder.getParent()) {
      missing.push(folder);
    }
    for (final Path folder : missing) {
      Files.createDirectories(folder);
      made.push(folder);
    }
    final boolean isNew = !Files.exists(file);
    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    if (isNew) {
      made.push(file);
    }
    start = Files.size(file);
  }

  /**
   * The line that the daemon ended with, found in what it added. If it said nothing else, and the
   * file was not there before, the file is removed again: whoever reads the line misses nothing.
   */
  String takeFailure() throws IOException {
    final List<String> added = new ArrayList<>(addedLines());
    final Optional<String> failure =
        added.stream()
            .filter(line -> line.startsWith(FailureReport.PREFIX))
            .reduce((earlier, later) -> later);
    failure.ifPresent(added::remove);
    if (added.isEmpty()) {
      discard();
    }
    return failure
        .map(line -> line.substring(FailureReport.PREFIX.length()))
        .orElseGet(() ->
            "the daemon ended without a word" + (added.isEmpty() ? "" : "; its log is " + file));
  }

  /** The warnings that the daemon has added; whoever sees no log else does not see them. */
  List<String> addedWarnings() throws IOException {
    return addedLines().stream().filter(line -> WARNING.matcher(line).lookingAt()).toList();
  }

  /** Removes what {@link #open} made, as far as nothing else was put there meanwhile. */
  void discard() {
    try {
      for (final Path each : made) {
        Files.deleteIfExists(each);
      }
    } catch (final IOException e) {
      LOG.log(Level.DEBUG, "left where it is: {0}", e.getMessage()); // A folder that is in use.
    }
  }

  private List<String> addedLines() throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(start); // It is appended to for ever, so it may be long.
      final byte[] added = Channels.newInputStream(channel).readAllBytes();
      return new String(added, StandardCharsets.UTF_8).lines().toList();
    }
  }
}
