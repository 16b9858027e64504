package dev.slabmount.vfs.content;

import java.io.IOException;

/**
 * A store could not do what it was asked. The message is one line for people: what failed, on which
 * object or folder, why, and where it helps what to do.
 */
public class ContentStoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /** A failure that needs no further explanation. */
  public ContentStoreException(final String message) {
    super(message);
  }

  /** A failure with what lies behind it; the message must be complete without the cause. */
  public ContentStoreException(final String message, final Throwable cause) {
    super(message, cause);
  }
}
