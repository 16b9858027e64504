package dev.slabmount.core.block;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/** {@link HeaderWords} on the heap, where model checkers and debuggers see them. */
public class ArrayWords extends HeaderWords {
  final AtomicLongArray words;
  final AtomicIntegerArray latches;

  /** Words and latches of this many slots, all zero. */
  public ArrayWords(final int slots) {
    words = new AtomicLongArray(slots);
    latches = new AtomicIntegerArray(slots);
  }

  @Override
  public long wordAcquire(final int slot) {
    return words.getAcquire(slot);
  }

  @Override
  long wordVolatile(final int slot) {
    return words.get(slot);
  }

  @Override
  void setWordRelease(final int slot, final long word) {
    words.setRelease(slot, word);
  }

  @Override
  long exchangeWordAcquire(final int slot, final long expected, final long next) {
    return words.compareAndExchangeAcquire(slot, expected, next);
  }

  @Override
  long exchangeWord(final int slot, final long expected, final long next) {
    return words.compareAndExchange(slot, expected, next);
  }

  @Override
  long addToWord(final int slot, final long delta) {
    return words.getAndAdd(slot, delta);
  }

  @Override
  int latchAcquire(final int slot) {
    return latches.getAcquire(slot);
  }

  @Override
  int latchVolatile(final int slot) {
    return latches.get(slot);
  }

  @Override
  long versionAcquire(final int slot) {
    return 0; // So nobody sees that others write while he waits.
  }

  @Override
  boolean casLatch(final int slot, final int expected, final int next) {
    return latches.compareAndSet(slot, expected, next);
  }

  @Override
  int addToLatch(final int slot, final int delta) {
    return latches.getAndAdd(slot, delta);
  }
}
