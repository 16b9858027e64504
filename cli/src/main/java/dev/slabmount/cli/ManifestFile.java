package dev.slabmount.cli;

import dev.slabmount.vfs.manifest.ManifestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads manifests for commands: whatever goes wrong becomes the one line that their users read. */
final class ManifestFile {

  /** What is made of a manifest. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Path file) throws IOException;
  }

  private static final long GIB = 1L << 30;

  private ManifestFile() {}

  /**
   * Reads a manifest.
   *
   * @param heapFactor about how many bytes of heap are needed for each byte of text; for the advice
   *     to those who have too little
   */
  static <T> T read(final Path file, final int heapFactor, final Reader<T> reader)
      throws CommandFailure {
    try {
      return reader.read(file);
    } catch (final ManifestException e) {
      throw new CommandFailure(ExitCode.INPUT, "cannot use manifest " + file + ": " + why(e), e);
    } catch (final IOException e) {
      throw new CommandFailure(
          ExitCode.INPUT, "cannot read manifest " + file + ": " + FailureReport.reason(e), e);
    } catch (final OutOfMemoryError e) {
      throw new CommandFailure(ExitCode.PREREQUISITE, heapAdvice(file, heapFactor), e);
    }
  }

  /** What is wrong, as a sentence with a subject: what is said of the whole document has none. */
  static String why(final ManifestException e) {
    final String message = String.valueOf(e.getMessage());
    return message.matches("(?s)(is|has|needs|lists) .*") ? "it " + message : message;
  }

  private static String heapAdvice(final Path file, final int heapFactor) {
    final long heap = Runtime.getRuntime().maxMemory();
    long needed = 2 * heap;
    try {
      needed = Math.max(needed, heapFactor * Files.size(file));
    } catch (final IOException _) {
      // Then twice what was not enough is the best guess.
    }
    return "manifest "
        + file
        + " needs more heap than "
        + ByteSize.format(heap)
        + ": SLABMOUNT_JAVA_OPTS=-Xmx"
        + ((needed + GIB - 1) / GIB)
        + "g slabmount ...";
  }
}
