package dev.slabmount.core.block;

import java.util.function.LongPredicate;

/** Words that do something else first when they are about to be set to a certain value, once. */
public final class InterceptedWords extends HeaderWords {
  private final HeaderWords words;
  private LongPredicate trigger = next -> false;
  private Runnable action = () -> {};

  /** A layer around these words. */
  public InterceptedWords(final HeaderWords words) {
    this.words = words;
  }

  /** Runs {@code action} before the first compare-and-set whose new value is like that. */
  public void before(final LongPredicate next, final Runnable todo) {
    trigger = next;
    action = todo;
  }

  @Override
  public long wordAcquire(final int slot) {
    return words.wordAcquire(slot);
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
    if (trigger.test(next)) {
      trigger = never -> false;
      action.run();
    }
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
  boolean casLatch(final int slot, final int expected, final int next) {
    return words.casLatch(slot, expected, next);
  }
}
