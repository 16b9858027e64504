package dev.slabmount.vfs.snapshot;

import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * File times as a manifest has them: microseconds since 1970, rounded down, so that a time before
 * 1970 is negative and never later than it was.
 */
final class Timestamps {

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;

  private Timestamps() {}

  /** The time in microseconds; the nearest one that a {@code long} can hold. */
  static long micros(final FileTime time) {
    final Instant instant = time.toInstant();
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), MICROS_PER_SECOND),
          instant.getNano() / NANOS_PER_MICRO);
    } catch (final ArithmeticException e) {
      return instant.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** Whether {@link #micros} is exact but for the rounding. */
  static boolean isInRange(final FileTime time) {
    final long micros = micros(time);
    return micros != Long.MIN_VALUE && micros != Long.MAX_VALUE;
  }
}
