package dev.slabmount.vfs.snapshot;

/** A snapshot was not taken: no manifest was written. The message is one line for people. */
public sealed class SnapshotException extends Exception permits UnsayableException {

  private static final long serialVersionUID = 1L;

  /** On which side the reason lies. */
  public enum Fault {
    /** The tree: missing, unreadable, changing; or what was asked for makes no sense. */
    SOURCE,
    /** The store or the manifest could not be written. */
    DESTINATION,
    /** Somebody cancelled it. */
    CANCELLED
  }

  private final Fault fault;

  SnapshotException(final Fault fault, final String message) {
    super(message);
    this.fault = fault;
  }

  SnapshotException(final Fault fault, final String message, final Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** On which side the reason lies. */
  public Fault fault() {
    return fault;
  }
}
