package dev.slabmount.vfs.manifest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes JSON of which each byte is prescribed: nothing between tokens, and in strings {@code \b \f
 * \n \r \t \" \\} in short form and other control characters as a backslash, {@code u} and four
 * lower-case hex digits. The {@link TextConvention} decides about the rest: everything but
 * printable ASCII, DEL included, is escaped for each UTF-16 code unit, as Python's {@code
 * json.dumps} does with {@code ensure_ascii} ({@code json/encoder.py} of CPython); or nothing is,
 * and it is written as UTF-8.
 *
 * <p>A general JSON library is not used here because its choices (DEL, the case of hex digits,
 * slashes) would decide the hash of the document.
 *
 * <p>Text has no surrogate without its partner: {@link PathRules} saw to that. Not thread-safe.
 * Does not close the stream.
 */
final class CanonicalJson {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int ESCAPE_BYTES = 6;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final boolean escapesNonAscii;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;

  CanonicalJson(final OutputStream out, final TextConvention convention) {
    this.out = out;
    this.escapesNonAscii = convention == TextConvention.ASCII;
  }

  /** Writes ASCII text as it is: punctuation, keys, numbers. */
  CanonicalJson raw(final String ascii) throws IOException {
    for (int i = 0; i < ascii.length(); i++) {
      need(1);
      buffer[length++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  CanonicalJson number(final long value) throws IOException {
    return raw(Long.toString(value));
  }

  CanonicalJson string(final String text) throws IOException {
    raw("\"");
    for (int i = 0; i < text.length(); i++) {
      final char c = text.charAt(i);
      if (c <= '~' || escapesNonAscii) {
        character(c);
      } else {
        final int codePoint = text.codePointAt(i);
        utf8(codePoint);
        i += Character.charCount(codePoint) - 1;
      }
    }
    return raw("\"");
  }

  private void character(final char c) throws IOException {
    need(ESCAPE_BYTES);
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      buffer[length++] = (byte) c;
      return;
    }
    final char shortForm =
        switch (c) {
          case '"', '\\' -> c;
          case '\b' -> 'b';
          case '\f' -> 'f';
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\t' -> 't';
          default -> 'u';
        };
    buffer[length++] = '\\';
    buffer[length++] = (byte) shortForm;
    if (shortForm == 'u') {
      for (int shift = 12; shift >= 0; shift -= 4) {
        buffer[length++] = HEX[c >> shift & 0xf];
      }
    }
  }

  private void utf8(final int c) throws IOException {
    need(ESCAPE_BYTES);
    if (c < 0x80) {
      buffer[length++] = (byte) c;
      return;
    }
    // The lead byte begins with as many ones as there are bytes; the others carry six bits each.
    final int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    buffer[length++] = (byte) ((0xff80 >> more) | (c >> (6 * more)));
    for (int shift = 6 * (more - 1); shift >= 0; shift -= 6) {
      buffer[length++] = (byte) (0x80 | ((c >> shift) & 0x3f));
    }
  }

  private void need(final int bytes) throws IOException {
    if (length + bytes > BUFFER_BYTES) {
      flush();
    }
  }

  /** Hands everything written so far to the stream. */
  void flush() throws IOException {
    out.write(buffer, 0, length);
    length = 0;
  }
}
