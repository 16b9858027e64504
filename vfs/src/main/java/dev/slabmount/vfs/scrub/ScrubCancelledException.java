package dev.slabmount.vfs.scrub;

/** A check was told to end before it was done. */
public final class ScrubCancelledException extends Exception {

  private static final long serialVersionUID = 1L;

  ScrubCancelledException(final String message) {
    super(message);
  }
}
