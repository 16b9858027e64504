package dev.slabmount.fuse;

/**
 * What an open, opendir or create answers: the handle that comes back in every later request on
 * this open file, and how the kernel should treat its pages.
 *
 * <p>Part of a request's scratch: reused, not thread-safe. A flag that the running libfuse or
 * kernel does not know is left out silently: each is advice.
 */
public final class OpenedFile {
  /** Creates an answer with handle 0 and no flag. */
  public OpenedFile() {}

  private long fh;
  private boolean directIo;
  private boolean keepCache;
  private boolean nonseekable;
  private boolean stream;
  private boolean cacheReaddir;
  private boolean noFlush;
  private boolean parallelDirectWrites;

  /** File handle, any value but {@link FileSystem#NO_HANDLE}. */
  public long fh() {
    return fh;
  }

  /** Sets {@link #fh()}. */
  public OpenedFile fh(long value) {
    fh = value;
    return this;
  }

  /** Bypass the page cache: every read and write reaches the filesystem. */
  public boolean directIo() {
    return directIo;
  }

  /** Sets {@link #directIo()}. */
  public OpenedFile directIo(boolean value) {
    directIo = value;
    return this;
  }

  /** Keep the pages that are already cached for this inode. */
  public boolean keepCache() {
    return keepCache;
  }

  /** Sets {@link #keepCache()}. */
  public OpenedFile keepCache(boolean value) {
    keepCache = value;
    return this;
  }

  /** The file cannot be seeked. */
  public boolean nonseekable() {
    return nonseekable;
  }

  /** Sets {@link #nonseekable()}. */
  public OpenedFile nonseekable(boolean value) {
    nonseekable = value;
    return this;
  }

  /**
   * The file has no position: it cannot be seeked, and reads and writes of one open file do not
   * wait for each other. libfuse has no name for it and gets {@link #nonseekable} instead.
   */
  public boolean stream() {
    return stream;
  }

  /** Sets {@link #stream()}. */
  public OpenedFile stream(boolean value) {
    stream = value;
    return this;
  }

  /** The kernel may cache the listing of this directory. */
  public boolean cacheReaddir() {
    return cacheReaddir;
  }

  /** Sets {@link #cacheReaddir()}. */
  public OpenedFile cacheReaddir(boolean value) {
    cacheReaddir = value;
    return this;
  }

  /** No flush at close, unless the writeback cache is on. */
  public boolean noFlush() {
    return noFlush;
  }

  /** Sets {@link #noFlush()}. */
  public OpenedFile noFlush(boolean value) {
    noFlush = value;
    return this;
  }

  /** Direct writes to one file may run in parallel. */
  public boolean parallelDirectWrites() {
    return parallelDirectWrites;
  }

  /** Sets {@link #parallelDirectWrites()}. */
  public OpenedFile parallelDirectWrites(boolean value) {
    parallelDirectWrites = value;
    return this;
  }

  /** Makes the handle 0 and every flag false. */
  public OpenedFile clear() {
    fh = 0;
    directIo = keepCache = nonseekable = stream = false;
    cacheReaddir = noFlush = parallelDirectWrites = false;
    return this;
  }
}
