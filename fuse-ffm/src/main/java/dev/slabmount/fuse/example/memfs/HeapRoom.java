package dev.slabmount.fuse.example.memfs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the heap may be taken by what is not content: nodes, names, targets, extended
 * attributes and tables. Each is counted by an estimate that is rather too high than too low, so
 * that a filesystem which is full says ENOSPC, while the heap still has room for everything else.
 *
 * <p>Thread-safe; no lock.
 */
final class HeapRoom {
  private static final long NODE_BYTES = 256;
  private static final long DIRECTORY_BYTES = 448;
  private static final long NAME_BYTES = 96;

  private final AtomicLong usedBytes = new AtomicLong();
  private final long limitBytes;

  /** Creates room that nothing uses. */
  HeapRoom(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** What a node takes, without its names; {@code target}: of a symbolic link, in bytes. */
  static long node(boolean isDirectory, int target) {
    return (isDirectory ? DIRECTORY_BYTES : NODE_BYTES) + target;
  }

  /** What a name of so many bytes takes. */
  static long name(int length) {
    return NAME_BYTES + length;
  }

  /** What a small file with a short name takes. */
  static long usual() {
    return NODE_BYTES + NAME_BYTES;
  }

  /** Takes room, if there is so much. */
  boolean take(long bytes) {
    long used;
    do {
      used = usedBytes.get();
      if (bytes > limitBytes - used) {
        return false;
      }
    } while (!usedBytes.compareAndSet(used, used + bytes));
    return true;
  }

  /** Gives room back. */
  void give(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  /** How much there is together. */
  long limitBytes() {
    return limitBytes;
  }

  /** How much is left. */
  long freeBytes() {
    return limitBytes - usedBytes.get();
  }
}
