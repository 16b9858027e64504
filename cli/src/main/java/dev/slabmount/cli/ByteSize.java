package dev.slabmount.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A number of bytes on the command line: {@code 65536}, {@code 64K}, {@code 64KiB}, {@code 1.5G}.
 *
 * <p>Units are powers of 1024 and may be written in either case. {@code KB}, {@code MB} and the
 * like are refused, because people mean two different things by them.
 *
 * @param bytes not negative
 */
record ByteSize(long bytes) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,19})(?:\\.(\\d{1,6}))?\\s*([kmgt]?)(i?b?)", Pattern.CASE_INSENSITIVE);

  private static final String UNITS = "kmgt";

  /**
   * Reads a size.
   *
   * @throws IllegalArgumentException if this is no size; the message says what would be
   */
  static ByteSize parse(final String text) {
    final Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw notASize(text, "expected a number with K, M, G or T, such as 64M");
    }
    final String unit = matcher.group(3).toLowerCase(Locale.ROOT);
    final String suffix = matcher.group(4).toLowerCase(Locale.ROOT);
    if (suffix.equals("i") || (suffix.equals("b") && !unit.isEmpty())) {
      throw notASize(text, "write 64M or 64MiB for 64 * 1024 * 1024 bytes");
    }
    final int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
    if (suffix.equals("ib") && shift == 0) {
      throw notASize(text, "expected a number with K, M, G or T, such as 64M");
    }
    try {
      final long whole = Long.parseLong(matcher.group(1));
      final long bytes = Math.multiplyExact(whole, 1L << shift);
      return new ByteSize(Math.addExact(bytes, fraction(text, matcher.group(2), shift)));
    } catch (final ArithmeticException | NumberFormatException e) {
      throw notASize(text, "too large");
    }
  }

  private static long fraction(final String text, final String digits, final int shift) {
    if (digits == null) {
      return 0;
    }
    final double bytes = Double.parseDouble("0." + digits) * (1L << shift);
    if (bytes != Math.rint(bytes)) {
      throw notASize(text, "not a whole number of bytes");
    }
    return (long) bytes;
  }

  private static IllegalArgumentException notASize(final String text, final String why) {
    return new IllegalArgumentException("'" + text + "' is not a size: " + why);
  }

  /**
   * The size in the largest unit that leaves at most one decimal: {@code 64.0 MiB}, {@code 17 B}.
   */
  static String format(final long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT, "%.1f %ciB", value, Character.toUpperCase(UNITS.charAt(unit)));
  }

  /** The size in the largest unit that leaves no fraction: {@code 64 MiB}, {@code 65537 bytes}. */
  static String exact(final long bytes) {
    final int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
    if (bytes == 0 || unit == 0) {
      return bytes + " bytes";
    }
    return (bytes >> (10 * unit)) + " " + Character.toUpperCase(UNITS.charAt(unit - 1)) + "iB";
  }

  /** Lets picocli read sizes. */
  static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(final String text) {
      try {
        return parse(text);
      } catch (final IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
