package dev.slabmount.core.block;

import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/** Words that do something else first, once, when they are about to be changed in a certain way. */
public final class InterceptedWords extends HeaderWords {
  private final HeaderWords words;
  private LongPredicate trigger = next -> false;
  private Runnable action = () -> {};
  private Runnable latchAction = () -> {};
  private LongPredicate trailingTrigger = next -> false;
  private Runnable trailingAction = () -> {};
  private volatile Runnable claimAction = () -> {};
  private volatile BooleanSupplier lookTrigger = () -> false;
  private Runnable lookAction = () -> {};
  private Runnable insideAction = () -> {};

  /** A layer around these words. */
  public InterceptedWords(final HeaderWords words) {
    this.words = words;
  }

  /** Runs {@code action} before the first compare-and-set whose new value is like that. */
  public void before(final LongPredicate next, final Runnable todo) {
    trigger = next;
    action = todo;
  }

  /** Runs {@code action} after the first change that made the word like that. */
  public void after(final LongPredicate next, final Runnable todo) {
    trailingTrigger = next;
    trailingAction = todo;
  }

  /** Runs {@code action} after the first look at a word at which this is so, before it is used. */
  public void afterLook(final BooleanSupplier now, final Runnable todo) {
    lookAction = todo;
    lookTrigger = now;
  }

  /** Runs {@code action} after the next look of a writer without a pin, who is in the latch. */
  public void afterLookInside(final Runnable todo) {
    insideAction = todo;
  }

  /** Runs {@code action} after each claim, on the thread that claimed. */
  public void afterClaims(final Runnable todo) {
    claimAction = todo;
  }

  /** Runs {@code action} before the next latch is taken. */
  public void beforeLatch(final Runnable todo) {
    latchAction = todo;
  }

  @Override
  public long wordAcquire(final int slot) {
    final long word = words.wordAcquire(slot);
    if (lookTrigger.getAsBoolean()) {
      lookTrigger = () -> false;
      lookAction.run();
    }
    return word;
  }

  @Override
  long wordVolatile(final int slot) {
    final long word = words.wordVolatile(slot);
    final Runnable todo = insideAction;
    insideAction = () -> {};
    todo.run();
    return word;
  }

  @Override
  void setWordRelease(final int slot, final long word) {
    words.setWordRelease(slot, word);
    if (BlockWord.isClaimed(word)) {
      claimAction.run();
    }
    runTrailingActionAfter(word);
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
    final long seen = words.exchangeWord(slot, expected, next);
    if (seen == expected) {
      runTrailingActionAfter(next);
    }
    return seen;
  }

  private void runTrailingActionAfter(final long word) {
    if (trailingTrigger.test(word)) {
      trailingTrigger = never -> false;
      trailingAction.run();
    }
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
    final Runnable todo = latchAction;
    latchAction = () -> {};
    todo.run();
    return words.casLatch(slot, expected, next);
  }

  @Override
  int addToLatch(final int slot, final int delta) {
    return words.addToLatch(slot, delta);
  }
}
