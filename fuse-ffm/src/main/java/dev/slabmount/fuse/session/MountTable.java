package dev.slabmount.fuse.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's list of mounts in our namespace, {@code /proc/self/mountinfo}
 * (proc_pid_mountinfo(5)). Reading it never touches a mount, so it answers even when one of them
 * hangs.
 */
public final class MountTable {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
  private static final int FIELD_ID = 0;
  private static final int FIELD_DEVICE = 2;
  private static final int FIELD_MOUNT_POINT = 4;

  private MountTable() {}

  /**
   * A mount.
   *
   * @param id identifies the mount as long as it lives
   * @param device {@code major:minor}; for FUSE the minor names the connection
   * @param mountPoint where, absolute
   * @param type filesystem type, such as {@code fuse.slabmount}
   * @param source what the filesystem calls itself
   */
  public record Mount(int id, String device, Path mountPoint, String type, String source) {
    /** Whether a FUSE filesystem is mounted. */
    public boolean isFuse() {
      return type.equals("fuse") || type.startsWith("fuse.") || type.equals("fuseblk");
    }
  }

  /** Every mount, in the kernel's order: of several on one place the last is the visible one. */
  public static List<Mount> read() throws IOException {
    return read(MOUNTINFO);
  }

  /** The same for the namespace of another process, of this user. */
  public static List<Mount> readOf(long pid) throws IOException {
    return read(Path.of("/proc/" + pid + "/mountinfo"));
  }

  private static List<Mount> read(Path mountinfo) throws IOException {
    List<Mount> mounts = new ArrayList<>();
    // The kernel escapes the newlines of names, not their carriage returns.
    String table = Files.readString(mountinfo, StandardCharsets.ISO_8859_1);
    for (String line : table.split("\n", -1)) {
      parse(line).ifPresent(mounts::add);
    }
    return mounts;
  }

  /** What is visibly mounted exactly at {@code mountPoint}, which must be absolute and resolved. */
  public static Optional<Mount> at(Path mountPoint) throws IOException {
    return read().stream()
        .filter(mount -> mount.mountPoint().equals(mountPoint))
        .reduce((earlier, later) -> later);
  }

  /**
   * One line of the table; nothing if it is odd, or names a place that no {@link Path} of this JVM
   * can name, which can then be no mountpoint of ours.
   */
  static Optional<Mount> parse(String line) {
    int separator = line.indexOf(" - ");
    if (separator < 0) {
      return Optional.empty();
    }
    String[] before = line.substring(0, separator).split(" ", -1);
    String[] after = line.substring(separator + 3).split(" ", -1);
    if (before.length <= FIELD_MOUNT_POINT || after.length < 2) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Mount(
              Integer.parseInt(before[FIELD_ID]),
              before[FIELD_DEVICE],
              Path.of(decode(before[FIELD_MOUNT_POINT])),
              after[0],
              decode(after[1])));
    } catch (NumberFormatException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Bytes arrive one per char, with space, tab, newline and backslash as {@code \ooo}. */
  private static String decode(String field) {
    byte[] bytes = new byte[field.length()];
    int count = 0;
    int at = 0;
    while (at < field.length()) {
      int escaped = escapedByte(field, at);
      if (escaped >= 0) {
        bytes[count++] = (byte) escaped;
        at += 4;
      } else {
        bytes[count++] = (byte) field.charAt(at++);
      }
    }
    return new String(bytes, 0, count, NativePath.charset());
  }

  private static int escapedByte(String field, int at) {
    if (field.charAt(at) != '\\' || at + 3 >= field.length()) {
      return -1;
    }
    int value = 0;
    for (int i = at + 1; i <= at + 3; i++) {
      int digit = Character.digit(field.charAt(i), 8);
      if (digit < 0) {
        return -1;
      }
      value = value * 8 + digit;
    }
    return value <= 0xFF ? value : -1;
  }
}
