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

  private final String pointer;

  ManifestException(final String pointer, final String reason) {
    super((pointer.isEmpty() ? "" : pointer + ": ") + reason);
    this.pointer = pointer;
  }

  /** The place in the document as a JSON pointer; empty for the document as a whole. */
  public String pointer() {
    return pointer;
  }

  /** Puts {@code text} between quotes, on one line, at most about 120 characters of it. */
  static String quote(final String text) {
    final StringBuilder quoted = new StringBuilder().append('\'');
    final int length = Math.min(text.length(), QUOTED_LENGTH_MAX);
    for (int i = 0; i < length; i++) {
      final char c = text.charAt(i);
      if (Character.isISOControl(c) || (Character.isSurrogate(c) && isLone(text, i))) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(length < text.length() ? "…'" : "'").toString();
  }

  private static boolean isLone(final String text, final int index) {
    final char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
        : index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
  }
}
