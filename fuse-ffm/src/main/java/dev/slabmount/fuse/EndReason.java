package dev.slabmount.fuse;

/** Why a mount ended. */
public enum EndReason {
  /** {@link FuseMount#close}, or a signal that led to it. */
  UNMOUNTED_BY_US,
  /** As before, but files were still open when the deadline passed: their users got errors. */
  CUT_BY_US,
  /** Somebody ran {@code fusermount3 -u} or {@code umount}. */
  UNMOUNTED_BY_OTHERS,
  /** The kernel cut the connection, or the workers could not go on; the mount was removed. */
  CONNECTION_LOST
}
