package dev.slabmount.fuse;

/**
 * A POSIX record lock, as {@code fcntl(2)} describes it.
 *
 * <p>Part of a request's scratch: reused, not thread-safe.
 */
public final class FileLock {
  /** Creates an unlocked range. */
  public FileLock() {}

  private int type;
  private long start;
  private long end;
  private int pid;
  private long owner;

  /** {@code F_RDLCK} 0, {@code F_WRLCK} 1 or {@code F_UNLCK} 2. */
  public int type() {
    return type;
  }

  /** Sets {@link #type()}. */
  public FileLock type(int value) {
    type = value;
    return this;
  }

  /** First byte of the range. */
  public long start() {
    return start;
  }

  /** Sets {@link #start()}. */
  public FileLock start(long value) {
    start = value;
    return this;
  }

  /** Last byte of the range, inclusive; {@code Long.MAX_VALUE} for the end of the file. */
  public long end() {
    return end;
  }

  /** Sets {@link #end()}. */
  public FileLock end(long value) {
    end = value;
    return this;
  }

  /** The process that holds the lock. */
  public int pid() {
    return pid;
  }

  /** Sets {@link #pid()}. */
  public FileLock pid(int value) {
    pid = value;
    return this;
  }

  /** The kernel's opaque lock owner. */
  public long owner() {
    return owner;
  }

  /** Sets {@link #owner()}. */
  public FileLock owner(long value) {
    owner = value;
    return this;
  }
}
