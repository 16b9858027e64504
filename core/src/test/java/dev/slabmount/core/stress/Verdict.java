package dev.slabmount.core.stress;

import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param figures what was done, in one line, the seed first
 * @param failure what was wrong, or null
 */
public record Verdict(String figures, @Nullable Throwable failure) {
  /** Whether nothing was wrong. */
  public boolean passed() {
    return failure == null;
  }

  /** Throws what was wrong, if something was. */
  public void orThrow() {
    if (failure != null) {
      throw new AssertionError(figures, failure);
    }
  }
}
