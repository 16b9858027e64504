package dev.slabmount.core.block;

import java.util.concurrent.atomic.AtomicLong;

/** Words that count how often one is looked at. */
public final class CountedWords extends HeaderWords {
  private final HeaderWords words;
  private final AtomicLong looks;

  /** A layer around these words, which counts in {@code looks}. */
  public CountedWords(final HeaderWords words, final AtomicLong looks) {
    this.words = words;
    this.looks = looks;
  }

  @Override
  public long wordAcquire(final int slot) {
    looks.incrementAndGet();
    return words.wordAcquire(slot);
  }

  @Override
  long wordVolatile(final int slot) {
    looks.incrementAndGet();
    return words.wordVolatile(slot);
  }

  @Override
  void setWordRelease(final int slot, final long word) {
    words.setWordRelease(slot, word);
  }

  @Override
  long exchangeWordAcquire(final int slot, final long expected, final long next) {
    return words.exchangeWordAcquire(slot, expected, next);
  }

  @Override
  long exchangeWord(final int slot, final long expected, final long next) {
    return words.exchangeWord(slot, expected, next);
  }

  @Override
  long addToWord(final int slot, final long delta) {
    return words.addToWord(slot, delta);
  }

  @Override
  int latchAcquire(final int slot) {
    return words.latchAcquire(slot);
  }

  @Override
  int latchVolatile(final int slot) {
    return words.latchVolatile(slot);
  }

  @Override
  long versionAcquire(final int slot) {
    return words.versionAcquire(slot);
  }

  @Override
  boolean casLatch(final int slot, final int expected, final int next) {
    return words.casLatch(slot, expected, next);
  }

  @Override
  int addToLatch(final int slot, final int delta) {
    return words.addToLatch(slot, delta);
  }
}
