package dev.slabmount.vfs.manifest;

import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The short spelling of paths: {@code $i/name} stands for {@code name} in the directory of row
 * {@code i} of the document's {@code dirs}, counted from 0.
 *
 * <p>The format has no escape. A text that begins with {@code $} and contains a slash is always
 * read as a short spelling; without a slash, {@code $} is an ordinary character.
 */
final class IndexedPath {

  private static final int ROW_DIGITS_MAX = 10;

  private IndexedPath() {}

  /**
   * Spells {@code text} as {@code $i/name} if the part before its last slash is a listed directory,
   * else leaves it as it is. Only this direct parent is looked up.
   *
   * @param rowOf the row of a listed directory, or -1
   */
  static String encode(final String text, final ToIntFunction<String> rowOf) {
    final int slash = text.lastIndexOf('/');
    if (slash < 0) {
      return text;
    }
    final int row = rowOf.applyAsInt(text.substring(0, slash));
    return row < 0 ? text : "$" + row + text.substring(slash);
  }

  /** Whether a reader takes {@code text} for a short spelling. */
  static boolean isIndexed(final String text) {
    return text.startsWith("$") && text.indexOf('/') > 0;
  }

  /**
   * Spells out what {@link #encode} shortened.
   *
   * @param directories the directories that may be referred to, by row; empty where a row has no
   *     path
   * @throws IllegalArgumentException if the text refers to no row; the message is fit for a {@link
   *     ManifestException}
   */
  static String decode(final String text, final List<String> directories) {
    if (!isIndexed(text)) {
      return text;
    }
    final int slash = text.indexOf('/');
    final long row = parseRow(text, slash);
    if (row < 0) {
      throw new IllegalArgumentException(
          ManifestException.quote(text)
              + " begins with '$' but no row of 'dirs' follows (decimal digits before the slash)");
    }
    if (row >= directories.size()) {
      throw new IllegalArgumentException(
          ManifestException.quote(text)
              + " refers to row "
              + row
              + " of 'dirs', but only "
              + directories.size()
              + " rows come before it");
    }
    final String directory = directories.get((int) row);
    if (directory.isEmpty()) {
      throw new IllegalArgumentException(
          ManifestException.quote(text)
              + " refers to row "
              + row
              + " of 'dirs', which has no path");
    }
    return directory + text.substring(slash);
  }

  /** The number between {@code $} and the slash, or -1 if it is not plain decimal. */
  private static long parseRow(final String text, final int slash) {
    final int digits = slash - 1;
    if (digits == 0 || digits > ROW_DIGITS_MAX || (digits > 1 && text.charAt(1) == '0')) {
      return -1;
    }
    long row = 0;
    for (int i = 1; i < slash; i++) {
      final char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      row = row * 10 + (c - '0');
    }
    return row;
  }
}
