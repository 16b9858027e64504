package dev.slabmount.vfs.manifest;

import java.io.IOException;
import java.io.Serial;

/**
 * A manifest that cannot be used, or a tree that a manifest cannot describe.
 *
 * <p>The message is one line fit to be shown to a person: the place as a JSON pointer (RFC 6901)
 * into the document, then what is wrong there. Text that comes from the document is quoted, with
 * control characters escaped and long text cut, so a hostile document cannot forge further lines.
 */
public final class ManifestException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private static final int QUOTED_LENGTH_MAX = 120;
  private static final int POINTER_LENGTH_MAX = 1000;

  private final String pointer;

  ManifestException(final String pointer, final String reason) {
    super((pointer.isEmpty() ? "" : printable(pointer) + ": ") + reason);
    this.pointer = printable(pointer);
  }

  /** An error that was found before, and more to say about it. */
  ManifestException(final ManifestDocument.Finding finding, final String more) {
    super(finding.message() + more);
    this.pointer = finding.pointer();
  }

  /**
   * The place in the document as a JSON pointer; empty for the document as a whole. Control
   * characters in keys of the document are escaped here too.
   */
  public String pointer() {
    return pointer;
  }

  /** Puts {@code text} between quotes, on one line, at most about 120 characters of it. */
  static String quote(final String text) {
    return "'" + cut(text, QUOTED_LENGTH_MAX) + "'";
  }

  private static String printable(final String pointer) {
    return cut(pointer, POINTER_LENGTH_MAX);
  }

  private static String cut(final String text, final int lengthMax) {
    return text.length() <= lengthMax
        ? PathRules.printable(text)
        : PathRules.printable(text.substring(0, lengthMax)) + "…";
  }
}
