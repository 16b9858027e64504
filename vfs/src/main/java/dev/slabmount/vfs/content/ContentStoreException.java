package dev.slabmount.vfs.content;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * A store could not do what it was asked. The message is one line for people: what failed, on which
 * object or folder, why, and where it helps what to do.
 */
public class ContentStoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /** A failure that needs no further explanation. */
  public ContentStoreException(final String message) {
    super(message);
  }

  /** A failure with what lies behind it; the message must be complete without the cause. */
  public ContentStoreException(final String message, final Throwable cause) {
    super(message, cause);
  }

  /**
   * Why an operation failed, without the file name that the JDK puts in front: {@code permission
   * denied}, {@code No space left on device} … For the end of a message that names the file itself.
   */
  public static String reasonOf(final IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it exists already";
      case ClosedByInterruptException _ -> "interrupted";
      case FileSystemException known when known.getReason() != null -> known.getReason();
      default -> String.valueOf(failure.getMessage());
    };
  }
}
