package dev.slabmount.core.slab;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The operating system refused the memory for a pool; the message says how much and why. */
public final class ReservationException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ReservationException(final String message, final @Nullable Throwable cause) {
    super(message, cause);
  }
}
