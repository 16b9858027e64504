package dev.slabmount.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is mounted where, as the kernel lists it for this process in {@code /proc/self/mountinfo}
 * (fields: proc(5)). A snapshot: reading it touches no mount, so a dead one cannot hang it.
 */
final class MountTable {
  /** One mount. The type of ours begins with {@code fuse}. */
  record Mount(Path point, String type, String source) {}

  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
  private static final int POINT_FIELD = 4;

  private final List<Mount> mounts;

  private MountTable(final List<Mount> mounts) {
    this.mounts = mounts;
  }

  /** Reads the present mounts. */
  static MountTable read() throws IOException {
    // Names are bytes, and so is this file; Latin-1 keeps every one of them apart.
    return parse(Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1));
  }

  static MountTable parse(final List<String> lines) {
    final List<Mount> mounts = new ArrayList<>();
    for (final String line : lines) {
      final String[] fields = line.split(" ", -1);
      int separator = POINT_FIELD + 1;
      while (separator < fields.length && !fields[separator].equals("-")) {
        separator++;
      }
      if (separator + 2 < fields.length) {
        mounts.add(
            new Mount(
                Path.of(decode(fields[POINT_FIELD])),
                fields[separator + 1],
                decode(fields[separator + 2])));
      }
    }
    return new MountTable(List.copyOf(mounts));
  }

  /** The topmost mount whose mountpoint is exactly this path, which must be absolute and real. */
  Optional<Mount> at(final Path point) {
    return mounts.stream().filter(mount -> mount.point().equals(point)).reduce((a, b) -> b);
  }

  /**
   * Blanks, tabs, line ends and backslashes are written as three octal digits after a backslash.
   */
  private static String decode(final String field) {
    final byte[] bytes = field.getBytes(StandardCharsets.ISO_8859_1);
    int length = 0;
    for (int i = 0; i < bytes.length; i++, length++) {
      if (bytes[i] == '\\' && i + 3 < bytes.length) {
        bytes[length] = (byte) Integer.parseInt(field.substring(i + 1, i + 4), 8);
        i += 3;
      } else {
        bytes[length] = bytes[i];
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
