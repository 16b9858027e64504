package dev.slabmount.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number within bounds; one message says all that is wrong with any other text. */
abstract class WholeNumber implements ITypeConverter<Integer> {
  private final int min;
  private final int max;
  private final String unit;

  private WholeNumber(final int min, final int max, final String unit) {
    this.min = min;
    this.max = max;
    this.unit = unit;
  }

  @Override
  public Integer convert(final String text) {
    try {
      final int number = Integer.parseInt(text);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (final NumberFormatException _) {
      // Said below.
    }
    throw new TypeConversionException(
        "'%s' is not a whole number%s from %d to %d".formatted(text, unit, min, max));
  }

  /** A number of threads: more serve no machine, and a JVM dies if it cannot start one. */
  static final class Threads extends WholeNumber {
    Threads() {
      super(1, 1024, "");
    }
  }

  /** How long something may take: up to a day. */
  static final class Timeout extends WholeNumber {
    Timeout() {
      super(1, 86_400, " of seconds");
    }
  }

  /** A number of background requests: what the protocol can say. */
  static final class Background extends WholeNumber {
    Background() {
      super(1, 65_535, "");
    }
  }

  /** How long to wait, if at all. */
  static final class Patience extends WholeNumber {
    Patience() {
      super(0, 1_000_000, " of seconds");
    }
  }
}
