package dev.slabmount.nativebindings.file;

import dev.slabmount.nativebindings.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What {@code statfs(2)} says of the filesystem that a file is on. The JDK looks in the table of
 * mounts instead, where it finds the wrong one if several are mounted on top of each other.
 *
 * @param type the number of the kind of filesystem, as in {@code linux/magic.h}
 * @param readOnly whether nothing can be written through this mount
 */
public record Filesystem(long type, boolean readOnly) {

  /** Programs that serve a filesystem, disks behind {@code fuseblk} and virtiofs included. */
  public static final long FUSE = 0x6573_5546L;

  // struct statfs of bits/statfs.h; the same on x86-64 and aarch64.
  private static final long STATFS_BYTES = 120;
  private static final long TYPE_OFFSET = 0;
  private static final long FLAGS_OFFSET = 80;
  private static final long ST_RDONLY = 1;

  /**
   * Asks the kernel; one system call.
   *
   * @param path the bytes of the path of anything on it; links are followed
   * @throws IOException if the kernel does not say
   */
  public static Filesystem of(final byte[] path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment errno = Libc.allocateErrno(arena);
      final MemorySegment text = arena.allocate(path.length + 1L);
      MemorySegment.copy(path, 0, text, ValueLayout.JAVA_BYTE, 0, path.length);
      final MemorySegment result = arena.allocate(STATFS_BYTES, Long.BYTES);
      if (Libc.statfs(errno, text.address(), result.address()) != 0) {
        throw new IOException("statfs: errno " + Libc.errno(errno));
      }
      return new Filesystem(
          result.get(ValueLayout.JAVA_LONG, TYPE_OFFSET) & 0xffff_ffffL,
          (result.get(ValueLayout.JAVA_LONG, FLAGS_OFFSET) & ST_RDONLY) != 0);
    }
  }
}
