package dev.slabmount.fuse.session;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    List<Mount> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1)) {
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

  static Optional<Mount> parse(String line) {
    String[] halves = line.split(" - ", 2);
    String[] before = halves[0].split(" ", -1);
    String[] after = halves.length == 2 ? halves[1].split(" ", -1) : new String[0];
    if (before.length <= FIELD_MOUNT_POINT || after.length < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Mount(
            Integer.parseInt(before[FIELD_ID]),
            before[FIELD_DEVICE],
            Path.of(unescape(before[FIELD_MOUNT_POINT])),
            after[0],
            unescape(after[1])));
  }

  /** Bytes arrive one per char, with space, tab, newline and backslash as {@code \ooo}. */
  private static String unescape(String field) {
    byte[] bytes = new byte[field.length()];
    int count = 0;
    int at = 0;
    while (at < field.length()) {
      char c = field.charAt(at);
      if (c == '\\' && at + 3 < field.length()) {
        bytes[count++] = (byte) Integer.parseInt(field, at + 1, at + 4, 8);
        at += 4;
      } else {
        bytes[count++] = (byte) c;
        at++;
      }
    }
    return new String(bytes, 0, count, pathCharset());
  }

  private static Charset pathCharset() {
    String name = System.getProperty("sun.jnu.encoding");
    return name == null ? Charset.defaultCharset() : Charset.forName(name);
  }
}
