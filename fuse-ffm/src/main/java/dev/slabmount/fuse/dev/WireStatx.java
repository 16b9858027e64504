package dev.slabmount.fuse.dev;

/**
 * STATX on the wire, which is younger than the header that the bindings are made from. Source:
 * {@code FUSE_STATX}, {@code struct fuse_statx_in} and {@code struct fuse_statx_out} in Linux 6.6's
 * {@code include/uapi/linux/fuse.h}.
 *
 * <pre>
 *   in:   getattr_flags u32 | reserved u32 | fh u64 | sx_flags u32 | sx_mask u32
 *   out:  attr_valid u64 | attr_valid_nsec u32 | flags u32 | spare 16 | struct statx
 * </pre>
 */
final class WireStatx {
  static final int OPCODE = 52;
  static final int IN_BYTES = 24;
  static final int GETATTR_FLAGS = 0;
  static final int FH = 8;
  static final int FLAGS = 16;
  static final int MASK = 20;
  static final int VALID = 0;
  static final int VALID_NSEC = 8;
  static final int STAT = 32;

  /** The first minor of protocol 7 that has it. */
  static final int MINOR = 39;

  private WireStatx() {}
}
