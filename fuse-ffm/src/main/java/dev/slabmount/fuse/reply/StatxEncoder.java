package dev.slabmount.fuse.reply;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.slabmount.fuse.Attributes;
import java.lang.foreign.MemorySegment;

/**
 * Writes a {@code struct statx}, which the kernel's protocol shares with {@code statx(2)} as {@code
 * struct fuse_statx}. Younger than the headers that the bindings are made from; offsets are those
 * of {@code include/uapi/linux/stat.h} and {@code include/uapi/linux/fuse.h} of Linux 6.6, equal on
 * all processors. Stateless; allocates nothing.
 *
 * <pre>
 *    0 mask u32 | blksize u32 | attributes u64 | nlink u32 | uid u32 | gid u32 | mode u16 | - u16
 *   32 ino u64 | size u64 | blocks u64 | attributes_mask u64
 *   64 atime | btime | ctime | mtime, each: seconds i64 | nanoseconds u32 | -
 *  128 rdev_major u32 | rdev_minor u32 | dev_major u32 | dev_minor u32 | spare to 256
 * </pre>
 */
public final class StatxEncoder {
  /** Bytes of the struct. */
  public static final int BYTES = 256;

  private static final int ATIME = 64;
  private static final int BTIME = 80;
  private static final int CTIME = 96;
  private static final int MTIME = 112;
  private static final int MINOR_LOW = 0xFF; // the kernel's new_encode_dev: minor, major, minor
  private static final int MAJOR_SHIFT = 8;
  private static final int MAJOR_MASK = 0xFFF;
  private static final int MINOR_HIGH_SHIFT = 12;

  private StatxEncoder() {}

  /** Writes the struct at {@code at}, every byte of it; {@code mask} says what of it counts. */
  public static void write(MemorySegment out, long at, Attributes a, int mask) {
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      out.set(JAVA_LONG, at + i, 0);
    }
    out.set(JAVA_INT, at, mask);
    out.set(JAVA_INT, at + 4, a.blockSize());
    out.set(JAVA_INT, at + 16, a.linkCount());
    out.set(JAVA_INT, at + 20, a.uid());
    out.set(JAVA_INT, at + 24, a.gid());
    out.set(JAVA_SHORT, at + 28, (short) a.mode());
    out.set(JAVA_LONG, at + 32, a.ino());
    out.set(JAVA_LONG, at + 40, a.size());
    out.set(JAVA_LONG, at + 48, a.blocks());
    time(out, at + ATIME, a.accessSeconds(), a.accessNanos());
    time(out, at + BTIME, a.birthSeconds(), a.birthNanos());
    time(out, at + CTIME, a.changeSeconds(), a.changeNanos());
    time(out, at + MTIME, a.modifySeconds(), a.modifyNanos());
    int device = a.deviceNumber();
    out.set(JAVA_INT, at + 128, (device >>> MAJOR_SHIFT) & MAJOR_MASK);
    int minorHigh = (device >>> MINOR_HIGH_SHIFT) & ~MINOR_LOW;
    out.set(JAVA_INT, at + 132, minorHigh | (device & MINOR_LOW));
  }

  private static void time(MemorySegment out, long at, long seconds, int nanos) {
    out.set(JAVA_LONG, at, seconds);
    out.set(JAVA_INT, at + Long.BYTES, nanos);
  }
}
