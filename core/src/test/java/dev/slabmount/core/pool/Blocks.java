package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/** Bytes for tests, and providers of them. */
public final class Blocks {
  /** The size of most blocks in tests: the smallest slot. */
  public static final int SLOT = 4096;

  private Blocks() {}

  /** {@code length} bytes that depend on {@code seed}. */
  public static byte[] bytes(final long seed, final int length) {
    final byte[] bytes = new byte[length];
    long x = seed * 0x9E3779B97F4A7C15L + 1;
    for (int i = 0; i < length; i++) {
      x ^= x << 13;
      x ^= x >>> 7;
      x ^= x << 17;
      bytes[i] = (byte) x;
    }
    return bytes;
  }

  /** These bytes as a segment. */
  public static MemorySegment segment(final byte... bytes) {
    return MemorySegment.ofArray(bytes);
  }

  /** The bytes of a segment. */
  public static byte[] array(final MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  /** Provides fixed bytes and counts how often it was asked. */
  public static final class Fixed implements BlockContentProvider {
    private final byte[] bytes;
    private final AtomicInteger loads = new AtomicInteger();

    /** A provider of these bytes. */
    public Fixed(final byte... bytes) {
      this.bytes = bytes;
    }

    @Override
    public int load(final BlockKey key, final MemorySegment slot) {
      loads.incrementAndGet();
      MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return bytes.length;
    }

    @Override
    public int maxLength(final BlockKey key) {
      return bytes.length;
    }

    /** How often it was asked. */
    public int loads() {
      return loads.get();
    }
  }
}
