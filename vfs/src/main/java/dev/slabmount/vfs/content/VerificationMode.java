package dev.slabmount.vfs.content;

import java.util.Locale;

/**
 * How far the bytes of an object are checked before they are handed out. Whatever the mode, an
 * object of another length than it must have is refused.
 */
public enum VerificationMode {
  /** No byte of an object before all of it was hashed. */
  STRICT,
  /**
   * As {@code STRICT} for an object that is read in one piece, because it fits into one block. A
   * larger one is handed out while it is being hashed.
   */
  BACKGROUND,
  /** Nothing is hashed. */
  OFF;

  /** The name for options and reports: {@code strict} … */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mode of an {@link #id}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static VerificationMode of(final String id) {
    for (final VerificationMode mode : values()) {
      if (mode.id().equals(id)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("'" + id + "' is none of " + ids());
  }

  /** All ids, for help texts: {@code strict, background, off}. */
  public static String ids() {
    final StringBuilder ids = new StringBuilder();
    for (final VerificationMode mode : values()) {
      ids.append(ids.isEmpty() ? "" : ", ").append(mode.id());
    }
    return ids.toString();
  }
}
