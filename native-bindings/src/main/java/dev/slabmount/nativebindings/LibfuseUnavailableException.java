package dev.slabmount.nativebindings;

import java.io.Serial;

/**
 * No usable libfuse3 on this machine. The message is one line for the person at the keyboard: what
 * was tried, why each candidate was refused, and what to install.
 */
public final class LibfuseUnavailableException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  LibfuseUnavailableException(final String message) {
    super(message);
  }
}
