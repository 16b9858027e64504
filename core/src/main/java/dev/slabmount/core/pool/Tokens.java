package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockWord;

/**
 * What the pin face hands out: a slot and the generation that it had when it was pinned.
 *
 * <pre>
 *  63                              32 31                               0
 *  +---------------------------------+---------------------------------+
 *  |           generation            |         slot number + 1         |
 *  +---------------------------------+---------------------------------+
 * </pre>
 *
 * Never zero, which is {@link MemoryPool#NO_BLOCK}.
 */
final class Tokens {
  private Tokens() {}

  /** The token of this slot in the life that {@code word} describes. */
  static long of(final int slot, final long word) {
    return ((long) BlockWord.generation(word) << Integer.SIZE) | (slot + 1);
  }

  /** The slot; -1 for {@link MemoryPool#NO_BLOCK}. */
  static int slot(final long token) {
    return (int) token - 1;
  }

  /** The generation. */
  static int generation(final long token) {
    return (int) (token >>> Integer.SIZE);
  }
}
