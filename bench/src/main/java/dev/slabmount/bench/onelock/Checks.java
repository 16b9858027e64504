package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockModifier;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks what callers pass. Immutable; any thread. */
final class Checks {
  private final int blockSize;

  Checks(final int blockSize) {
    this.blockSize = blockSize;
  }

  /** A write whose parts all fit. */
  Writes.Slice slice(
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
    return new Writes.Slice(offset, source, sourceOffset, length);
  }

  /** Returns the number. */
  int checkFits(final long bytes) {
    if (bytes > blockSize) {
      throw new IllegalArgumentException(
          bytes + " bytes do not fit into a block of at most " + blockSize);
    }
    return (int) bytes;
  }

  void checkCapacity(final MemorySegment source, final int capacity) {
    if (capacity < source.byteSize()) {
      throw new IllegalArgumentException(
          "capacity " + capacity + " is less than the source's " + source.byteSize() + " bytes");
    }
  }

  void checkModify(final int capacity, final BlockModifier modifier) {
    Objects.requireNonNull(modifier, "modifier");
    checkNotNegative("capacity", capacity);
    checkFits(capacity);
  }

  void checkClaim(final int block, final int length, final int capacity) {
    checkBlock(block);
    checkRange(0, length);
    checkFits(capacity);
    if (capacity < length) {
      throw new IllegalArgumentException(
          "capacity " + capacity + " is less than the length of " + length + " bytes");
    }
  }

  void checkRange(final int offset, final int length) {
    checkNotNegative("offset", offset);
    checkNotNegative("length", length);
    checkFits((long) offset + length);
  }

  void checkLoad(final int block, final int length, final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    checkBlock(block);
    checkNotNegative("length", length);
  }

  void checkBlock(final int block) {
    checkNotNegative("block", block);
  }

  void checkNotNegative(final String name, final int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must not be negative: " + value);
    }
  }
}
