package dev.slabmount.fuse.libfuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Attributes;
import dev.slabmount.nativebindings.Platform;
import dev.slabmount.nativebindings.Platform.StatLayout;
import java.lang.foreign.MemorySegment;

/**
 * Reads and writes a C {@code struct stat} at the offsets of this processor ({@link Platform}).
 * Stateless.
 */
final class StatStruct {
  private static final StatLayout STAT = Platform.current().orElseThrow().stat();

  private StatStruct() {}

  /** Bytes of the struct. */
  static int bytes() {
    return STAT.bytes();
  }

  /** Writes attributes at {@code at}, into bytes that are zero. */
  static void write(MemorySegment out, long at, Attributes a) {
    out.set(JAVA_LONG, at + STAT.inoOffset(), a.ino());
    if (STAT.nlinkBytes() == Long.BYTES) {
      out.set(JAVA_LONG, at + STAT.nlinkOffset(), a.linkCount());
    } else {
      out.set(JAVA_INT, at + STAT.nlinkOffset(), a.linkCount());
    }
    out.set(JAVA_INT, at + STAT.modeOffset(), a.mode());
    out.set(JAVA_INT, at + STAT.uidOffset(), a.uid());
    out.set(JAVA_INT, at + STAT.gidOffset(), a.gid());
    out.set(JAVA_LONG, at + STAT.rdevOffset(), Integer.toUnsignedLong(a.deviceNumber()));
    out.set(JAVA_LONG, at + STAT.sizeOffset(), a.size());
    if (STAT.blksizeBytes() == Long.BYTES) {
      out.set(JAVA_LONG, at + STAT.blksizeOffset(), a.blockSize());
    } else {
      out.set(JAVA_INT, at + STAT.blksizeOffset(), a.blockSize());
    }
    out.set(JAVA_LONG, at + STAT.blocksOffset(), a.blocks());
    time(out, at + STAT.atimeOffset(), a.accessSeconds(), a.accessNanos());
    time(out, at + STAT.mtimeOffset(), a.modifySeconds(), a.modifyNanos());
    time(out, at + STAT.ctimeOffset(), a.changeSeconds(), a.changeNanos());
  }

  /** Reads the values of a setattr at {@code at}. */
  static void read(MemorySegment in, long at, AttributeChanges into) {
    into.mode(in.get(JAVA_INT, at + STAT.modeOffset()))
        .uid(in.get(JAVA_INT, at + STAT.uidOffset()))
        .gid(in.get(JAVA_INT, at + STAT.gidOffset()))
        .size(in.get(JAVA_LONG, at + STAT.sizeOffset()))
        .accessSeconds(in.get(JAVA_LONG, at + STAT.atimeOffset()))
        .accessNanos((int) in.get(JAVA_LONG, at + STAT.atimeOffset() + Long.BYTES))
        .modifySeconds(in.get(JAVA_LONG, at + STAT.mtimeOffset()))
        .modifyNanos((int) in.get(JAVA_LONG, at + STAT.mtimeOffset() + Long.BYTES))
        .changeSeconds(in.get(JAVA_LONG, at + STAT.ctimeOffset()))
        .changeNanos((int) in.get(JAVA_LONG, at + STAT.ctimeOffset() + Long.BYTES));
  }

  private static void time(MemorySegment out, long at, long seconds, int nanos) {
    out.set(JAVA_LONG, at, seconds);
    out.set(JAVA_LONG, at + Long.BYTES, nanos);
  }
}
