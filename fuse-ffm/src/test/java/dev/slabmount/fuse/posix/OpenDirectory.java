package dev.slabmount.fuse.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * A directory that is open: calls relative to it, and its listing with the positions in it. Results
 * as those of {@link Posix}.
 */
final class OpenDirectory implements AutoCloseable {
  /** A name, as a listing shows it; {@code type}: DT_* of dirent.h. */
  record Item(String name, long ino, int type) {}

  private static final int LONGEST = 4096;
  private static final long INO = 0; // struct dirent of 64 bits: the same on all processors
  private static final long TYPE = 18;
  private static final long NAME = 19;

  private final long stream;

  /** Opens a directory. */
  OpenDirectory(String path) {
    stream = Posix.call(true, "opendir", path);
    if (stream <= 0) {
      throw new AssertionError("opendir " + path + ": errno " + -stream);
    }
  }

  /** Its descriptor. */
  int fd() {
    return (int) Posix.call(false, "dirfd", stream);
  }

  /** The next item; null at the end. */
  Item next() {
    long entry = Posix.call(true, "readdir", stream);
    if (entry <= 0) {
      return null;
    }
    MemorySegment dirent = MemorySegment.ofAddress(entry).reinterpret(LONGEST);
    int length = 0;
    while (dirent.get(JAVA_BYTE, NAME + length) != 0) {
      length++;
    }
    return new Item(
        Posix.text(dirent.asSlice(NAME), length),
        dirent.get(JAVA_LONG, INO),
        dirent.get(JAVA_BYTE, TYPE));
  }

  /** Where the listing is. */
  long tell() {
    return Posix.call(true, "telldir", stream);
  }

  /** Goes on where it was. */
  void seek(long position) {
    Posix.call(true, "seekdir", stream, position);
  }

  /** Begins again. */
  void rewind() {
    Posix.call(true, "rewinddir", stream);
  }

  /** All names from the beginning, sorted; each once. */
  Set<String> names() {
    rewind();
    Set<String> names = new TreeSet<>();
    for (Item item = next(); item != null; item = next()) {
      if (!names.add(item.name)) {
        throw new AssertionError("listed twice: " + item.name);
      }
    }
    return names;
  }

  /** Tries to make something of each kind, and to move something in; an errno if all agree. */
  int tryToFill(String file) {
    long[] results = {
      Posix.call(false, "openat", fd(), "new", Posix.O_CREAT | Posix.O_RDWR, 0644),
      Posix.call(false, "mkdirat", fd(), "new", 0755),
      Posix.call(false, "symlinkat", "target", fd(), "new"),
      Posix.call(false, "mknodat", fd(), "new", Posix.S_IFIFO | 0644, 0),
      Posix.call(false, "linkat", Posix.AT_FDCWD, file, fd(), "new", 0),
      Posix.call(false, "renameat2", Posix.AT_FDCWD, file, fd(), "new", 0),
    };
    for (long result : results) {
      if (result != results[0]) {
        throw new AssertionError(Arrays.toString(results));
      }
    }
    return (int) -results[0];
  }

  @Override
  public void close() {
    if (Posix.call(false, "closedir", stream) != 0) {
      throw new AssertionError("closedir");
    }
  }
}
