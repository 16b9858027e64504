package dev.slabmount.fuse.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * System calls: each returns what C's function does, or the negative errno. Paths and names are
 * strings whose characters are bytes. Numbers are those of asm-generic and of x86-64 and aarch64,
 * which share them but for two.
 */
final class Posix {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_TRUNC = 01000;
  static final int O_APPEND = 02000;
  static final int O_DIRECT = isArm() ? 0200000 : 040000;
  static final int O_DIRECTORY = isArm() ? 040000 : 0200000;
  static final int O_TMPFILE = 020000000 | O_DIRECTORY;
  static final int KEEP_SIZE = 1;
  static final int PUNCH_HOLE = 2;
  static final int COLLAPSE_RANGE = 8;
  static final int ZERO_RANGE = 0x10;
  static final int INSERT_RANGE = 0x20;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;
  static final int NO_REPLACE = 1;
  static final int EXCHANGE = 2;
  static final int WHITEOUT = 4;
  static final int XATTR_CREATE = 1;
  static final int XATTR_REPLACE = 2;
  static final long UTIME_NOW = 0x3FFFFFFF;
  static final long UTIME_OMIT = 0x3FFFFFFE;
  static final int S_IFIFO = 010000;
  static final int S_IFCHR = 020000;
  static final int S_IFBLK = 060000;
  static final int S_IFSOCK = 0140000;
  static final int AT_FDCWD = -100;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BYTES = 256;
  private static final int STATVFS_BYTES = 256;
  private static final int FADV_DONTNEED = 4;
  private static final int PAGE_BYTES = 4096;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Map<String, MethodHandle> HANDLES = new ConcurrentHashMap<>();

  private Posix() {}

  /** {@code struct statx}, which is the same on all processors. Times are in nanoseconds. */
  record Stat(
      long ino,
      int mode,
      int links,
      int uid,
      int gid,
      long size,
      long blocks,
      long access,
      long modify,
      long change,
      int major,
      int minor) {
    int permissions() {
      return mode & 07777;
    }
  }

  /** What statvfs says of the room in a filesystem. */
  record Room(long blockBytes, long blocks, long freeBlocks, long files, long freeFiles) {
    long freeBytes() {
      return blockBytes * freeBlocks;
    }
  }

