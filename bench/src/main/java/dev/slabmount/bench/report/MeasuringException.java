package dev.slabmount.bench.report;

/** A figure could not be measured; the message says in one line what went wrong. */
public final class MeasuringException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what went wrong. */
  public MeasuringException(String message) {
    super(message);
  }

  /** Says what went wrong, and why. */
  public MeasuringException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
