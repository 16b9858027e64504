package dev.slabmount.vfs.scrub;

/** What can be wrong with an object in a store. */
public enum DefectKind {
  /** There is nothing under its name. */
  MISSING("missing"),
  /** It has another length than the manifest says. */
  WRONG_LENGTH("wrong-length"),
  /** Its bytes have another hash than its name says. */
  DAMAGED("damaged"),
  /** It cannot be read, is no plain file, or never holds still. */
  UNREADABLE("unreadable");

  private final String id;

  DefectKind(final String id) {
    this.id = id;
  }

  /** The name in reports. */
  public String id() {
    return id;
  }
}
