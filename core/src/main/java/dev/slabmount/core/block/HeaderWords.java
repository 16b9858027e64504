package dev.slabmount.core.block;

/**
 * Atomic access to the state words and latches of all slots. The access mode is in every name.
 *
 * <p>A class and not an interface, with one subclass loaded in a running pool, so that calls are
 * direct. Any thread.
 */
public abstract class HeaderWords {
  /** For subclasses. */
  protected HeaderWords() {}

  /** The state word; what was written before the change that is seen is visible afterwards. */
  public abstract long wordAcquire(int slot);

  /** Sets the state word of a slot that the calling thread owns; publishes what it wrote before. */
  abstract void setWordRelease(int slot, long word);

  /** Compare-and-set with acquire semantics; returns the word that was there. */
  abstract long exchangeWordAcquire(int slot, long expected, long next);

  /** Compare-and-set with volatile semantics; returns the word that was there. */
  abstract long exchangeWord(int slot, long expected, long next);

  /** Adds to the state word with volatile semantics; returns the word that was there. */
  abstract long addToWord(int slot, long delta);

  /** The latch. */
  abstract int latchAcquire(int slot);

  /** Compare-and-set of the latch with volatile semantics. */
  abstract boolean casLatch(int slot, int expected, int next);
}
