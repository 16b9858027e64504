package dev.slabmount.core.block;

import static dev.slabmount.core.block.BlockHeaderDescriptor.LATCH_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.VERSION_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.WORD_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.headerOffset;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** {@link HeaderWords} over the headers off the heap. Any thread. */
public final class SegmentWords extends HeaderWords {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

  private final MemorySegment headers;

  /** Words in this array of headers, which must be 8-byte aligned. */
  public SegmentWords(final MemorySegment headers) {
    this.headers = headers;
  }

  @Override
  public long wordAcquire(final int slot) {
    return (long) LONG.getAcquire(headers, headerOffset(slot) + WORD_OFFSET);
  }

  @Override
  long wordVolatile(final int slot) {
    return (long) LONG.getVolatile(headers, headerOffset(slot) + WORD_OFFSET);
  }

  @Override
  void setWordRelease(final int slot, final long word) {
    LONG.setRelease(headers, headerOffset(slot) + WORD_OFFSET, word);
  }

  @Override
  long exchangeWordAcquire(final int slot, final long expected, final long next) {
    return (long)
        LONG.compareAndExchangeAcquire(headers, headerOffset(slot) + WORD_OFFSET, expected, next);
  }

  @Override
  long exchangeWord(final int slot, final long expected, final long next) {
    return (long)
        LONG.compareAndExchange(headers, headerOffset(slot) + WORD_OFFSET, expected, next);
  }

  @Override
  long addToWord(final int slot, final long delta) {
    return (long) LONG.getAndAdd(headers, headerOffset(slot) + WORD_OFFSET, delta);
  }

  @Override
  int latchAcquire(final int slot) {
    return (int) INT.getAcquire(headers, headerOffset(slot) + LATCH_OFFSET);
  }

  @Override
  int latchVolatile(final int slot) {
    return (int) INT.getVolatile(headers, headerOffset(slot) + LATCH_OFFSET);
  }

  @Override
  long versionAcquire(final int slot) {
    return (long) LONG.getAcquire(headers, headerOffset(slot) + VERSION_OFFSET);
  }

  @Override
  boolean casLatch(final int slot, final int expected, final int next) {
    return INT.compareAndSet(headers, headerOffset(slot) + LATCH_OFFSET, expected, next);
  }

  @Override
  int addToLatch(final int slot, final int delta) {
    return (int) INT.getAndAdd(headers, headerOffset(slot) + LATCH_OFFSET, delta);
  }
}
