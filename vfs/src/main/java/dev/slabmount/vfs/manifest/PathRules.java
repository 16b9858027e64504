package dev.slabmount.vfs.manifest;

import org.jspecify.annotations.Nullable;

/**
 * Which texts a manifest can hold as paths.
 *
 * <p>A path is Unicode text: names that are not valid UTF-8 on disk have no text and cannot be
 * said. The limits are Linux's own ({@code NAME_MAX} and {@code PATH_MAX} of {@code
 * linux/limits.h}), counted in bytes of UTF-8. Bounding the whole path also bounds what a short
 * document can expand to, because rows refer to other rows as their parents.
 *
 * <p>Stateless; any thread.
 */
public final class PathRules {

  /** The longest name, in bytes of UTF-8. */
  public static final int NAME_BYTES_MAX = 255;

  /** The longest path or link target, in bytes of UTF-8. */
  public static final int PATH_BYTES_MAX = 4095;

  private PathRules() {}

  /**
   * What is wrong with {@code path} as the path of an entry, or null if nothing is.
   *
   * @return a phrase that continues "the path …"; never quotes the path itself
   */
  public static @Nullable String defect(final String path) {
    if (path.isEmpty()) {
      return "is empty";
    }
    if (path.charAt(0) == '/') {
      return "is absolute";
    }
    final String textDefect = textDefect(path);
    if (textDefect != null) {
      return textDefect;
    }
    int start = 0;
    while (start <= path.length()) {
      final int slash = path.indexOf('/', start);
      final int end = slash < 0 ? path.length() : slash;
      final String nameDefect = nameDefect(path, start, end);
      if (nameDefect != null) {
        return nameDefect;
      }
      start = end + 1;
    }
    return null;
  }

  /**
   * As {@link #defect}, for a path that has to begin at the root of a machine: with a slash, or
   * with a letter, a colon and a slash.
   */
  static @Nullable String absoluteDefect(final String path) {
    if (path.isEmpty()) {
      return "is empty";
    }
    final int rootLength = rootLength(path);
    if (rootLength == 0) {
      return "is not absolute";
    }
    final String textDefect = textDefect(path); // of the whole, before the part without its root
    return textDefect != null
        ? textDefect
        : path.length() == rootLength
            ? "is the root of a machine"
            : path.charAt(rootLength) == '/'
                ? "has an empty component"
                : defect(path.substring(rootLength));
  }

  /** How many characters of a path are its root: {@code /} or {@code C:/}; 0 if it is relative. */
  static int rootLength(final String path) {
    if (path.startsWith("/")) {
      return 1;
    }
    return path.length() >= 3
            && path.charAt(1) == ':'
            && path.charAt(2) == '/'
            && (path.charAt(0) | 0x20) >= 'a'
            && (path.charAt(0) | 0x20) <= 'z'
        ? 3
        : 0;
  }

  /** The parent of a path, without a slash at its end; empty if that is a root. */
  static String parent(final String path) {
    final int slash = path.lastIndexOf('/');
    return slash < rootLength(path) ? "" : path.substring(0, slash);
  }

  /**
   * A path, or any text, for a message or a log: on one line, and itself unless it holds control
   * characters or halves of surrogate pairs, which become a backslash, {@code u} and four hex
   * digits.
   */
  public static String printable(final String text) {
    final StringBuilder printable = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      final char c = text.charAt(i);
      if (Character.isISOControl(c) || (Character.isSurrogate(c) && isLone(text, i))) {
        printable.append(String.format("\\u%04x", (int) c));
      } else {
        printable.append(c);
      }
    }
    return printable.toString();
  }

  private static boolean isLone(final String text, final int index) {
    final char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
        : index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
  }

  /**
   * What is wrong with {@code text} as text of at most {@link #PATH_BYTES_MAX} bytes, or null: NUL,
   * a lone surrogate, or too long.
   */
  static @Nullable String textDefect(final String text) {
    if (text.indexOf('\0') >= 0) {
      return "contains NUL";
    }
    final int bytes = utf8Length(text, 0, text.length());
    if (bytes < 0) {
      return "is not Unicode text (a surrogate without its other half)";
    }
    return bytes > PATH_BYTES_MAX
        ? "is longer than " + PATH_BYTES_MAX + " bytes of UTF-8 (" + bytes + ")"
        : null;
  }

  private static @Nullable String nameDefect(final String path, final int start, final int end) {
    final int length = end - start;
    if (length == 0) {
      return "has an empty component";
    }
    if (length <= 2 && path.charAt(start) == '.' && path.charAt(end - 1) == '.') {
      return length == 1 ? "has the component '.'" : "has the component '..'";
    }
    // A char is at most three bytes, so most names need no counting.
    if (length * 3 > NAME_BYTES_MAX) {
      final int bytes = utf8Length(path, start, end);
      if (bytes > NAME_BYTES_MAX) {
        return "has a name longer than " + NAME_BYTES_MAX + " bytes of UTF-8 (" + bytes + ")";
      }
    }
    return null;
  }

  /** Bytes of UTF-8 of a part of {@code text}, or -1 if it has a surrogate without a partner. */
  private static int utf8Length(final String text, final int start, final int end) {
    int bytes = 0;
    for (int i = start; i < end; i++) {
      final char c = text.charAt(i);
      if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < end
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        return -1;
      }
    }
    return bytes;
  }

  /**
   * Compares two texts as their UTF-8 bytes compare, which is also the order of their code points.
   * {@link String#compareTo} differs from it where a surrogate meets U+E000 to U+FFFF.
   */
  static int compareUtf8(final String a, final String b) {
    final int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      final char x = a.charAt(i);
      final char y = b.charAt(i);
      if (x != y) {
        return Integer.compare(codePointRank(x), codePointRank(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private static int codePointRank(final char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
