package dev.slabmount.fuse.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.example.memfs.MemFs;
import dev.slabmount.fuse.example.memfs.MemFsOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A {@link MemFs} with one mistake at a time, which the suites have to find. Which one, is said by
 * the extended attribute {@value #SWITCH} of its root.
 */
final class FaultyMemFs implements FileSystem {
  /** Set it to the name of a {@link Mistake}. */
  static final String SWITCH = "user.mistake";

  private static final int PAGE = 4096;
  private static final int PUNCH_HOLE = 2;

  /** The mistakes. */
  enum Mistake {
    /** There is none. */
    NONE,
    /** A write that ends within a page loses its last byte. */
    LOST_BYTE,
    /** A file is not made shorter to within a page. */
    FORGOTTEN_TRUNCATE,
    /** A hole is not punched. */
    FORGOTTEN_HOLE,
    /** A copy goes wrong by one byte. */
    SHIFTED_COPY,
    /** A rename replaces what it has to exchange. */
    REPLACING_RENAME,
    /** A listing that goes on skips what comes next. */
    SKIPPED_NAME,
    /** The access time cannot be set. */
    FORGOTTEN_TIME,
    /** An attribute is made though it is there. */
    OVERWRITTEN_ATTRIBUTE,
    /** A file does not lose its rights when somebody writes to it. */
    KEPT_RIGHTS,
  }

  private final MemFs fs;
  private volatile Mistake mistake = Mistake.NONE;

  private FaultyMemFs(MemFs fs) {
    this.fs = fs;
  }

  /** Serves one: mountpoint, {@code --transport} and it, {@code -o} and options. */
  public static void main(String[] arguments) throws Exception {
    MemFsOptions options = new MemFsOptions();
    for (String option : arguments[4].split(",", -1)) {
      options.set(option); // before the filesystem is made, which only reads them
    }
    FuseMount.Builder builder =
        FuseMount.of(new FaultyMemFs(new MemFs(options)))
            .at(Path.of(arguments[0]))
            .transport(TransportKind.valueOf(arguments[2].toUpperCase(Locale.ROOT)))
            .option("default_permissions");
    for (String option : arguments[4].split(",", -1)) {
      if (!new MemFsOptions().set(option)) {
        builder.option(option);
      }
    }
    try (FuseMount mount = builder.mount()) {
      mount.awaitEnd();
    }
  }

  private boolean is(Mistake other) {
    return mistake == other;
  }

  @Override
  public void write(Request r, long ino, long fh, long offset, int length) {
    if (is(Mistake.LOST_BYTE) && (offset + length) % PAGE != 0) {
      r.data().set(JAVA_BYTE, length - 1, (byte) 0);
    }
    fs.write(r, ino, fh, offset, length);
  }

  @Override
  public void setattr(Request r, long ino, long fh, AttributeChanges changes) {
    if (is(Mistake.FORGOTTEN_TRUNCATE) && changes.size() % PAGE != 0) {
      changes.valid(changes.valid() & ~AttributeChanges.SIZE_VALID);
    }
    if (is(Mistake.KEPT_RIGHTS)) {
      changes.valid(changes.valid() & ~AttributeChanges.KILL_SUID_GID);
    }
    if (is(Mistake.FORGOTTEN_TIME)) {
      changes.valid(changes.valid() & ~AttributeChanges.ACCESS_TIME_VALID);
    }
    fs.setattr(r, ino, fh, changes);
  }

  @Override
  public void fallocate(Request r, long ino, long fh, long offset, long length, int mode) {
    if (is(Mistake.FORGOTTEN_HOLE) && (mode & PUNCH_HOLE) != 0) {
      r.reply().ok();
    } else {
      fs.fallocate(r, ino, fh, offset, length, mode);
    }
  }

  @Override
  public void copyFileRange(
      Request r,
      long ino,
      long fh,
      long offset,
      long toIno,
      long toFh,
      long toOffset,
      long length,
      int flags) {
    long from = is(Mistake.SHIFTED_COPY) && length > 1 ? offset + 1 : offset;
    fs.copyFileRange(r, ino, fh, from, toIno, toFh, toOffset, length, flags);
  }

  @Override
  public void rename(Request r, long parent, Name name, long newParent, Name newName, int flags) {
    int seen = is(Mistake.REPLACING_RENAME) ? flags & ~Posix.EXCHANGE : flags;
    fs.rename(r, parent, name, newParent, newName, seen);
  }

  private long skipped(long offset) {
    return is(Mistake.SKIPPED_NAME) && offset > 2 ? offset + 1 : offset;
  }

  @Override
  public void readdir(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
    fs.readdir(r, ino, fh, skipped(offset), buffer);
  }

  @Override
  public void readdirplus(Request r, long ino, long fh, long offset, DirectoryBuffer buffer) {
    fs.readdirplus(r, ino, fh, skipped(offset), buffer);
  }

  @Override
  public void setxattr(Request r, long ino, Name name, int flags) {
    if (ino == ROOT && name.toString().equals(SWITCH)) {
      byte[] wanted = r.data().toArray(JAVA_BYTE);
      mistake = Mistake.valueOf(new String(wanted, StandardCharsets.US_ASCII));
    }
    fs.setxattr(r, ino, name, is(Mistake.OVERWRITTEN_ATTRIBUTE) ? 0 : flags);
  }

  @Override
  public void init(Connection connection) {
    fs.init(connection);
  }

  @Override
  public void destroy() {
    fs.destroy();
  }

  @Override
  public void lookup(Request r, long parent, Name name) {
    fs.lookup(r, parent, name);
  }

  @Override
  public void forget(long ino, long count) {
    fs.forget(ino, count);
  }

  @Override
  public void getattr(Request r, long ino, long fh) {
    fs.getattr(r, ino, fh);
  }

  @Override
  public void readlink(Request r, long ino) {
    fs.readlink(r, ino);
  }

  @Override
  public void mknod(Request r, long parent, Name name, int mode, int deviceNumber) {
    fs.mknod(r, parent, name, mode, deviceNumber);
  }

  @Override
  public void mkdir(Request r, long parent, Name name, int mode) {
    fs.mkdir(r, parent, name, mode);
  }

  @Override
  public void symlink(Request r, long parent, Name name, Name target) {
    fs.symlink(r, parent, name, target);
  }

  @Override
  public void create(Request r, long parent, Name name, int mode, int flags) {
    fs.create(r, parent, name, mode, flags);
  }

  @Override
  public void unlink(Request r, long parent, Name name) {
    fs.unlink(r, parent, name);
  }

  @Override
  public void rmdir(Request r, long parent, Name name) {
    fs.rmdir(r, parent, name);
  }

  @Override
  public void link(Request r, long ino, long newParent, Name newName) {
    fs.link(r, ino, newParent, newName);
  }

  @Override
  public void open(Request r, long ino, int flags) {
    fs.open(r, ino, flags);
  }

  @Override
  public void read(Request r, long ino, long fh, long offset, int length) {
    fs.read(r, ino, fh, offset, length);
  }

  @Override
  public void lseek(Request r, long ino, long fh, long offset, int whence) {
    fs.lseek(r, ino, fh, offset, whence);
  }

  @Override
  public void opendir(Request r, long ino, int flags) {
    fs.opendir(r, ino, flags);
  }

  @Override
  public void statfs(Request r, long ino) {
    fs.statfs(r, ino);
  }

  @Override
  public void getxattr(Request r, long ino, Name name, int size) {
    fs.getxattr(r, ino, name, size);
  }

  @Override
  public void listxattr(Request r, long ino, int size) {
    fs.listxattr(r, ino, size);
  }

  @Override
  public void removexattr(Request r, long ino, Name name) {
    fs.removexattr(r, ino, name);
  }
}
