package dev.slabmount.vfs.content;

/** A store does not hold the object. */
public final class ObjectMissingException extends ContentStoreException {

  private static final long serialVersionUID = 1L;

  private final transient ContentHash hash;

  /**
   * Names the object and where it was looked for.
   *
   * @param hash the object that is not there
   * @param place the file or address where it should be
   */
  public ObjectMissingException(final ContentHash hash, final String place) {
    super("object " + hash + " is missing: no " + place);
    this.hash = hash;
  }

  /** The object that is not there. */
  public ContentHash hash() {
    return hash;
  }
}
