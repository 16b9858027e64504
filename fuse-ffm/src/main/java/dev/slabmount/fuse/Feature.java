package dev.slabmount.fuse;

/**
 * What a kernel may offer and a filesystem may want, negotiated once when the mount begins.
 *
 * <p>Wanted unless a filesystem says otherwise: ASYNC_READ, ATOMIC_O_TRUNC, ASYNC_DIO,
 * PARALLEL_DIROPS, and READDIRPLUS and READDIRPLUS_AUTO if it overrides the methods that they need;
 * the same on every {@link TransportKind}.
 *
 * <p>Each has two numbers. In the kernel's protocol it is a bit of {@code fuse_init_in.flags} and,
 * from bit 32 on, {@code flags2} ({@code FUSE_*} in {@code linux/fuse.h}); in libfuse one of {@code
 * FUSE_CAP_*} ({@code fuse_common.h}), which number some features otherwise and lack those that are
 * younger than the release.
 */
public enum Feature {
  /** Several reads of one file at once. */
  ASYNC_READ(0, 0),
  /** O_TRUNC comes with open instead of as a setattr. */
  ATOMIC_O_TRUNC(3, 3),
  /** Lookups ask for {@code .} and {@code ..} too, so that NFS can export the mount. */
  EXPORT_SUPPORT(4, 4),
  /** The filesystem applies the umask. */
  DONT_MASK(6, 6),
  /**
   * Cached pages are dropped when a getattr shows another size or time: costs a getattr per read.
   */
  AUTO_INVAL_DATA(12, 12),
  /** Listings with attributes. */
  READDIRPLUS(13, 13),
  /** The kernel chooses between plain listings and listings with attributes. */
  READDIRPLUS_AUTO(14, 14),
  /** Several direct reads and writes of one file at once. */
  ASYNC_DIO(15, 15),
  /** The kernel collects writes in its page cache. */
  WRITEBACK_CACHE(16, 16),
  /**
   * An open that answers ENOSYS is never asked again: no file of this mount is, nor its release.
   */
  NO_OPEN_SUPPORT(17, 17),
  /** Lookups and listings of one directory in parallel. */
  PARALLEL_DIROPS(18, 18),
  /** The kernel checks ACLs. */
  POSIX_ACL(20, 19),
  /** The filesystem clears set-user-ID bits on write and chown. */
  HANDLE_KILLPRIV(19, 20),
  /**
   * As HANDLE_KILLPRIV, but the kernel no longer asks for {@code security.capability} before each
   * write. The filesystem clears set-user-ID and set-group-ID bits on write, truncation and chown.
   * In libfuse since 3.17; Linux 5.11.
   */
  HANDLE_KILLPRIV_V2(28, 21, 17),
  /** Symbolic links are read once and kept. */
  CACHE_SYMLINKS(23, 23),
  /** An opendir that answers ENOSYS is never asked again, nor is releasedir. */
  NO_OPENDIR_SUPPORT(24, 24),
  /** Cached pages are dropped only when the filesystem says so. */
  EXPLICIT_INVAL_DATA(25, 25),
  /**
   * Files opened with direct I/O can be mapped as shared. In libfuse since 3.17; Linux 6.6, and
   * newer than the header that the bindings are made from (source: {@code
   * FUSE_DIRECT_IO_ALLOW_MMAP} in Linux 6.6's {@code include/uapi/linux/fuse.h}).
   */
  DIRECT_IO_ALLOW_MMAP(36, 28, 17);

  private static final int OLDEST_LIBFUSE_MINOR = 10;

  private final long protocolBit;
  private final int libfuseBit;
  private final int libfuseMinor;

  Feature(int protocolIndex, int libfuseIndex) {
    this(protocolIndex, libfuseIndex, OLDEST_LIBFUSE_MINOR);
  }

  Feature(int protocolIndex, int libfuseIndex, int libfuseMinor) {
    this.protocolBit = 1L << protocolIndex;
    this.libfuseBit = 1 << libfuseIndex;
    this.libfuseMinor = libfuseMinor;
  }

  /** The bit in the kernel's {@code flags} (0 to 31) and {@code flags2} (32 to 63). */
  public long protocolBit() {
    return protocolBit;
  }

  /** The bit in libfuse's {@code capable} and {@code want}. */
  public int libfuseBit() {
    return libfuseBit;
  }

  /**
   * The first release of libfuse 3 that knows it, 17 for 3.17; 10, the oldest supported, or later.
   */
  public int libfuseMinor() {
    return libfuseMinor;
  }
}
