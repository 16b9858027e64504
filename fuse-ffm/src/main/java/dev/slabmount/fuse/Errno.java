package dev.slabmount.fuse;

/**
 * The error numbers that a filesystem answers with, as positive values; the binding turns the sign
 * where the kernel wants it.
 *
 * <p>The values are those of {@code asm-generic/errno.h} and {@code errno-base.h}, which x86-64 and
 * aarch64 share. {@link #ENOSYS} is remembered by the kernel for several operations, which are then
 * never asked for again on this mount: answer it on purpose or not at all.
 */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** Interrupted call. */
  public static final int EINTR = 4;

  /** Input/output error: also what a request gets whose filesystem failed to answer it. */
  public static final int EIO = 5;

  /** No such device or address; lseek beyond the last data. */
  public static final int ENXIO = 6;

  /** Argument list too long. */
  public static final int E2BIG = 7;

  /** Bad file handle. */
  public static final int EBADF = 9;

  /** Try again. */
  public static final int EAGAIN = 11;

  /** Out of memory. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Device or resource busy. */
  public static final int EBUSY = 16;

  /** File exists. */
  public static final int EEXIST = 17;

  /** Link across filesystems. */
  public static final int EXDEV = 18;

  /** No such device: the mount is gone. */
  public static final int ENODEV = 19;

  /** Not a directory. */
  public static final int ENOTDIR = 20;

  /** Is a directory. */
  public static final int EISDIR = 21;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** No such ioctl for this file. */
  public static final int ENOTTY = 25;

  /** Text file busy. */
  public static final int ETXTBSY = 26;

  /** File too large. */
  public static final int EFBIG = 27;

  /** No space left. */
  public static final int ENOSPC = 28;

  /** Read-only filesystem. */
  public static final int EROFS = 30;

  /** Result does not fit the buffer of the caller. */
  public static final int ERANGE = 34;

  /** Waiting for the lock would never end. */
  public static final int EDEADLK = 35;

  /** Name too long. */
  public static final int ENAMETOOLONG = 36;

  /** Not implemented; the kernel may never ask again. */
  public static final int ENOSYS = 38;

  /** Directory not empty. */
  public static final int ENOTEMPTY = 39;

  /** No such extended attribute. */
  public static final int ENODATA = 61;

  /** Value too large for its type. */
  public static final int EOVERFLOW = 75;

  /** Not supported. */
  public static final int EOPNOTSUPP = 95;

  /** The other end of the mount is gone ("transport endpoint is not connected"). */
  public static final int ENOTCONN = 107;

  /** Timed out. */
  public static final int ETIMEDOUT = 110;

  private Errno() {}
}
