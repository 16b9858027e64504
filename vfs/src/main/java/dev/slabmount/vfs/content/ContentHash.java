package dev.slabmount.vfs.content;

/**
 * The name of an object: the XXH3 128-bit hash (seed 0, default secret) of its bytes, as two longs.
 *
 * <p>The text form is the canonical one of the xxHash library (<a
 * href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">xxHash specification</a>):
 * 32 lower-case hex digits, {@code high} first, each half most significant digit first. Upper-case
 * digits are refused, so that one object has exactly one name on a case-sensitive disk.
 *
 * <p>Identity is always all 128 bits. The order is the unsigned order of the number, which is also
 * the order of the text forms. Immutable, so any thread may use it.
 *
 * @param high the more significant 64 bits, printed first
 * @param low the less significant 64 bits
 */
public record ContentHash(long high, long low) implements Comparable<ContentHash> {

  /** Length of the text form in characters. */
  public static final int TEXT_LENGTH = 32;

  /** The hash of no bytes at all. */
  public static final ContentHash EMPTY = new ContentHash(0x99aa06d3014798d8L, 0x6001c324468d497fL);

  private static final int HALF_LENGTH = TEXT_LENGTH / 2;
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if {@code text} is anything but exactly 32 lower-case hex
   *     digits; the message quotes the text and says what is wrong with it
   */
  public static ContentHash parse(final String text) {
    if (text.length() != TEXT_LENGTH) {
      throw new IllegalArgumentException(
          "not a content hash: '%s' has %d characters, need %d lower-case hex digits"
              .formatted(text, text.length(), TEXT_LENGTH));
    }
    return new ContentHash(parseHalf(text, 0), parseHalf(text, HALF_LENGTH));
  }

  private static long parseHalf(final String text, final int from) {
    long bits = 0;
    for (int i = from; i < from + HALF_LENGTH; i++) {
      final char c = text.charAt(i);
      final int digit;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if (c >= 'a' && c <= 'f') {
        digit = c - 'a' + 10;
      } else {
        throw new IllegalArgumentException(
            "not a content hash: '%s' has '%c' at position %d, need %d lower-case hex digits"
                .formatted(text, c, i, TEXT_LENGTH));
      }
      bits = bits << 4 | digit;
    }
    return bits;
  }

  @Override
  public int compareTo(final ContentHash other) {
    final int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** The text form: 32 lower-case hex digits. */
  @Override
  public String toString() {
    final char[] text = new char[TEXT_LENGTH];
    for (int i = 0; i < HALF_LENGTH; i++) {
      final int shift = 60 - 4 * i;
      text[i] = DIGITS[(int) (high >>> shift) & 0xf];
      text[HALF_LENGTH + i] = DIGITS[(int) (low >>> shift) & 0xf];
    }
    return new String(text);
  }
}
