package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.FileSystem;
import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Set;

/**
 * The operations of {@link FileSystem} that the kernel asks for, under the names that {@code
 * fuse_lowlevel_ops} gives them.
 */
public enum Operation {
  /** Finds a name. */
  LOOKUP("lookup"),
  /** Takes lookup counts back. */
  FORGET("forget"),
  /** Reads attributes. */
  GETATTR("getattr"),
  /** Changes attributes. */
  SETATTR("setattr"),
  /** Reads a link. */
  READLINK("readlink"),
  /** Makes a node. */
  MKNOD("mknod"),
  /** Makes a directory. */
  MKDIR("mkdir"),
  /** Removes a name. */
  UNLINK("unlink"),
  /** Removes a directory. */
  RMDIR("rmdir"),
  /** Makes a symbolic link. */
  SYMLINK("symlink"),
  /** Renames. */
  RENAME("rename"),
  /** Makes a hard link. */
  LINK("link"),
  /** Opens a file. */
  OPEN("open"),
  /** Reads a file. */
  READ("read"),
  /** Writes a file. */
  WRITE("write"),
  /** One close of a file. */
  FLUSH("flush"),
  /** The last close of a file. */
  RELEASE("release"),
  /** Makes a file durable. */
  FSYNC("fsync"),
  /** Opens a directory. */
  OPENDIR("opendir"),
  /** Lists a directory. */
  READDIR("readdir"),
  /** Lists a directory with attributes. */
  READDIRPLUS("readdirplus"),
  /** Closes a directory. */
  RELEASEDIR("releasedir"),
  /** Makes a directory durable. */
  FSYNCDIR("fsyncdir"),
  /** Figures of the filesystem. */
  STATFS("statfs"),
  /** Sets an extended attribute. */
  SETXATTR("setxattr"),
  /** Reads an extended attribute. */
  GETXATTR("getxattr"),
  /** Lists extended attributes. */
  LISTXATTR("listxattr"),
  /** Removes an extended attribute. */
  REMOVEXATTR("removexattr"),
  /** Checks access. */
  ACCESS("access"),
  /** Makes and opens a file. */
  CREATE("create"),
  /** Tests a lock. */
  GETLK("getlk"),
  /** Takes a lock. */
  SETLK("setlk"),
  /** Takes a BSD lock. */
  FLOCK("flock"),
  /** Maps a block. */
  BMAP("bmap"),
  /** Controls a device. */
  IOCTL("ioctl"),
  /** Asks for events. */
  POLL("poll"),
  /** Reserves or punches a range. */
  FALLOCATE("fallocate"),
  /** Copies a range. */
  COPY_FILE_RANGE("copyFileRange"),
  /** Finds data and holes. */
  LSEEK("lseek"),
  /** Makes and opens a file without a name. */
  TMPFILE("tmpfile"),
  /** Reads attributes with the time of birth. */
  STATX("statx"),
  /** What the kernel has cached, as it was asked for. */
  RETRIEVE_REPLY("retrieveReply");

  private final String method;

  Operation(String method) {
    this.method = method;
  }

  /** Name of the method of {@link FileSystem} that serves it. */
  public String method() {
    return method;
  }

  /**
   * The operations that a filesystem overrides, and so offers. Looked up once for each mount.
   * Forgets are always among them, because the binding itself keeps count.
   */
  public static Set<Operation> offeredBy(FileSystem fileSystem) {
    EnumSet<Operation> offered = EnumSet.of(FORGET);
    for (Method candidate : FileSystem.class.getMethods()) {
      for (Operation operation : values()) {
        if (operation.method.equals(candidate.getName()) && overrides(fileSystem, candidate)) {
          offered.add(operation);
        }
      }
    }
    return offered;
  }

  private static boolean overrides(FileSystem fileSystem, Method declared) {
    try {
      return fileSystem
              .getClass()
              .getMethod(declared.getName(), declared.getParameterTypes())
              .getDeclaringClass()
          != FileSystem.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("FileSystem declares " + declared + " and nobody has it", e);
    }
  }
}
