package dev.slabmount.bench.peer;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/** A file or folder. Thread-safe; readers of one file do not wait for each other. */
final class PeerFile {
  private static final int FOLDER_BIT = 0040000;
  private static final int EXTENT_BYTES = 16 << 10;
  private static final byte[] ZEROS = new byte[EXTENT_BYTES];

  /** Stands for an extent that was never written. */
  private static final byte[] HOLE = {};

  private static final byte[][] NOTHING = {};

  /** Moves bytes between the caller's buffer and an extent. */
  @FunctionalInterface
  interface Move {
    /**
     * Moves.
     *
     * @param at where in the caller's buffer
     */
    void between(int at, byte[] extent, int offset, int length);
  }

  /** Names and what they stand for, in a folder; null in a file. */
  final @Nullable Map<String, PeerFile> names;

  volatile int mode;
  volatile int uid;
  volatile int gid;
  volatile Instant modified = Instant.now();
  private final StampedLock lock = new StampedLock();
  private byte[][] extents = NOTHING;
  private volatile long size;

  PeerFile(int mode) {
    this.mode = mode;
    names = (mode & FOLDER_BIT) == 0 ? null : new ConcurrentHashMap<>();
  }

  boolean isFolder() {
    return names != null;
  }

  long size() {
    return size;
  }

  /** Reads, and returns how many bytes there were. */
  int read(long offset, long wanted, Move move) {
    long stamp = lock.readLock();
    try {
      int count = (int) Math.max(0, Math.min(wanted, size - offset));
      for (int done = 0; done < count; ) {
        int index = (int) ((offset + done) / EXTENT_BYTES);
        int within = (int) ((offset + done) % EXTENT_BYTES);
        int length = Math.min(count - done, EXTENT_BYTES - within);
        move.between(done, bytesOf(index), within, length);
        done += length;
      }
      return count;
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private byte[] bytesOf(int index) {
    return index < extents.length && extents[index].length != 0 ? extents[index] : ZEROS;
  }

  /** Writes everything. */
  int write(long offset, long count, Move move) {
    long stamp = lock.writeLock();
    try {
      int needed = (int) ((offset + count + EXTENT_BYTES - 1) / EXTENT_BYTES);
      if (needed > extents.length) {
        int before = extents.length;
        extents = Arrays.copyOf(extents, Math.max(needed, before + before / 2));
        Arrays.fill(extents, before, extents.length, HOLE);
      }
      for (int done = 0; done < count; ) {
        int index = (int) ((offset + done) / EXTENT_BYTES);
        int within = (int) ((offset + done) % EXTENT_BYTES);
        int length = (int) Math.min(count - done, EXTENT_BYTES - within);
        if (extents[index].length == 0) {
          extents[index] = new byte[EXTENT_BYTES];
        }
        move.between(done, extents[index], within, length);
        done += length;
      }
      size = Math.max(size, offset + count);
      modified = Instant.now();
      return (int) count;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Cuts off or appends zeros. */
  void resize(long wanted) {
    long stamp = lock.writeLock();
    try {
      int kept = (int) ((wanted + EXTENT_BYTES - 1) / EXTENT_BYTES);
      if (kept < extents.length) {
        extents = Arrays.copyOf(extents, kept);
      }
      int within = (int) (wanted % EXTENT_BYTES);
      if (wanted < size && within != 0 && extents.length == kept && extents[kept - 1].length != 0) {
        Arrays.fill(extents[kept - 1], within, EXTENT_BYTES, (byte) 0);
      }
      size = wanted;
      modified = Instant.now();
    } finally {
      lock.unlockWrite(stamp);
    }
  }
}
