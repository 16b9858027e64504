package dev.slabmount.vfs.content;

/**
 * An object is not what its name, or the length given for it, says. Its bytes must not be used;
 * asking again gives the same answer until the object in the store changes.
 */
public final class VerificationException extends ContentStoreException {

  private static final long serialVersionUID = 1L;

  private final transient ContentHash hash;

  private VerificationException(final String message, final ContentHash hash) {
    super(message);
    this.hash = hash;
  }

  /** The object's bytes have another hash than its name. */
  static VerificationException ofContent(
      final ContentHash expected, final ContentHash found, final String place) {
    return new VerificationException(
        "object %s is damaged: its bytes hash to %s (%s)".formatted(expected, found, place),
        expected);
  }

  /** The object has another length than it must have. */
  static VerificationException ofLength(
      final ContentHash hash, final long expected, final long found, final String place) {
    return new VerificationException(
        "object %s has %d bytes, expected %d (%s)".formatted(hash, found, expected, place), hash);
  }

  /** The object's name, that is, the hash that its bytes should have. */
  public ContentHash hash() {
    return hash;
  }
}
