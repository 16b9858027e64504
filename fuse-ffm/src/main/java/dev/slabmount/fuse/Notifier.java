package dev.slabmount.fuse;

import java.lang.foreign.MemorySegment;

/**
 * Tells the kernel that what it caches is no longer true, and looks into its cache. Thread-safe.
 *
 * <p>Never call these but wakePoll from inside an operation on the same inode or directory: the
 * kernel holds its lock and both would wait for each other ({@code fuse_lowlevel.h} warns of the
 * same). Each method returns 0, or an {@link Errno}: ENOENT means that the kernel knew nothing of
 * it, which is fine.
 */
public interface Notifier {
  /**
   * Drops cached attributes, and cached pages from {@code offset} on for {@code length} bytes (0:
   * to the end; a negative offset: attributes only).
   */
  int invalidateInode(long ino, long offset, long length);

  /** Drops a cached name. */
  int invalidateEntry(long parent, byte[] name);

  /**
   * Has the kernel ask again for a cached name when it is next used, but keeps what is open or
   * mounted below it. {@link Errno#ENOSYS} if the kernel (before Linux 6.2) or the libfuse in use
   * (before 3.13, transport {@link TransportKind#LIBFUSE}) has no such thing.
   */
  int expireEntry(long parent, byte[] name);

  /**
   * Has the kernel ask again for every cached name when it is next used, in no time however many
   * they are. {@link Errno#ENOSYS} if the kernel (before Linux 6.16) or the libfuse in use (before
   * 3.18, transport {@link TransportKind#LIBFUSE}) has no such thing.
   */
  int expireAllEntries();

  /** Drops a cached name and tells watchers that it was deleted. */
  int deleteEntry(long parent, long ino, byte[] name);

  /**
   * Puts bytes into the kernel's cache, as if they had been read. Beyond the size that the kernel
   * knows of the file, the file grows.
   *
   * @param offset where in the file, in bytes; not negative
   * @param data native memory, up to 1 MiB; free again when this returns
   * @throws IllegalArgumentException if the data is on the Java heap or longer
   */
  int store(long ino, long offset, MemorySegment data);

  /**
   * Asks for what the kernel has cached of a file; the answer comes as {@link
   * FileSystem#retrieveReply} on a worker. Pages that are not cached, and what follows them, are
   * left out. Only for a filesystem that overrides that method: {@link Errno#ENOSYS} otherwise.
   *
   * @param offset where in the file, in bytes
   * @param length how many bytes at most; the kernel sends no more than it writes at once, 1 MiB
   * @param cookie comes back with the answer
   */
  int retrieve(long ino, long offset, int length, long cookie);

  /**
   * Has the kernel drop what it remembers of inodes that nobody uses at present, and so give their
   * lookup counts back by {@link FileSystem#forget}: to have a filesystem remember less. {@link
   * Errno#ENOSYS} if the kernel has no such thing (before Linux 6.18), and on {@link
   * TransportKind#LIBFUSE}, of which no release has it yet.
   *
   * @param inos up to 65 536 inodes; those that the kernel does not know are passed over
   */
  int prune(long... inos);

  /** Wakes the caller of a poll and uses the handle up. */
  int wakePoll(long pollHandle);
}
