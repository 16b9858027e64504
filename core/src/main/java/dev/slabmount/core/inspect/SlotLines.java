package dev.slabmount.core.inspect;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import java.io.IOException;

/**
 * Prints a line for each slot that is taken: its header, in words.
 *
 * <p>Any thread; each header is shown as it was at some moment during the call.
 */
public final class SlotLines {
  private SlotLines() {}

  /**
   * Prints the pool's figures, and a line for every slot that is not free.
   *
   * @throws IOException if {@code out} does
   * @throws IllegalStateException if the pool's headers are unmapped
   */
  public static void print(final ShardedMemoryPool pool, final Appendable out) throws IOException {
    final SlotTable table = pool.table();
    table.words.wordAcquire(0); // Throws if there are no headers any more.
    out.append(String.valueOf(pool.stats())).append('\n');
    for (int slab = 0; slab < table.allocator.slabCount(); slab++) {
      for (final int slot : table.allocator.takenSlots(slab)) {
        out.append(describe(table, slot)).append('\n');
      }
    }
  }

  /** The header of a slot that is taken, in words. */
  static String describe(final SlotTable table, final int slot) {
    final BlockHeaders headers = table.headers;
    final long word = table.words.wordAcquire(slot);
    final StringBuilder line = new StringBuilder(200).append("slot ").append(slot);
    line.append(" of ").append(table.capacity(slot)).append(" bytes: ");
    line.append(BlockWord.describe(word));
    if (!BlockWord.isClaimed(word) && !BlockWord.isFree(word)) {
      line.append("; ").append(keyOf(table, slot));
      line.append(", length ").append(headers.lengthAcquire(slot));
      line.append(", version ").append(headers.versionAcquire(slot));
      line.append(", queue ").append(headers.queue(slot));
    }
    if (BlockWord.isMoved(word)) {
      line.append(", moved to slot ").append(Tokens.slot(headers.forward(slot)));
    }
    return table.latch.isIdle(slot) ? line.toString() : line.append(", latched").toString();
  }

  private static String keyOf(final SlotTable table, final int slot) {
    try {
      return table.keyOf(slot).toString();
    } catch (final IllegalArgumentException e) {
      return "no key (" + e.getMessage() + ")";
    }
  }
}
