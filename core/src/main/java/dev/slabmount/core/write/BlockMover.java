package dev.slabmount.core.write;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;

/**
 * Moves an inode's block to another slot while others hold it.
 *
 * <p>The mover holds the content latch of the old slot, so nobody writes it meanwhile. It copies
 * the valid pages, and under the shard's lock gives the new slot their state, publishes it, and
 * turns the old one to MOVED, with the new one's token in its forward field. From then on lookups
 * find the new slot, and whoever waits for the old latch gets it, sees MOVED, and follows. The old
 * slot keeps the new one pinned until it is freed itself, so following is always safe.
 *
 * <p>Any thread.
 */
final class BlockMover {
  private static final long FLAGS_KEPT =
      BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH | BlockWord.VISITED;

  private final SlotTable table;
  private final BlockIndex index;

  BlockMover(final SlotTable table, final BlockIndex index) {
    this.table = table;
    this.index = index;
  }

  /**
   * Moves the block. If that succeeds, the caller's exclusive latch has passed from the old slot to
   * the new one; otherwise nothing has changed.
   *
   * @param from a slot that the caller has pinned and latched exclusively
   * @param to a claimed slot that is large enough
   * @return false if the block was removed
   */
  boolean move(final int from, final int to) {
    final BlockHeaders headers = table.headers;
    final int length = headers.lengthAcquire(from);
    assert length <= table.capacity(to) : "moving " + length + " bytes into a smaller slot";
    copyValid(from, to, length);
    headers.init(
        to,
        headers.keyHigh(from),
        headers.keyLow(from),
        headers.block(from),
        length,
        headers.versionAcquire(from));
    table.latch.lockExclusive(to); // Nobody else knows the slot yet.
    if (!swing(from, to)) {
      table.latch.unlockExclusive(to);
      return false;
    }
    table.latch.unlockExclusive(from); // E4: whoever waited here sees MOVED.
    table.victims.admit(to);
    return true;
  }

  /** Copies what is there; memory under missing pages is not touched. */
  private void copyValid(final int from, final int to, final int length) {
    final int end = SlotPages.pagesOf(length);
    int first = table.pages.firstValid(from, 0, end);
    while (first < end) {
      final int last = table.pages.firstMissing(from, first, end);
      final int offset = SlotPages.offsetOf(first);
      table.copy(from, offset, to, offset, Math.min(SlotPages.offsetOf(last), length) - offset);
      first = table.pages.firstValid(from, last, end);
    }
  }

  private boolean swing(final int from, final int to) {
    final long hash = index.hashOf(from);
    final IndexShard shard = index.shardOf(hash);
    final long stamp = shard.lockWrite();
    try {
      // The flag cannot change here: writers want the latch, and marking wants the shard's lock.
      final long before = table.words.wordAcquire(from);
      if (!BlockWord.isLive(before)) {
        return false;
      }
      final boolean needsFlush = BlockWord.has(before, BlockWord.NEEDS_FLUSH);
      table.pages.move(from, to, table.headers.lengthAcquire(from));
      final long word = BlockTransitions.publish(table.words, to, before & FLAGS_KEPT, 1);
      table.headers.setForward(from, Tokens.of(to, word));
      BlockTransitions.move(table.words, from); // E7: the forward field before the state.
      index.replace(hash, from, to);
      table.unlinked(table.headers.lengthAcquire(from), needsFlush); // Ours: we hold a pin.
      table.linked(to, needsFlush);
      table.counters.pinsAdded(word, 1);
      return true;
    } finally {
      shard.unlockWrite(stamp);
    }
  }
}
