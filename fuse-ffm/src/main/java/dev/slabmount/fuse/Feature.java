package dev.slabmount.fuse;

/**
 * What a kernel may offer and a filesystem may want, negotiated once when the mount begins.
 *
 * <p>Wanted unless a filesystem says otherwise: ASYNC_READ, ATOMIC_O_TRUNC, BIG_WRITES, ASYNC_DIO,
 * PARALLEL_DIROPS, MAX_PAGES; and, if it overrides the methods that they need, READDIRPLUS,
 * READDIRPLUS_AUTO, POSIX_LOCKS and FLOCK_LOCKS. The same on every {@link TransportKind}. Whoever
 * mounts can ask for each with {@link FuseMount.Builder#with}, and switch each off with {@link
 * FuseMount.Builder#without}.
 *
 * <p>Each has two numbers. In the kernel's protocol it is a bit of {@code fuse_init_in.flags} and,
 * from bit 32 on, {@code flags2} ({@code FUSE_*} in {@code linux/fuse.h}); in libfuse one of {@code
 * FUSE_CAP_*} ({@code fuse_common.h}), which number some features otherwise and lack those that are
 * younger than the release. Some releases have a number for a feature and do not pass it on: {@link
 * #libfuseMinor} is the first that does (source: {@code do_init} in {@code lib/fuse_lowlevel.c} of
 * the tags {@code fuse-3.10.0} to {@code fuse-3.18.2}).
 */
public enum Feature {
  /** Several reads of one file at once. */
  ASYNC_READ(0, 0, "3.15"),
  /**
   * The filesystem has the POSIX locks, if it overrides getlk and setlk; else the kernel keeps
   * those of this machine.
   */
  POSIX_LOCKS(1, 1, "3.15"),
  /** O_TRUNC comes with open instead of as a setattr. */
  ATOMIC_O_TRUNC(3, 3, "3.15"),
  /** Lookups ask for {@code .} and {@code ..} too, so that NFS can export the mount. */
  EXPORT_SUPPORT(4, 4, "3.15"),
  /**
   * A write through the page cache comes in requests of more than one page. libfuse always asks for
   * it.
   */
  BIG_WRITES(5, Numbers.NONE, "3.15"),
  /** The filesystem applies the umask. */
  DONT_MASK(6, 6, "3.15"),
  /** The filesystem has the BSD locks, if it overrides flock; else the kernel keeps them. */
  FLOCK_LOCKS(10, 10, "3.15"),
  /**
   * Cached pages are dropped when a getattr shows another size or time: costs a getattr per read.
   */
  AUTO_INVAL_DATA(12, 12, "3.15"),
  /** Listings with attributes. */
  READDIRPLUS(13, 13, "3.15"),
  /** The kernel chooses between plain listings and listings with attributes. */
  READDIRPLUS_AUTO(14, 14, "3.15"),
  /** Several direct reads and writes of one file at once. */
  ASYNC_DIO(15, 15, "3.15"),
  /** The kernel collects writes in its page cache. */
  WRITEBACK_CACHE(16, 16, "3.15"),
  /**
   * An open that answers ENOSYS is never asked again: no file of this mount is, nor its release.
   */
  NO_OPEN_SUPPORT(17, 17, "3.15"),
  /** Lookups and listings of one directory in parallel. Passed on by libfuse since 3.17. */
  PARALLEL_DIROPS(18, 18, "4.7", 17),
  /** The kernel checks ACLs. */
  POSIX_ACL(20, 19, "4.9"),
  /** The filesystem clears set-user-ID bits on write and chown. Passed on by libfuse since 3.17. */
  HANDLE_KILLPRIV(19, 20, "4.9", 17),
  /**
   * Requests of up to 1 MiB. Without it 128 KiB is the most, with pages of 4 KiB: that is 32 pages.
   */
  MAX_PAGES(22, Numbers.NONE, "4.20"),
  /** Symbolic links are read once and kept. */
  CACHE_SYMLINKS(23, 23, "4.20"),
  /** An opendir that answers ENOSYS is never asked again, nor is releasedir. */
  NO_OPENDIR_SUPPORT(24, 24, "5.1"),
  /** Cached pages are dropped only when the filesystem says so. */
  EXPLICIT_INVAL_DATA(25, 25, "5.2"),
  /**
   * As HANDLE_KILLPRIV, but the kernel no longer asks for {@code security.capability} before each
   * write. The filesystem clears set-user-ID and set-group-ID bits on write, truncation and chown.
   * In libfuse since 3.17.
   */
  HANDLE_KILLPRIV_V2(28, 21, "5.11", 17),
  /**
   * A setxattr says, by {@link Request#killsPrivileges}, whether the access control list that it
   * sets ends the set-group-ID bit; with POSIX_ACL. In libfuse since 3.15.
   */
  SETXATTR_EXT(29, 27, "5.13", 15),
  /**
   * Files opened with direct I/O can be mapped as shared. In libfuse since 3.17; newer than the
   * header that the bindings are made from (source: {@code FUSE_DIRECT_IO_ALLOW_MMAP} in Linux
   * 6.6's {@code include/uapi/linux/fuse.h}).
   */
  DIRECT_IO_ALLOW_MMAP(36, 28, "6.6", 17);

  private static final int OLDEST_LIBFUSE_MINOR = 10;

  private final long protocolBit;
  private final int libfuseBit;
  private final String linux;
  private final int libfuseMinor;

  Feature(int protocolIndex, int libfuseIndex, String linux) {
    this(protocolIndex, libfuseIndex, linux, OLDEST_LIBFUSE_MINOR);
  }

  Feature(int protocolIndex, int libfuseIndex, String linux, int libfuseMinor) {
    this.protocolBit = 1L << protocolIndex;
    this.libfuseBit = libfuseIndex == Numbers.NONE ? 0 : 1 << libfuseIndex;
    this.linux = linux;
    this.libfuseMinor = libfuseMinor;
  }

  /** What the constants above are made with. */
  private static final class Numbers {
    static final int NONE = -1;

    private Numbers() {}
  }

  /** The bit in the kernel's {@code flags} (0 to 31) and {@code flags2} (32 to 63). */
  public long protocolBit() {
    return protocolBit;
  }

  /** The bit in libfuse's {@code capable} and {@code want}; 0 if it has none. */
  public int libfuseBit() {
    return libfuseBit;
  }

  /** The first release of Linux that offers it, or 3.15, the oldest that can be mounted on. */
  public String linux() {
    return linux;
  }

  /**
   * The first release of libfuse 3 that passes it on, 17 for 3.17; 10, the oldest supported, or
   * later.
   */
  public int libfuseMinor() {
    return libfuseMinor;
  }
}
