package dev.slabmount.fuse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A mount that could not be made or ended; the message is one line: what, where, why, what to do.
 */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** libfuse3 is missing, cannot be loaded or has a version that is not supported. */
    LIBRARY,
    /** {@code /dev/fuse} is missing or not permitted. */
    DEVICE,
    /** The mountpoint is missing, no directory, or not permitted. */
    MOUNTPOINT,
    /** The mountpoint, or an open file under it, is in use. */
    BUSY,
    /** An option is not known or not allowed. */
    OPTION,
    /** Anything else that libfuse, fusermount3 or the kernel refused. */
    REFUSED
  }

  private final Reason reason;

  /** Creates an exception. */
  public MountException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Creates an exception with what caused it. */
  public MountException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why the mount could not be made or ended. */
  public Reason reason() {
    return reason;
  }
}
