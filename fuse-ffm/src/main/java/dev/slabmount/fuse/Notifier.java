package dev.slabmount.fuse;

/**
 * Tells the kernel that what it caches is no longer true. Thread-safe.
 *
 * <p>Never call these from inside an operation on the same inode or directory: the kernel holds its
 * lock and both would wait for each other ({@code fuse_lowlevel.h} warns of the same). Each method
 * returns 0, or an {@link Errno}: ENOENT means that the kernel knew nothing of it, which is fine.
 */
public interface Notifier {
  /**
   * Drops cached attributes, and cached pages from {@code offset} on for {@code length} bytes (0:
   * to the end; a negative offset: attributes only).
   */
  int invalidateInode(long ino, long offset, long length);

  /** Drops a cached name. */
  int invalidateEntry(long parent, byte[] name);

  /** Drops a cached name and tells watchers that it was deleted. */
  int deleteEntry(long parent, long ino, byte[] name);

  /** Wakes the caller of a poll and uses the handle up. */
  int wakePoll(long pollHandle);
}
