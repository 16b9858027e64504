package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A line for each request and one for each answer, for people who look for what goes wrong:
 *
 * <pre>
 *   > 18 lookup ino 1 name "a\xff" by 1000:1000 pid 4711
 *   < 18 lookup errno 2, 41 us
 *   ! invalidateInode ino 5 offset 0 length 0: ok
 * </pre>
 *
 * <p>docs/CLI.md has the legend. Names are in quotes; every byte of them that is no printable ASCII
 * is written as {@code \xNN}, quotes and backslashes as well. What is refused or answered before
 * the filesystem is asked has a line too. Thread-safe if its consumer is.
 */
public final class RequestLog {
  private static final int HEX = 16;

  private final Consumer<String> lines;

  /** Creates a log; {@code lines} takes each line without a line break, on any thread. */
  public RequestLog(Consumer<String> lines) {
    this.lines = lines;
  }

  void request(Arguments a) {
    StringBuilder line = begin('>', a).append(" ino ").append(a.ino);
    add(line, "fh", a.fh, FileSystem.NO_HANDLE);
    add(line, "to-ino", a.toIno, 0);
    add(line, "to-fh", a.toFh, FileSystem.NO_HANDLE);
    add(line, "offset", a.offset, 0);
    add(line, "to-offset", a.toOffset, 0);
    add(line, "length", a.length, 0);
    add(line, "data", a.dataLength, 0);
    switch (a.operation) {
      case LOOKUP, MKNOD, MKDIR, UNLINK, RMDIR, LINK, CREATE, SETXATTR, GETXATTR, REMOVEXATTR ->
          name(line, "name", a.name);
      case SYMLINK -> name(name(line, "name", a.name), "target", a.secondName);
      case RENAME -> name(name(line, "name", a.name), "to-name", a.secondName);
      case SETATTR -> line.append(" valid 0x").append(Integer.toHexString(a.changes.valid()));
      case GETLK, SETLK -> lock(line, a);
      case IOCTL -> line.append(" command 0x").append(Integer.toHexString(a.mode));
      case POLL -> line.append(" events 0x").append(Integer.toHexString(a.pollEvents));
      default -> {
        // The numbers say it all.
      }
    }
    if (a.flags != 0) {
      line.append(" flags 0").append(Integer.toOctalString(a.flags));
    }
    if (a.mode != 0 && a.operation != Operation.IOCTL) {
      line.append(" mode 0").append(Integer.toOctalString(a.mode));
    }
    line.append(a.killsPrivileges ? " kills-privileges" : "")
        .append(a.fromPageCache ? " cached" : "")
        .append(a.dropsLocks ? " drops-locks" : "");
    lines.accept(
        line.append(" by ")
            .append(Integer.toUnsignedString(a.uid))
            .append(':')
            .append(Integer.toUnsignedString(a.gid))
            .append(" pid ")
            .append(a.pid)
            .toString());
  }

  void forget(long ino, long count) {
    lines.accept("> - forget ino " + ino + " count " + count);
  }

  void retrieved(long ino, long cookie, long offset, long length) {
    lines.accept(
        "> - retrieveReply ino %d cookie %d offset %d data %d"
            .formatted(ino, cookie, offset, length));
  }

  /** The caller of request {@code unique} has given up. */
  public void interrupted(long unique) {
    lines.accept("> - interrupt of " + unique);
  }

  /** A request was refused before the filesystem was asked. */
  public void refused(long unique, int opcode, int errno) {
    lines.accept("< " + unique + " opcode " + opcode + " refused, errno " + errno);
  }

  /** A request was answered by libfuse, which did not ask us. */
  public void answeredByLibfuse(long unique, int opcode) {
    lines.accept("< " + unique + " opcode " + opcode + " answered by libfuse");
  }

  /** The kernel was told something, and this came of it, 0 or an errno. */
  void notified(String what, int errno) {
    lines.accept("! " + what + ": " + (errno == 0 ? "ok" : "errno " + errno));
  }

  /** An answer: what it is, and what the kernel said to it, 0 or a negative errno. */
  void answer(Arguments a, String what, int result, long nanos) {
    StringBuilder line = begin('<', a).append(' ').append(what);
    if (result != 0) {
      line.append(", not taken: errno ").append(-result);
    }
    lines.accept(line.append(", ").append(nanos / 1000).append(" us").toString());
  }

  private static StringBuilder begin(char direction, Arguments a) {
    return new StringBuilder()
        .append(direction)
        .append(' ')
        .append(a.unique)
        .append(' ')
        .append(a.operation.method());
  }

  private static void add(StringBuilder line, String what, long value, long absent) {
    if (value != absent) {
      line.append(' ').append(what).append(' ').append(value);
    }
  }

  private static void lock(StringBuilder line, Arguments a) {
    line.append(" lock ")
        .append(a.lock.type())
        .append(' ')
        .append(a.lock.start())
        .append('-')
        .append(a.lock.end());
  }

  private static StringBuilder name(StringBuilder line, String what, Name name) {
    return line.append(' ').append(what).append(' ').append(quoted(name.toByteArray()));
  }

  /** Bytes as a string that no terminal, log or reader can take for anything else. */
  static String quoted(byte[] bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        text.append("\\x")
            .append(Character.forDigit(c / HEX, HEX))
            .append(Character.forDigit(c % HEX, HEX));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }
}
