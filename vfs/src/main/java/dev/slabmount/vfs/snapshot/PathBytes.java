package dev.slabmount.vfs.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a path as the kernel knows them.
 *
 * <p>On Linux the JDK keeps a path that it got from the kernel as bytes, and every call that goes
 * down again passes exactly these; so a tree can be walked and read whatever its names are. Only
 * the text form goes through the locale's charset (the property {@code sun.jnu.encoding}, which
 * cannot be set from outside) and puts U+FFFD for what that cannot say: under {@code LC_ALL=C} for
 * everything but ASCII. The one public form that keeps the bytes is the URI, which writes them as
 * {@code %XX}. Seen on JDK 25 under {@code C} and {@code C.UTF-8}; tested in both.
 *
 * <p>Stateless; any thread.
 */
final class PathBytes {

  private static final Path ROOT = Path.of("/");

  /**
   * The JDK looks at the file when it makes a URI, and ends it with a slash if there is a folder. A
   * path that ends in so long a name is refused by the kernel before it looks anywhere, so neither
   * happens, and a link's target on a dead server cannot stop us.
   */
  private static final Path ENDLESS = Path.of("x".repeat(4096));

  private static final boolean TEXT_IS_UTF8 =
      "UTF-8".equals(System.getProperty("sun.jnu.encoding"));

  private static final char REPLACEMENT = '\uFFFD';

  private PathBytes() {}

  /**
   * The bytes of an absolute or relative path, neither normalised nor resolved.
   *
   * <p>Costs less than a microsecond for what the locale can say, else 25.
   */
  static byte[] of(final Path path) {
    final String text = path.toString();
    if (TEXT_IS_UTF8 && text.indexOf(REPLACEMENT) < 0) {
      return text.getBytes(UTF_8);
    }
    if (US_ASCII.newEncoder().canEncode(text)) {
      return text.getBytes(US_ASCII);
    }
    return unescape(ROOT.resolve(path).resolve(ENDLESS).toUri().getRawPath(), path.isAbsolute());
  }

  /** What these bytes say in UTF-8, or null if they are none. */
  static @Nullable String textOf(final byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (final CharacterCodingException e) {
      return null;
    }
  }

  /** Cuts off what {@link #of} added in front and behind, and turns {@code %XX} into bytes. */
  private static byte[] unescape(final String escaped, final boolean absolute) {
    final int end = escaped.length() - ENDLESS.toString().length() - 1;
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream(end);
    int at = absolute ? 0 : 1;
    while (at < end) {
      final char c = escaped.charAt(at);
      if (c == '%') {
        bytes.write(Integer.parseInt(escaped, at + 1, at + 3, 16));
        at += 3;
      } else {
        assert ISO_8859_1.newEncoder().canEncode(c) : escaped;
        bytes.write(c);
        at++;
      }
    }
    return bytes.toByteArray();
  }
}
