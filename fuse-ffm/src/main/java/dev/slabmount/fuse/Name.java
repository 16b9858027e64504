package dev.slabmount.fuse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A name or target as the kernel sent it: bytes, in no charset, without a terminating NUL.
 *
 * <p><b>Owner and lifetime.</b> The binding owns it and fills it again for the next request of the
 * same worker; it is valid until the operation returns or, after {@link Request#detach}, until the
 * request is answered. Not thread-safe. Reading it neither allocates nor copies.
 */
public final class Name {
  // Enough for any usual name; longer ones (FUSE allows 1024 bytes) and targets make it grow.
  private byte[] bytes = new byte[256];
  private int length;

  /** Creates an empty name. */
  public Name() {}

  /**
   * The array that holds the bytes from index 0 to {@link #length}; what follows is left-over.
   * Callers read it and do not change it.
   */
  public byte[] array() {
    return bytes;
  }

  /** How many bytes the name has. */
  public int length() {
    return length;
  }

  /** Whether the name is exactly {@code other[offset, offset + count)}. */
  public boolean equalsRange(byte[] other, int offset, int count) {
    return Arrays.equals(bytes, 0, length, other, offset, offset + count);
  }

  /** A copy of the bytes. Allocates. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** Makes this name {@code count} bytes long and returns the array to fill. */
  public byte[] resize(int count) {
    if (count > bytes.length) {
      bytes = new byte[Math.max(count, 2 * bytes.length)];
    }
    length = count;
    return bytes;
  }

  /** Takes over a copy of {@code source}. */
  public Name set(byte[] source) {
    System.arraycopy(source, 0, resize(source.length), 0, source.length);
    return this;
  }

  /** The name for people: malformed UTF-8 shows as U+FFFD. Allocates. */
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
