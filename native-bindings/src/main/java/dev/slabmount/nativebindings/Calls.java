package dev.slabmount.nativebindings;

/** What the classes of native calls share. */
final class Calls {
  private Calls() {}

  /**
   * Turns what {@code invokeExact} declares into what it can throw: the errors and unchecked
   * exceptions of a wrong argument, such as a capture segment of a closed arena.
   */
  static AssertionError unexpected(final Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    return new AssertionError("a native call cannot throw this", thrown);
  }
}
