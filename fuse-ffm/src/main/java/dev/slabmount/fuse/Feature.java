package dev.slabmount.fuse;

/**
 * What a kernel may offer and a filesystem may want, negotiated once when the mount begins.
 *
 * <p>The bits are libfuse's {@code FUSE_CAP_*} ({@code fuse_common.h}, the same in 3.10 to 3.18).
 */
public enum Feature {
  /** Several reads of one file at once. */
  ASYNC_READ(1),
  /** O_TRUNC comes with open instead of as a setattr. */
  ATOMIC_O_TRUNC(1 << 3),
  /** Lookups ask for {@code .} and {@code ..} too, so that NFS can export the mount. */
  EXPORT_SUPPORT(1 << 4),
  /** The filesystem applies the umask. */
  DONT_MASK(1 << 6),
  /**
   * Cached pages are dropped when a getattr shows another size or time: costs a getattr per read.
   */
  AUTO_INVAL_DATA(1 << 12),
  /** Listings with attributes. */
  READDIRPLUS(1 << 13),
  /** The kernel chooses between plain listings and listings with attributes. */
  READDIRPLUS_AUTO(1 << 14),
  /** Several direct reads and writes of one file at once. */
  ASYNC_DIO(1 << 15),
  /** The kernel collects writes in its page cache. */
  WRITEBACK_CACHE(1 << 16),
  /** An open that answers ENOSYS is never asked again. */
  NO_OPEN_SUPPORT(1 << 17),
  /** Lookups and listings of one directory in parallel. */
  PARALLEL_DIROPS(1 << 18),
  /** The kernel checks ACLs. */
  POSIX_ACL(1 << 19),
  /** The filesystem clears set-user-ID bits on write and chown. */
  HANDLE_KILLPRIV(1 << 20),
  /** Symbolic links are read once and kept. */
  CACHE_SYMLINKS(1 << 23),
  /** An opendir that answers ENOSYS is never asked again. */
  NO_OPENDIR_SUPPORT(1 << 24),
  /** Cached pages are dropped only when the filesystem says so. */
  EXPLICIT_INVAL_DATA(1 << 25);

  private final int bit;

  Feature(int bit) {
    this.bit = bit;
  }

  /** The bit in libfuse's {@code capable} and {@code want}. */
  public int bit() {
    return bit;
  }
}
