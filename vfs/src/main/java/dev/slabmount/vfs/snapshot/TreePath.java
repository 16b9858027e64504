package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The path of an entry below the folder that a snapshot is taken of: components separated by single
 * slashes; {@code .} for the folder itself. Usually text, but names on disk are bytes and need not
 * be.
 *
 * <p>Immutable; any thread.
 */
public final class TreePath implements Comparable<TreePath> {

  private final String text;
  private final byte @Nullable [] bytes;

  private TreePath(final String text, final byte @Nullable [] bytes) {
    this.text = text;
    this.bytes = bytes;
  }

  /** A path that is text. */
  static TreePath of(final String text) {
    return new TreePath(text, null);
  }

  /** A path of any bytes. */
  static TreePath of(final byte[] bytes) {
    final String text = PathBytes.textOf(bytes);
    return text != null ? of(text) : new TreePath(escape(bytes), bytes.clone());
  }

  /** Whether the path is text, that is, valid UTF-8. */
  public boolean isText() {
    return bytes == null;
  }

  /**
   * The path as text. For one that is none, every byte that does not belong to valid UTF-8 appears
   * as {@code \xNN}; {@link #bytes} says what it really is.
   */
  public String text() {
    return text;
  }

  /** The path's bytes: UTF-8 if it is text. */
  public byte[] bytes() {
    return bytes == null ? text.getBytes(UTF_8) : bytes.clone();
  }

  /** The path fit for a line of output: as {@link #text}, and control characters escaped. */
  @Override
  public String toString() {
    return printable(text);
  }

  /** A text without line breaks, terminal commands and other control characters. */
  static String printable(final String text) {
    final StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          switch (Character.getType(c)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR ->
                printable.append("\\u%04x".formatted(c));
            default -> printable.appendCodePoint(c);
          }
        });
    return printable.toString();
  }

  private static String escape(final byte[] bytes) {
    final CharsetDecoder decoder = UTF_8.newDecoder();
    final ByteBuffer in = ByteBuffer.wrap(bytes);
    final CharBuffer out = CharBuffer.allocate(bytes.length);
    final StringBuilder text = new StringBuilder(bytes.length * 2);
    CoderResult result;
    do {
      result = decoder.decode(in, out, true);
      text.append(out.flip());
      out.clear();
      for (int i = result.isError() ? result.length() : 0; i > 0; i--) {
        text.append("\\x%02x".formatted(in.get()));
      }
    } while (result.isError());
    return text.toString();
  }

  @Override
  public int compareTo(final TreePath other) {
    final int byText = text.compareTo(other.text);
    return byText != 0 ? byText : Arrays.compare(bytes(), other.bytes());
  }

  @Override
  public boolean equals(final @Nullable Object other) {
    return other instanceof TreePath path && compareTo(path) == 0;
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
