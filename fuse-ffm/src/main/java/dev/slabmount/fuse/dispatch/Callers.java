package dev.slabmount.fuse.dispatch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What the kernel tells of a caller elsewhere than in its request. */
final class Callers {
  private static final String GROUPS = "Groups:";
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final int[] NONE = {};

  private Callers() {}

  /**
   * The supplementary groups of a thread: the line {@code Groups} of {@code /proc/PID/status}, see
   * {@code proc(5)}, where the number of a thread is good for one of a process.
   */
  static int[] supplementaryGroups(int pid) {
    if (pid <= 0) {
      return NONE;
    }
    try {
      // Latin-1, because the name of the thread, on another line, may be any bytes.
      for (String line :
          Files.readAllLines(
              Path.of("/proc", Integer.toString(pid), "status"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(GROUPS)) {
          return SPACES
              .splitAsStream(line.substring(GROUPS.length()).strip())
              .filter(word -> !word.isEmpty())
              .mapToInt(Integer::parseUnsignedInt)
              .toArray();
        }
      }
    } catch (IOException e) {
      // It has ended meanwhile.
    }
    return NONE;
  }
}
