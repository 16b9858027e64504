package dev.slabmount.fuse.reply;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.nativebindings.kernel.fuse_attr;
import dev.slabmount.nativebindings.kernel.fuse_entry_out;
import java.lang.foreign.MemorySegment;

/**
 * Writes answers in the form of {@code linux/fuse.h}. Offsets come from the generated layouts; this
 * class holds none of its own. Stateless; allocates nothing.
 */
public final class WireEncoder {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private static final long ENTRY_NODEID = fuse_entry_out.nodeid$offset();
  private static final long ENTRY_GENERATION = fuse_entry_out.generation$offset();
  private static final long ENTRY_VALID = fuse_entry_out.entry_valid$offset();
  private static final long ENTRY_VALID_NSEC = fuse_entry_out.entry_valid_nsec$offset();
  private static final long ENTRY_ATTR_VALID = fuse_entry_out.attr_valid$offset();
  private static final long ENTRY_ATTR_VALID_NSEC = fuse_entry_out.attr_valid_nsec$offset();
  private static final long ENTRY_ATTR = fuse_entry_out.attr$offset();

  private static final long ATTR_INO = fuse_attr.ino$offset();
  private static final long ATTR_SIZE = fuse_attr.size$offset();
  private static final long ATTR_BLOCKS = fuse_attr.blocks$offset();
  private static final long ATTR_ATIME = fuse_attr.atime$offset();
  private static final long ATTR_MTIME = fuse_attr.mtime$offset();
  private static final long ATTR_CTIME = fuse_attr.ctime$offset();
  private static final long ATTR_ATIME_NSEC = fuse_attr.atimensec$offset();
  private static final long ATTR_MTIME_NSEC = fuse_attr.mtimensec$offset();
  private static final long ATTR_CTIME_NSEC = fuse_attr.ctimensec$offset();
  private static final long ATTR_MODE = fuse_attr.mode$offset();
  private static final long ATTR_NLINK = fuse_attr.nlink$offset();
  private static final long ATTR_UID = fuse_attr.uid$offset();
  private static final long ATTR_GID = fuse_attr.gid$offset();
  private static final long ATTR_RDEV = fuse_attr.rdev$offset();
  private static final long ATTR_BLKSIZE = fuse_attr.blksize$offset();
  private static final long ATTR_FLAGS = fuse_attr.flags$offset();

  private WireEncoder() {}

  /** Writes a {@code struct fuse_entry_out} at {@code at}, every byte of it. */
  public static void entry(MemorySegment out, long at, Entry entry) {
    out.set(JAVA_LONG, at + ENTRY_NODEID, entry.ino());
    out.set(JAVA_LONG, at + ENTRY_GENERATION, entry.generation());
    long entryNanos = Math.max(0, entry.entryTimeoutNanos());
    out.set(JAVA_LONG, at + ENTRY_VALID, entryNanos / NANOS_PER_SECOND);
    out.set(JAVA_INT, at + ENTRY_VALID_NSEC, (int) (entryNanos % NANOS_PER_SECOND));
    long attributesNanos = Math.max(0, entry.attributesTimeoutNanos());
    out.set(JAVA_LONG, at + ENTRY_ATTR_VALID, attributesNanos / NANOS_PER_SECOND);
    out.set(JAVA_INT, at + ENTRY_ATTR_VALID_NSEC, (int) (attributesNanos % NANOS_PER_SECOND));
    attributes(out, at + ENTRY_ATTR, entry.attributes());
  }

  /** Writes a {@code struct fuse_attr} at {@code at}, every byte of it. */
  public static void attributes(MemorySegment out, long at, Attributes a) {
    out.set(JAVA_LONG, at + ATTR_INO, a.ino());
    out.set(JAVA_LONG, at + ATTR_SIZE, a.size());
    out.set(JAVA_LONG, at + ATTR_BLOCKS, a.blocks());
    out.set(JAVA_LONG, at + ATTR_ATIME, a.accessSeconds());
    out.set(JAVA_LONG, at + ATTR_MTIME, a.modifySeconds());
    out.set(JAVA_LONG, at + ATTR_CTIME, a.changeSeconds());
    out.set(JAVA_INT, at + ATTR_ATIME_NSEC, a.accessNanos());
    out.set(JAVA_INT, at + ATTR_MTIME_NSEC, a.modifyNanos());
    out.set(JAVA_INT, at + ATTR_CTIME_NSEC, a.changeNanos());
    out.set(JAVA_INT, at + ATTR_MODE, a.mode());
    out.set(JAVA_INT, at + ATTR_NLINK, a.linkCount());
    out.set(JAVA_INT, at + ATTR_UID, a.uid());
    out.set(JAVA_INT, at + ATTR_GID, a.gid());
    out.set(JAVA_INT, at + ATTR_RDEV, a.deviceNumber());
    out.set(JAVA_INT, at + ATTR_BLKSIZE, a.blockSize());
    out.set(JAVA_INT, at + ATTR_FLAGS, 0);
  }
}
