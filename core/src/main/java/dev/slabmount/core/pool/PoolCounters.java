package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockWord;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the pool counts. Striped, so that threads that hit different blocks write no common cache
 * line for long; exact once the pool is quiet.
 *
 * <p>Any thread.
 */
final class PoolCounters {
  /** Pins in the lower half, slots that have pins in the upper half: one add counts both. */
  private static final long ONE_SLOT = 1L << 32;

  final LongAdder hits = new LongAdder();
  final LongAdder allocations = new LongAdder();
  final LongAdder evictions = new LongAdder();
  final LongAdder loadFailures = new LongAdder();
  final LongAdder waits = new LongAdder();
  final LongAdder bytesLoaded = new LongAdder();
  final LongAdder bytesWrittenBack = new LongAdder();

  /** Of what was loaded before anybody asked: all, asked for since, and gone without. */
  final LongAdder bytesAhead = new LongAdder();

  final LongAdder bytesAheadUsed = new LongAdder();
  final LongAdder bytesAheadWasted = new LongAdder();

  /** Blocks in the index, those of them that need flushing, and their content bytes. */
  final LongAdder blocks = new LongAdder();

  final LongAdder needingFlush = new LongAdder();
  final LongAdder contentBytes = new LongAdder();

  private final LongAdder pinned = new LongAdder();

  /** Pins were added, which led to {@code word}. */
  void pinsAdded(final long word, final int pins) {
    pinned.add(BlockWord.pins(word) == pins ? ONE_SLOT + pins : pins);
  }

  /** A pin was given up, which led to {@code word}. */
  void pinDropped(final long word) {
    pinned.add(BlockWord.pins(word) == 0 ? -ONE_SLOT - 1 : -1);
  }

  /** Pins held, about now. */
  long pins() {
    return Math.max(0, (int) pinned.sum());
  }

  /** Slots with at least one pin, about now. */
  long pinnedSlots() {
    final long sum = pinned.sum();
    return Math.max(0, (sum - (int) sum) / ONE_SLOT);
  }
}
