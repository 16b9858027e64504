package dev.slabmount.vfs.content;

import java.io.IOException;

/**
 * A source gave other bytes than before: what it names changed while it was being read. Not a fault
 * of the store.
 */
public final class SourceChangedException extends IOException {

  private static final long serialVersionUID = 1L;

  /** One line that names the source or the object. */
  public SourceChangedException(final String message) {
    super(message);
  }
}
