package dev.slabmount.core.block;

import java.lang.invoke.VarHandle;

/**
 * Proves, without any lock, that a slot holds the block of a key: what turns a hint, however stale,
 * into an answer. No hash decides anything here; the whole key in the header is compared.
 *
 * <p>A hint is a slot and the generation in which it is said to hold the key: {@code (slot + 1) <<
 * 32 | generation}. Within one generation a slot is LIVE at most once, and its key is constant all
 * that time. So if the word was LIVE in that generation before the key was read, and still is
 * afterwards, the key that was read is the key of the block that is there. A word of 2^32 lives ago
 * would be taken for the present one; a slot would have to live them all between two instructions
 * of one thread.
 *
 * <p>Any thread. Neither waits or allocates.
 */
public final class KeyProof {
  private final HeaderWords words;
  private final BlockHeaders headers;

  /** Proofs about these slots. */
  public KeyProof(final HeaderWords words, final BlockHeaders headers) {
    this.words = words;
    this.headers = headers;
  }

  /**
   * Pins the slot if it holds the block of this key in this generation. Never pins, and so never
   * marks as visited, a block of another key: the compare-and-set expects the very word that was
   * read before the key.
   *
   * @return as {@link BlockTransitions#pin(HeaderWords, int)}; {@link BlockTransitions#REFUSED} if
   *     it holds another block or none
   * @throws IllegalStateException if the slot has 2^24 − 1 pins, or the headers are unmapped
   */
  public long pin(
      final long hint, final boolean inodeKeyed, final long high, final long low, final int block) {
    final int slot = slot(hint);
    long word = words.wordAcquire(slot); // E1 acquired, for the key.
    while (isLife(word, hint, inodeKeyed) && headers.isKey(slot, high, low, block)) {
      final long pinned = BlockWord.pin(word);
      final long seen = words.exchangeWordAcquire(slot, word, pinned); // E1 acquired.
      if (seen == word) {
        return pinned | (word & BlockWord.AHEAD);
      }
      word = seen;
    }
    return BlockTransitions.REFUSED;
  }

  /**
   * Whether the slot holds the block of this key, in this generation, at some moment during this
   * call.
   *
   * @throws IllegalStateException if the headers are unmapped
   */
  public boolean holds(
      final long hint, final boolean inodeKeyed, final long high, final long low, final int block) {
    final int slot = slot(hint);
    if (!isLife(words.wordAcquire(slot), hint, inodeKeyed) // E1 acquired, for the key.
        || !headers.isKey(slot, high, low, block)) {
      return false;
    }
    VarHandle.acquireFence(); // E11: the key was read before the word is read again.
    return isLife(words.wordAcquire(slot), hint, inodeKeyed);
  }

  /**
   * Whether the slot holds the inode's block of this key in this generation, and it needs flushing
   * and was used lately, so that a write changes nothing but bytes and version. For the writer in
   * its content latch, with or without a pin: until it leaves, the block keeps its slot and goes on
   * needing a flush, though it may be removed from the pool.
   *
   * @throws IllegalStateException if the headers are unmapped
   */
  public boolean isRewritable(final long hint, final long inode, final int block) {
    final int slot = slot(hint);
    final long word = words.wordVolatile(slot); // E17: after the latch. E1 acquired, for the key.
    return BlockWord.isRewritable(word)
        && BlockWord.generation(word) == (int) hint
        && headers.isKey(slot, 0, inode, block);
  }

  private static int slot(final long hint) {
    return (int) (hint >>> Integer.SIZE) - 1;
  }

  private static boolean isLife(final long word, final long hint, final boolean inodeKeyed) {
    return BlockWord.isLive(word, inodeKeyed) && BlockWord.generation(word) == (int) hint;
  }
}
