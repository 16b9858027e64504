package dev.slabmount.core.write;

import java.lang.foreign.MemorySegment;

/**
 * Checks what callers pass; each method throws {@link IllegalArgumentException} with a line that
 * says what is wrong.
 *
 * <p>Immutable; any thread.
 */
public final class Arguments {
  private final int blockSize;

  /** For a pool with blocks of at most so many bytes. */
  public Arguments(final int blockSize) {
    this.blockSize = blockSize;
  }

  void checkWrite(
      final int offset, final MemorySegment source, final long sourceOffset, final int length) {
    checkRange(offset, length);
    if (sourceOffset < 0 || length > source.byteSize() - sourceOffset) {
      throw new IllegalArgumentException(
          length
              + " bytes from offset "
              + sourceOffset
              + " are not inside a source of "
              + source.byteSize());
    }
  }

  /** A range inside a block of the largest size. */
  public void checkRange(final int offset, final int length) {
    checkNotNegative("offset", offset);
    checkNotNegative("length", length);
    checkFits((long) offset + length);
  }

  /** A capacity that a slot can have. */
  public void checkCapacity(final int capacity) {
    checkNotNegative("capacity", capacity);
    checkFits(capacity);
  }

  /** Returns the number. */
  public long checkFits(final long bytes) {
    if (bytes > blockSize) {
      throw new IllegalArgumentException(
          bytes + " bytes do not fit into a block of at most " + blockSize);
    }
    return bytes;
  }

  /** The index of a block in its file. */
  public void checkBlock(final int block) {
    checkNotNegative("block", block);
  }

  /** A number that must not be negative, and what it is called. */
  public void checkNotNegative(final String name, final int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must not be negative: " + value);
    }
  }
}
