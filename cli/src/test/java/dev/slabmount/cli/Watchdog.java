package dev.slabmount.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Ends mounts and processes of the tests should their JVM be killed before they did it themselves.
 *
 * <p>It is a shell at the other end of a pipe, which the kernel closes however the JVM ends. Then
 * it ends whatever carries the JVM's mark, and unmounts what is still mounted in the tests'
 * folders.
 */
final class Watchdog {
  /** In the environment of every process that the tests start, with {@link #MARK}. */
  static final String VARIABLE = "SLABMOUNT_TEST_JVM";

  /** This JVM. */
  static final String MARK = UUID.randomUUID().toString();

  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      folders=
      while IFS= read -r folder; do folders="$folders$folder
      "; done
      marked() { grep -lzxF "$1" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3; }
      for pid in $(marked "$1"); do kill -s TERM "$pid" 2>/dev/null; done
      tries=0
      while [ -n "$(marked "$1")" ] && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
      for pid in $(marked "$1"); do kill -s KILL "$pid" 2>/dev/null; done
      printf %s "$folders" | sort -u | while IFS= read -r folder; do
        awk -v under="$folder/" 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo
      done | while IFS= read -r point; do fusermount3 -uz "$point"; done
      """;

  private static final OutputStream PIPE = start();

  private Watchdog() {}

  private static OutputStream start() {
    try {
      return new ProcessBuilder("sh", "-c", SCRIPT, "sh", VARIABLE + "=" + MARK)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .getOutputStream();
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on what is mounted in this folder when the JVM ends is unmounted. */
  static synchronized void watch(final Path folder) {
    try {
      PIPE.write((folder + "\n").getBytes(StandardCharsets.UTF_8));
      PIPE.flush();
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
