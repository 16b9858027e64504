package dev.slabmount.cli;

/**
 * What {@code doctor} found out about one thing that mounting needs or likes to have.
 *
 * @param name what was looked at
 * @param status whether it will do
 * @param detail what was found, in a few words
 * @param remedy the command that mends it, or what to do; empty if there is nothing to mend
 */
record Finding(String name, Status status, String detail, String remedy) {
  /** Whether a thing will do. */
  enum Status {
    /** There, and good. */
    OK,
    /** Not as good as it could be; mounting works without it. */
    NOTE,
    /** Mounting does not work without it. */
    MISSING
  }

  static Finding ok(final String name, final String detail) {
    return new Finding(name, Status.OK, detail, "");
  }

  static Finding note(final String name, final String detail, final String remedy) {
    return new Finding(name, Status.NOTE, detail, remedy);
  }

  static Finding missing(final String name, final String detail, final String remedy) {
    return new Finding(name, Status.MISSING, detail, remedy);
  }
}
