package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.manifest.PathRules;
import dev.slabmount.vfs.tree.InodeTree;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says why reads failed, in one line each, and not more often than is of use. Any thread. */
final class ReadLog {

  private final InodeTree tree;
  private final ThrottledLog log;

  ReadLog(final InodeTree tree, final Logger logger) {
    this.tree = tree;
    this.log = new ThrottledLog(logger, System::nanoTime);
  }

  /** A read failed. What nobody expects is shown with its place in the code. */
  void failed(final long ino, final long offset, final Throwable failure) {
    final Throwable cause =
        failure instanceof MemoryPoolException.RetrievalFailed && failure.getCause() != null
            ? failure.getCause()
            : failure;
    final boolean expected = cause instanceof IOException || cause instanceof MemoryPoolException;
    cannotRead(ino, offset, text(cause), expected ? null : cause);
  }

  /** A read took too long. */
  void timedOut(final long ino, final long offset, final long timeoutNanos) {
    final Duration timeout = Duration.ofNanos(timeoutNanos);
    cannotRead(ino, offset, "the store has not answered within " + text(timeout), null);
  }

  private void cannotRead(
      final long ino, final long offset, final String why, final @Nullable Throwable thrown) {
    log.log(
        Level.ERROR,
        () ->
            "cannot read '"
                + PathRules.printable(tree.path(ino))
                + "' at "
                + offset
                + ": "
                + PathRules.printable(why),
        thrown);
  }

  private static String text(final Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private static String text(final Throwable cause) {
    final @Nullable String message = cause.getMessage();
    return cause instanceof ContentStoreException && message != null ? message : cause.toString();
  }
}