  static Room room(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STATVFS_BYTES, 8); // words of 64 bits, to begin with
      long result = call(false, "statvfs", path, s);
      if (result != 0) {
        throw new IllegalStateException("statvfs " + path + ": errno " + -result);
      }
      long[] words = s.toArray(JAVA_LONG);
      return new Room(words[1], words[2], words[4], words[5], words[6]);
    }
  }

  private static boolean isArm() {
    return System.getProperty("os.arch").equals("aarch64");
  }

  private static MethodHandle handle(String name, int arguments) {
    return HANDLES.computeIfAbsent(
        name,
        key -> {
          MemoryLayout[] types =
              Collections.nCopies(arguments, JAVA_LONG).toArray(MemoryLayout[]::new);
          Linker.Option errno = Linker.Option.captureCallState("errno");
          return LINKER.downcallHandle(
              LINKER.defaultLookup().findOrThrow(name),
              FunctionDescriptor.of(JAVA_LONG, types),
              name.startsWith("open") && !name.equals("opendir")
                  ? new Linker.Option[] {errno, Linker.Option.firstVariadicArg(arguments - 1)}
                  : new Linker.Option[] {errno});
        });
  }

  /** Calls with longs, strings and segments; {@code wide}: the result is 64 bits. */
  static long call(boolean wide, String name, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
      Object[] all = new Object[arguments.length + 1];
      all[0] = errno;
      for (int i = 0; i < arguments.length; i++) {
        all[i + 1] =
            switch (arguments[i]) {
              case String text -> arena.allocateFrom(text, StandardCharsets.ISO_8859_1).address();
              case MemorySegment segment -> segment.address();
              case Number number -> number.longValue();
              default -> throw new IllegalArgumentException(String.valueOf(arguments[i]));
            };
      }
      long result = (long) handle(name, arguments.length).invokeWithArguments(Arrays.asList(all));
      result = wide ? result : (int) result;
      return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }

  static int open(String path, int flags) {
    return open(path, flags, 0644);
  }

  static int open(String path, int flags, int mode) {
    return (int) call(false, "open", path, flags, mode);
  }

  static int close(int fd) {
    return (int) call(false, "close", fd);
  }

  static long write(int fd, String bytes) {
    try (Arena arena = Arena.ofConfined()) {
      return call(
          true,
          "write",
          fd,
          arena.allocateFrom(bytes, StandardCharsets.ISO_8859_1),
          bytes.length());
    }
  }

  /** Writes where the file is, or ends. */
  static long append(int fd, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      return call(
          true, "write", fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), bytes.length);
    }
  }

  static long pwrite(int fd, byte[] bytes, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      return call(true, "pwrite", fd, segment, bytes.length, offset);
    }
  }

  /** For O_DIRECT, which wants memory that begins with a page. */
  static long writeAligned(int fd, byte[] bytes, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes.length, PAGE_BYTES);
      segment.copyFrom(MemorySegment.ofArray(bytes));
      return call(true, "pwrite", fd, segment, bytes.length, offset);
    }
  }

  /** As {@link #writeAligned}. */
  static byte[] readAligned(int fd, int length, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      return read(fd, arena.allocate(length, PAGE_BYTES), length, offset);
    }
  }

  static long pwrite(int fd, String bytes, long offset) {
    return pwrite(fd, bytes.getBytes(StandardCharsets.ISO_8859_1), offset);
  }

  /** Fails with the errno in a message. */
  static byte[] pread(int fd, int length, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      return read(fd, arena.allocate(Math.max(1, length)), length, offset);
    }
  }

  private static byte[] read(int fd, MemorySegment to, int length, long offset) {
    long count = call(true, "pread", fd, to, length, offset);
    if (count < 0) {
      throw new IllegalStateException("pread: errno " + -count);
    }
    return to.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
  }

  static long ftruncate(int fd, long size) {
    return call(false, "ftruncate", fd, size);
  }

  static long truncate(String path, long size) {
    return call(false, "truncate", path, size);
  }

  static long fsync(int fd) {
    return call(false, "fsync", fd);
  }

  static long fdatasync(int fd) {
    return call(false, "fdatasync", fd);
  }

  /** Lets the kernel forget the pages of a file that are not dirty. */
  static long dropPages(int fd) {
    return call(false, "posix_fadvise", fd, 0, 0, FADV_DONTNEED);
  }

  static long fallocate(int fd, int mode, long offset, long length) {
    return call(false, "fallocate", fd, mode, offset, length);
  }

  static long seek(int fd, long offset, int whence) {
    return call(true, "lseek", fd, offset, whence);
  }

  static long copyFileRange(int from, long fromOffset, int to, long toOffset, long length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocateFrom(JAVA_LONG, fromOffset);
      MemorySegment out = arena.allocateFrom(JAVA_LONG, toOffset);
      return call(true, "copy_file_range", from, in, to, out, length, 0);
    }
  }

  static long mkdir(String path, int mode) {
    return call(false, "mkdir", path, mode);
  }

  static long rmdir(String path) {
    return call(false, "rmdir", path);
  }

  static long unlink(String path) {
    return call(false, "unlink", path);
  }

  static long link(String path, String newPath) {
    return call(false, "link", path, newPath);
  }

  /** Gives what is open a name. */
  static long linkOpen(int fd, String newPath) {
    return call(
        false, "linkat", AT_FDCWD, "/proc/self/fd/" + fd, AT_FDCWD, newPath, AT_SYMLINK_FOLLOW);
  }

  static long symlink(String target, String path) {
    return call(false, "symlink", target, path);
  }

  /** The target, of at most 4 KiB. */
  static String readlink(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(4097);
      long length = call(true, "readlink", path, target, 4096);
      return length < 0 ? "errno " + -length : text(target, length);
    }
  }

  static String text(MemorySegment bytes, long length) {
    return new String(
        bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }

  static long mknod(String path, int mode, long device) {
    return call(false, "mknod", path, mode, device);
  }

  static long rename(String path, String newPath) {
    return call(false, "rename", path, newPath);
  }

  static long rename(String path, String newPath, int flags) {
    return call(false, "renameat2", AT_FDCWD, path, AT_FDCWD, newPath, flags);
  }

  static long chmod(String path, int mode) {
    return call(false, "chmod", path, mode);
  }

  static long chown(String path, int uid, int gid) {
    return call(false, "chown", path, uid, gid);
  }

  static long utimens(String path, long access, int accessNanos, long modify, int modifyNanos) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment times = arena.allocateFrom(JAVA_LONG, access, accessNanos, modify, modifyNanos);
      return call(false, "utimensat", AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
    }
  }

  static long setxattr(String path, String name, String value, int flags) {
    return call(false, "lsetxattr", path, name, value, value.length(), flags);
  }

  /** The value, or "errno N". */
  static String getxattr(String path, String name, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Math.max(1, size));
      long length = call(true, "lgetxattr", path, name, value, size);
      return length < 0 ? "errno " + -length : size == 0 ? length + " bytes" : text(value, length);
    }
  }

  /** The names, each ended by a bar; or "errno N". */
  static String listxattr(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(4096);
      long length = call(true, "llistxattr", path, names, 4096);
      return length < 0 ? "errno " + -length : text(names, length).replace('\0', '|');
    }
  }

  static long removexattr(String path, String name) {
    return call(false, "lremovexattr", path, name);
  }

  static Stat stat(String path) {
    return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  }

  static Stat stat(int fd) {
    return statx(fd, "", AT_EMPTY_PATH);
  }

  /** The errno of looking at a path; 0 if it is there. */
  static int statErrno(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(STATX_BYTES, 8);
      return (int)
          -call(false, "statx", AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, buffer);
    }
  }

  private static Stat statx(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(STATX_BYTES, 8);
      long result = call(false, "statx", fd, path, flags, STATX_BASIC_STATS, s);
      if (result != 0) {
        throw new IllegalStateException("statx " + path + ": errno " + -result);
      }
      return new Stat(
          s.get(JAVA_LONG, 32),
          s.get(JAVA_SHORT, 28) & 0xFFFF,
          s.get(JAVA_INT, 16),
          s.get(JAVA_INT, 20),
          s.get(JAVA_INT, 24),
          s.get(JAVA_LONG, 40),
          s.get(JAVA_LONG, 48),
          time(s, 64),
          time(s, 112),
          time(s, 96),
          s.get(JAVA_INT, 128),
          s.get(JAVA_INT, 132));
    }
  }

  private static long time(MemorySegment statx, long at) {
    return statx.get(JAVA_LONG, at) * 1_000_000_000L + statx.get(JAVA_INT, at + 8);
  }
}
