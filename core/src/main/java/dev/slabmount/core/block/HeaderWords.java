package dev.slabmount.core.block;

/**
 * Atomic access to the state words, latches and versions of all slots. The access mode is in every
 * name.
 *
 * <p>A class and not an interface, with one subclass loaded in a running pool, so that calls are
 * direct. Any thread.
 */
public abstract class HeaderWords {
  /** For subclasses. */
  protected HeaderWords() {}

  /** The state word; what was written before the change that is seen is visible afterwards. */
  public abstract long wordAcquire(int slot);

  /** The state word, read after all that the calling thread has done by volatile access. */
  abstract long wordVolatile(int slot);

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

  /** The latch, read after all that the calling thread has done by volatile access. */
  abstract int latchVolatile(int slot);

  /** The version of the content. */
  abstract long versionAcquire(int slot);

  /** Compare-and-set of the latch with volatile semantics. */
  abstract boolean casLatch(int slot, int expected, int next);

  /** Adds to the latch with volatile semantics; returns what was there. */
  abstract int addToLatch(int slot, int delta);
}
