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
    this(reason, escape(pointer, POINTER_LENGTH_MAX));
  }

  private ManifestException(final String reason, final StringBuilder pointer) {
    super((pointer.isEmpty() ? "" : pointer + ": ") + reason);
    this.pointer = pointer.toString();
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
    return "'" + escape(text, QUOTED_LENGTH_MAX) + "'";
  }

  private static StringBuilder escape(final String text, final int lengthMax) {
    final StringBuilder escaped = new StringBuilder();
    final int length = Math.min(text.length(), lengthMax);
    for (int i = 0; i < length; i++) {
      final char c = text.charAt(i);
      if (Character.isISOControl(c) || (Character.isSurrogate(c) && isLone(text, i))) {
        escaped.append(String.format("\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return length < text.length() ? escaped.append('…') : escaped;
  }

  private static boolean isLone(final String text, final int index) {
    final char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
        : index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
  }
}
