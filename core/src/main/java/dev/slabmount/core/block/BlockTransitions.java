package dev.slabmount.core.block;

import java.lang.invoke.VarHandle;

/**
 * The changes of {@link BlockWord}, applied atomically to a slot's word. Each says which ordering
 * edge of docs/MEMORY_MODEL.md it makes. None blocks or allocates.
 *
 * <p>Those that can be refused return the new word, or {@link #REFUSED}.
 *
 * <p>Any thread, except {@link #claim}, {@link #publish}, {@link #abandon} and {@link #free}: those
 * are for the one thread that owns the slot in that state.
 */
public final class BlockTransitions {
  /** No word that a change leads to: a free slot of generation 0. */
  public static final long REFUSED = 0L;

  private BlockTransitions() {}

  /** FREE → CLAIMED, by the thread that got the slot from the allocator. */
  public static void claim(final HeaderWords words, final int slot) {
    // E6: the allocator's lock ordered the last free of this slot before us.
    words.setWordRelease(slot, BlockWord.claim(words.wordAcquire(slot)));
    VarHandle.storeStoreFence(); // E11: the end of the last life before the key of the next.
  }

  /**
   * CLAIMED → LIVE.
   *
   * @return the new word
   */
  public static long publish(
      final HeaderWords words, final int slot, final long flags, final int pins) {
    final long live = BlockWord.publish(words.wordAcquire(slot), flags, pins);
    words.setWordRelease(slot, live); // E1: header and content before the state.
    return live;
  }

  /** CLAIMED → FREE. The slot still has to go back to the allocator. */
  public static void abandon(final HeaderWords words, final int slot) {
    words.setWordRelease(slot, BlockWord.abandon(words.wordAcquire(slot)));
  }

  /**
   * Pins a live slot.
   *
   * @return the new word, or {@link #REFUSED} if the slot is not live. The new word has no {@link
   *     BlockWord#AHEAD}; what is returned has it if this was the pin that took it down.
   * @throws IllegalStateException if the slot has 2^24 − 1 pins
   */
  public static long pin(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word)) {
      final long pinned = BlockWord.pin(word);
      final long seen = words.exchangeWordAcquire(slot, word, pinned); // E1, acquiring side.
      if (seen == word) {
        return pinned | (word & BlockWord.AHEAD);
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * Pins a live slot several times at once.
   *
   * @return as {@link #pin(HeaderWords, int)}
   */
  public static long pin(final HeaderWords words, final int slot, final int pins) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word)) {
      final long pinned = BlockWord.pin(word, pins);
      final long seen = words.exchangeWordAcquire(slot, word, pinned); // E1, acquiring side.
      if (seen == word) {
        return pinned | (word & BlockWord.AHEAD);
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * Pins a live slot without counting that as a use.
   *
   * @return the new word, or {@link #REFUSED} if the slot is not live
   * @throws IllegalStateException if the slot has 2^24 − 1 pins
   */
  public static long hold(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word)) {
      final long held = BlockWord.hold(word);
      final long seen = words.exchangeWordAcquire(slot, word, held); // E1, acquiring side.
      if (seen == word) {
        return held;
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * Adds a pin to a slot that has pins, in whatever state it is: for those who know a token that
   * somebody else may be about to give up.
   *
   * @return the new word, or {@link #REFUSED} if the slot lives another life or has no pins
   */
  public static long pinAgain(final HeaderWords words, final int slot, final int generation) {
    long word = words.wordAcquire(slot);
    while (BlockWord.generation(word) == generation && BlockWord.pins(word) > 0) {
      final long pinned = BlockWord.pinAgain(word);
      final long seen = words.exchangeWordAcquire(slot, word, pinned); // E1, E7 acquired.
      if (seen == word) {
        return pinned;
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * Gives up one pin, which the caller must hold. If the new word {@linkplain BlockWord#isFreeable
   * is freeable}, the caller must free the slot.
   *
   * @return the new word
   */
  public static long unpin(final HeaderWords words, final int slot) {
    // E2: our reads of the content before the slot is filled anew. E8: before we look for waiters.
    return BlockWord.unpin(words.addToWord(slot, -BlockWord.PIN));
  }

  /**
   * LIVE → REMOVED if the block may be dropped to make room.
   *
   * @return whether it was; then the caller must free the slot
   */
  public static boolean evict(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isEvictable(word)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.evict(word)); // E2, E5 acquired.
      if (seen == word) {
        return true;
      }
      word = seen;
    }
    return false;
  }

  /**
   * LIVE → REMOVED.
   *
   * @return the word before, or {@link #REFUSED} if the slot is not live. If it had no pins, the
   *     caller must free the slot.
   */
  public static long remove(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.remove(word)); // E2 acquired.
      if (seen == word) {
        return word;
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * LIVE → REMOVED if the block has no pins.
   *
   * @return the word before, or {@link #REFUSED} if it has, or is not live. The caller must free
   *     the slot, or {@link #revive} it.
   */
  public static long removeUnpinned(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word) && BlockWord.pins(word) == 0) {
      final long seen = words.exchangeWord(slot, word, BlockWord.remove(word)); // E2 acquired.
      if (seen == word) {
        return word;
      }
      word = seen;
    }
    return REFUSED;
  }

  /**
   * REMOVED without pins → LIVE again, by the thread that removed it and under the same hold of the
   * shard's lock, so that nobody has missed it.
   *
   * @param before what {@link #removeUnpinned} returned
   */
  public static void revive(final HeaderWords words, final int slot, final long before) {
    words.setWordRelease(slot, BlockWord.revive(words.wordAcquire(slot), before)); // E1
  }

  /**
   * LIVE → MOVED, after the forward field was written. The caller must hold a pin.
   *
   * @return the word before, or {@link #REFUSED} if the slot is not live
   */
  public static long move(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.move(word)); // E7.
      if (seen == word) {
        return word;
      }
      word = seen;
    }
    return REFUSED;
  }

  /** REMOVED or MOVED without pins → FREE. The slot still has to go back to the allocator. */
  public static void free(final HeaderWords words, final int slot) {
    words.setWordRelease(slot, BlockWord.free(words.wordAcquire(slot)));
  }

  /**
   * Puts NEEDS_FLUSH up on a live slot, by whoever may do that in the block's content latch. If the
   * flag is up the word is only looked at: it comes down in the latch alone, so nobody takes it
   * down before the caller has left, and whoever does afterwards has entered the latch after the
   * caller's write (E4).
   *
   * @return whether it was down before; false too if the slot is not live
   */
  public static boolean needFlush(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word) && !BlockWord.has(word, BlockWord.NEEDS_FLUSH)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.needFlush(word)); // E5.
      if (seen == word) {
        return true;
      }
      word = seen;
    }
    return false;
  }

  /**
   * Takes NEEDS_FLUSH down on a live slot.
   *
   * @return whether it was up before; false too if the slot is not live
   */
  public static boolean flushed(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word) && BlockWord.has(word, BlockWord.NEEDS_FLUSH)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.flushed(word)); // E5, E8.
      if (seen == word) {
        return true;
      }
      word = seen;
    }
    return false;
  }

  /**
   * Takes VISITED down on a live slot.
   *
   * @return whether it was up before; false too if the slot is not live
   */
  public static boolean forgetVisit(final HeaderWords words, final int slot) {
    long word = words.wordAcquire(slot);
    while (BlockWord.isLive(word) && BlockWord.has(word, BlockWord.VISITED)) {
      final long seen = words.exchangeWord(slot, word, BlockWord.forgetVisit(word));
      if (seen == word) {
        return true;
      }
      word = seen;
    }
    return false;
  }
}
