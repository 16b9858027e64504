package dev.slabmount.core.block;

/**
 * Words with a planted bug: a pin is given up in two steps, a load and a store, and not in one that
 * is atomic and ordered before what follows. For the tests that have to be rejected.
 */
public final class SplitWords extends HeaderWords {
  private final HeaderWords words;

  /** Such words over those. */
  public SplitWords(final HeaderWords words) {
    this.words = words;
  }

  @Override
  public long wordAcquire(final int slot) {
    return words.wordAcquire(slot);
  }

  @Override
  long wordVolatile(final int slot) {
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
  long addToWord(final int slot, final long delta) { // The bug.
    final long before = words.wordAcquire(slot);
    words.setWordRelease(slot, before + delta);
    return before;
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
