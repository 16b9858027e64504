package dev.slabmount.fuse.reply;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.nativebindings.kernel.fuse_dirent;
import dev.slabmount.nativebindings.kernel.fuse_direntplus;
import dev.slabmount.nativebindings.kernel.fuse_entry_out;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A listing in the kernel's form: a run of {@code struct fuse_dirent} (or {@code fuse_direntplus}),
 * each padded to 8 bytes. libfuse passes such a buffer on as it is ({@code fuse_reply_buf}), so
 * both kinds of transport send the same bytes.
 *
 * <pre>
 *   fuse_dirent:  ino u64 | off u64 | namelen u32 | type u32 | name ... | 0..7 zero bytes
 *   fuse_direntplus:  fuse_entry_out | fuse_dirent
 * </pre>
 *
 * <p>Off-heap, grown to the largest listing that was asked for, freed with the mount. One request
 * at a time.
 */
public final class WireDirectoryBuffer implements DirectoryBuffer {
  private static final long DIRENT_INO = fuse_dirent.ino$offset();
  private static final long DIRENT_OFF = fuse_dirent.off$offset();
  private static final long DIRENT_NAMELEN = fuse_dirent.namelen$offset();
  private static final long DIRENT_TYPE = fuse_dirent.type$offset();
  private static final long DIRENT_NAME = fuse_dirent.name$offset();
  private static final long PLUS_DIRENT = fuse_direntplus.dirent$offset();
  private static final long ENTRY_NODEID = fuse_entry_out.nodeid$offset();
  private static final int TYPE_SHIFT = 12; // S_IFMT bits to DT_* (IFTODT of dirent.h)
  private static final int TYPE_MASK = 0xF;
  private static final int CAPACITY_MIN = 1 << 12;
  private static final int CAPACITY_MAX = 1 << 20;

  private final Arena arena;
  private MemorySegment buffer = MemorySegment.NULL;
  private int capacity;
  private int length;
  private boolean plus;

  /** Creates a buffer that takes its memory from {@code arena}, which must be a shared one. */
  public WireDirectoryBuffer(Arena arena) {
    this.arena = arena;
  }

  /** Empties the buffer for a listing of at most {@code bytes} bytes. */
  public WireDirectoryBuffer begin(int bytes, boolean withAttributes) {
    capacity = Math.clamp(bytes, 0, CAPACITY_MAX);
    if (capacity > buffer.byteSize()) {
      // Doubled, because an arena frees nothing before its end.
      buffer = arena.allocate(Math.clamp(2L * capacity, CAPACITY_MIN, CAPACITY_MAX), 8);
    }
    length = 0;
    plus = withAttributes;
    return this;
  }

  @Override
  public boolean add(byte[] name, int offset, int count, long ino, int mode, long nextOffset) {
    if (plus) {
      throw new IllegalStateException("a listing with attributes takes addPlus");
    }
    int size = padded(DIRENT_NAME + count);
    if (size > capacity - length) {
      return false;
    }
    dirent(length, name, offset, count, ino, mode, nextOffset);
    length += size;
    return true;
  }

  @Override
  public boolean addPlus(byte[] name, int offset, int count, Entry entry, long nextOffset) {
    if (!plus) {
      throw new IllegalStateException("a listing without attributes takes add");
    }
    int size = padded(PLUS_DIRENT + DIRENT_NAME + count);
    if (size > capacity - length) {
      return false;
    }
    WireEncoder.entry(buffer, length, entry);
    long ino = entry.attributes().ino();
    int mode = entry.attributes().mode();
    dirent(length + PLUS_DIRENT, name, offset, count, ino, mode, nextOffset);
    length += size;
    return true;
  }

  /** Address of the first byte; 0 while nothing was ever listed. */
  public long address() {
    return buffer.address();
  }

  /** Bytes listed so far. */
  public int length() {
    return length;
  }

  /**
   * Takes the lookup counts that this listing is about to hand to the kernel; all of them or, if it
   * throws, none.
   */
  void addCounts(LookupCounts counts) {
    if (!plus) {
      return;
    }
    int at = 0;
    try {
      while (at < length) {
        counts.add(countedIno(at), 1);
        at += sizeAt(at);
      }
    } catch (RuntimeException | Error e) {
      removeCounts(counts, at);
      throw e;
    }
  }

  /** Gives back what {@link #addCounts} took. */
  void removeCounts(LookupCounts counts) {
    if (plus) {
      removeCounts(counts, length);
    }
  }

  private void removeCounts(LookupCounts counts, int end) {
    int at = 0;
    while (at < end) {
      counts.remove(countedIno(at), 1);
      at += sizeAt(at);
    }
  }

  /** Inode of the entry at {@code at} if the kernel counts it, else 0. */
  private long countedIno(int at) {
    return isDot(at + PLUS_DIRENT + DIRENT_NAME, nameLengthAt(at))
        ? 0
        : buffer.get(JAVA_LONG, at + ENTRY_NODEID);
  }

  private int sizeAt(int at) {
    return padded(PLUS_DIRENT + DIRENT_NAME + nameLengthAt(at));
  }

  private int nameLengthAt(int at) {
    return buffer.get(JAVA_INT, at + PLUS_DIRENT + DIRENT_NAMELEN);
  }

  private boolean isDot(long nameAt, int nameLength) {
    return (nameLength == 1 || nameLength == 2)
        && buffer.get(JAVA_BYTE, nameAt) == '.'
        && buffer.get(JAVA_BYTE, nameAt + nameLength - 1) == '.';
  }

  private void dirent(
      long at, byte[] name, int offset, int count, long ino, int mode, long nextOffset) {
    // The last word first: what the name leaves of it is padding.
    buffer.set(JAVA_LONG, at + padded(DIRENT_NAME + count) - Long.BYTES, 0);
    buffer.set(JAVA_LONG, at + DIRENT_INO, ino);
    buffer.set(JAVA_LONG, at + DIRENT_OFF, nextOffset);
    buffer.set(JAVA_INT, at + DIRENT_NAMELEN, count);
    buffer.set(JAVA_INT, at + DIRENT_TYPE, (mode >>> TYPE_SHIFT) & TYPE_MASK);
    MemorySegment.copy(name, offset, buffer, JAVA_BYTE, at + DIRENT_NAME, count);
  }

  private static int padded(long bytes) {
    return (int) ((bytes + 7) & ~7L);
  }
}
