package dev.slabmount.core.slot;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.pool.MemoryPool;

/**
 * What the pin face hands out: a slot and the generation that it had when it was pinned.
 *
 * <pre>
 *  63                              32 31                               0
 *  +---------------------------------+---------------------------------+
 *  |         slot number + 1         |           generation            |
 *  +---------------------------------+---------------------------------+
 * </pre>
 *
 * Never zero, which is {@link MemoryPool#NO_BLOCK}.
 */
public final class Tokens {
  private Tokens() {}

  /** The token of this slot in the life that {@code word} describes. */
  public static long of(final int slot, final long word) {
    return ((long) (slot + 1) << Integer.SIZE) + (word & BlockWord.GENERATION_MASK);
  }

  /** The slot; -1 for {@link MemoryPool#NO_BLOCK}. */
  public static int slot(final long token) {
    return (int) (token >>> Integer.SIZE) - 1;
  }

  /** The generation. */
  public static int generation(final long token) {
    return (int) token;
  }
}
