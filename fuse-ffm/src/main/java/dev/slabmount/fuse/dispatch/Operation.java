package dev.slabmount.fuse.dispatch;

import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.reply.ReplyKind;
import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Set;

/**
 * The operations of {@link FileSystem} that the kernel asks for, under the names that {@code
 * fuse_lowlevel_ops} gives them.
 */
public enum Operation {
  /** Finds a name. */
  LOOKUP("lookup", ReplyKind.ENTRY),
  /** Takes lookup counts back. */
  FORGET("forget"),
  /** Reads attributes. */
  GETATTR("getattr", ReplyKind.ATTRIBUTES),
  /** Changes attributes. */
  SETATTR("setattr", ReplyKind.ATTRIBUTES),
  /** Reads a link. */
  READLINK("readlink", ReplyKind.TARGET),
  /** Makes a node. */
  MKNOD("mknod", ReplyKind.ENTRY),
  /** Makes a directory. */
  MKDIR("mkdir", ReplyKind.ENTRY),
  /** Removes a name. */
  UNLINK("unlink", ReplyKind.OK),
  /** Removes a directory. */
  RMDIR("rmdir", ReplyKind.OK),
  /** Makes a symbolic link. */
  SYMLINK("symlink", ReplyKind.ENTRY),
  /** Renames. */
  RENAME("rename", ReplyKind.OK),
  /** Makes a hard link. */
  LINK("link", ReplyKind.ENTRY),
  /** Opens a file. */
  OPEN("open", ReplyKind.OPENED),
  /** Reads a file. */
  READ("read", ReplyKind.DATA),
  /** Writes a file. */
  WRITE("write", ReplyKind.WRITTEN),
  /** One close of a file. */
  FLUSH("flush", ReplyKind.OK),
  /** The last close of a file. */
  RELEASE("release", ReplyKind.OK),
  /** Makes a file durable. */
  FSYNC("fsync", ReplyKind.OK),
  /** Opens a directory. */
  OPENDIR("opendir", ReplyKind.OPENED),
  /** Lists a directory. */
  READDIR("readdir", ReplyKind.DIRECTORY),
  /** Lists a directory with attributes. */
  READDIRPLUS("readdirplus", ReplyKind.DIRECTORY),
  /** Closes a directory. */
  RELEASEDIR("releasedir", ReplyKind.OK),
  /** Makes a directory durable. */
  FSYNCDIR("fsyncdir", ReplyKind.OK),
  /** Figures of the filesystem. */
  STATFS("statfs", ReplyKind.FIGURES),
  /** Sets an extended attribute. */
  SETXATTR("setxattr", ReplyKind.OK),
  /** Reads an extended attribute. */
  GETXATTR("getxattr", ReplyKind.DATA, ReplyKind.VALUE_SIZE),
  /** Lists extended attributes. */
  LISTXATTR("listxattr", ReplyKind.DATA, ReplyKind.VALUE_SIZE),
  /** Removes an extended attribute. */
  REMOVEXATTR("removexattr", ReplyKind.OK),
  /** Checks access. */
  ACCESS("access", ReplyKind.OK),
  /** Makes and opens a file. */
  CREATE("create", ReplyKind.CREATED),
  /** Tests a lock. */
  GETLK("getlk", ReplyKind.LOCK),
  /** Takes a lock. */
  SETLK("setlk", ReplyKind.OK),
  /** Takes a BSD lock. */
  FLOCK("flock", ReplyKind.OK),
  /** Maps a block. */
  BMAP("bmap", ReplyKind.MAPPED_BLOCK),
  /** Controls a device. */
  IOCTL("ioctl", ReplyKind.IOCTL),
  /** Asks for events. */
  POLL("poll", ReplyKind.POLLED),
  /** Reserves or punches a range. */
  FALLOCATE("fallocate", ReplyKind.OK),
  /** Copies a range. */
  COPY_FILE_RANGE("copyFileRange", ReplyKind.WRITTEN),
  /** Finds data and holes. */
  LSEEK("lseek", ReplyKind.OFFSET),
  /** Makes and opens a file without a name. */
  TMPFILE("tmpfile", ReplyKind.CREATED),
  /** Reads attributes with the time of birth. */
  STATX("statx", ReplyKind.STATX),
  /** What the kernel has cached, as it was asked for. */
  RETRIEVE_REPLY("retrieveReply");

  private final String method;
  private final int answerBits;

  Operation(String method, ReplyKind... answers) {
    this.method = method;
    answerBits = ReplyKind.bits(answers);
  }

  /** The answers that it takes besides errors; none if it is not answered. */
  public Set<ReplyKind> answers() {
    return ReplyKind.ofBits(answerBits);
  }

  /** {@link #answers} as {@link ReplyKind#bits}. */
  int answerBits() {
    return answerBits;
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
