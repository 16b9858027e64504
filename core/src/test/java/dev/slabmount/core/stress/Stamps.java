package dev.slabmount.core.stress;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory that says whose it is, how often it was written, and whether it is whole.
 *
 * <pre>
 *   0         8     12       16                             length (a multiple of 8)
 *   | version | key | length | mix(key, version, position) ... |
 * </pre>
 *
 * <p>Works on copies in arrays, so that checking costs little also where code is interpreted.
 */
final class Stamps {
  /** The shortest stamped piece of memory. */
  static final int BYTES_MIN = 16;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Stamps() {}

  /** Stamps {@code length} bytes at {@code offset}. */
  static void fill(
      final MemorySegment memory,
      final long offset,
      final int length,
      final int key,
      final long version) {
    final long[] longs = new long[length / 8];
    longs[0] = version;
    longs[1] = (long) length << 32 | key;
    final long mix = mix(key, version);
    for (int i = 2; i < longs.length; i++) {
      longs[i] = mix + i;
    }
    MemorySegment.copy(longs, 0, memory, LONG, offset, longs.length);
  }

  /**
   * Checks that the bytes at {@code offset} are one whole stamp with this key.
   *
   * @return its version
   */
  static long check(
      final MemorySegment memory, final long offset, final int length, final int key) {
    final long[] longs = new long[length / 8];
    MemorySegment.copy(memory, LONG, offset, longs, 0, longs.length);
    if (longs.length < 2 || (int) longs[1] != key) {
      throw new AssertionError("wrong: no stamp of key " + key + " at " + offset);
    }
    if (longs[1] >>> 32 != length) {
      throw new AssertionError(
          "torn: key " + key + " at " + offset + ": " + length + " of " + (longs[1] >>> 32) + " B");
    }
    final long mix = mix(key, longs[0]);
    for (int i = 2; i < longs.length; i++) {
      if (longs[i] != mix + i) {
        throw new AssertionError("torn: key " + key + " at " + offset + ", byte " + 8 * i);
      }
    }
    return longs[0];
  }

  /** The length in the stamp at the start of this memory. */
  static int length(final MemorySegment memory) {
    return (int) (memory.get(LONG, 8) >>> 32);
  }

  private static long mix(final int key, final long version) {
    long x = version * 0x9E3779B97F4A7C15L + key;
    x ^= x >>> 29;
    x *= 0xBF58476D1CE4E5B9L;
    return x ^ x >>> 32;
  }
}
