package dev.slabmount.fuse;

import java.lang.foreign.MemorySegment;

/**
 * The answers to a {@link Request}. Each request takes exactly one: a second is refused, counted
 * and logged, and an operation that returns without any (and without {@link Request#detach})
 * answers {@link Errno#EIO}. So does one that is given an answer of another operation's: the method
 * throws {@link IllegalArgumentException} then.
 *
 * <p>Every method returns whether the kernel took the answer. False means that it will never see
 * it: the caller was interrupted, the mount is gone, or the request had been answered already.
 * Whatever the answer handed over (a file handle, say) is then the filesystem's to take back;
 * lookup counts are taken back by the binding.
 *
 * <p>The methods encode and send before they return: memory passed to them is free again
 * afterwards.
 */
public interface Replies {
  /**
   * Answers with an error, one of {@link Errno}, 1 to 511; 0 is {@link #ok}. Valid for every
   * operation that has an answer.
   *
   * @throws IllegalArgumentException if it is none; the caller gets {@link Errno#EIO}
   */
  boolean error(int errno);

  /** Answers with success and nothing else. */
  boolean ok();

  /**
   * Answers lookup, mknod, mkdir, symlink, link. Unless {@code entry.ino()} is 0, the kernel now
   * holds one more lookup count of the inode.
   */
  boolean entry(Entry entry);

  /** Answers create and tmpfile: as {@link #entry} and {@link #opened} at once. */
  boolean created(Entry entry, OpenedFile file);

  /** Answers getattr and setattr; the kernel may believe it for {@code timeoutNanos}. */
  boolean attributes(Attributes attributes, long timeoutNanos);

  /**
   * Answers statx; the kernel may believe it for {@code timeoutNanos}.
   *
   * @param mask which of the attributes count: STATX_BASIC_STATS 0x7ff, STATX_BTIME 0x800
   */
  boolean statx(Attributes attributes, int mask, long timeoutNanos);

  /** Answers open and opendir. */
  boolean opened(OpenedFile file);

  /** Answers readlink with {@code length} bytes of a target, without a NUL. */
  boolean target(byte[] target, int offset, int length);

  /** Answers read, or getxattr and listxattr with their value, straight from off-heap memory. */
  boolean data(long address, int length);

  /** As {@link #data(long, int)}, from a native segment. */
  boolean data(MemorySegment data);

  /** As {@link #data(long, int)}, from the Java heap: one copy. */
  boolean data(byte[] data, int offset, int length);

  /** As {@link #data(long, int)}, gathered from several places. */
  boolean slices(Slices slices);

  /** Answers readdir and readdirplus with what was added to the buffer. */
  boolean directory(DirectoryBuffer buffer);

  /** Answers write and copy_file_range with the number of bytes taken. */
  boolean written(int count);

  /** Answers getxattr and listxattr whose size was 0: how large the value is. */
  boolean valueSize(int size);

  /** Answers statfs. */
  boolean figures(FileSystemFigures figures);

  /** Answers getlk. */
  boolean lock(FileLock lock);

  /** Answers lseek. */
  boolean offset(long offset);

  /** Answers bmap. */
  boolean mappedBlock(long index);

  /** Answers ioctl with a result and {@code length} bytes for the caller. */
  boolean ioctl(int result, long address, int length);

  /** Answers poll with the events that are ready. */
  boolean polled(int events);
}
