package dev.slabmount.bench.read;

/** A figure could not be measured; the message says in one line what went wrong. */
final class MeasuringException extends Exception {
  private static final long serialVersionUID = 1L;

  MeasuringException(String message) {
    super(message);
  }

  MeasuringException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
