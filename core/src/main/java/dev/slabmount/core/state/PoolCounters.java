package dev.slabmount.core.state;

import dev.slabmount.core.block.BlockWord;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the pool counts. What every hit counts lies in {@link ThreadCells}, the rest in striped
 * adders; so threads that hit different blocks write no common cache line. Exact once the pool is
 * quiet.
 *
 * <p>Any thread.
 */
public final class PoolCounters {
  /** Pins by calls that found their block: hits that have a pin of their own. */
  private static final int HIT_PINS = 0;

  /** All other pins. */
  private static final int OTHER_PINS = 1;

  private static final int UNPINS = 2;

  /**
   * Pins on slots that had one already, as far as they are still held: pins without these are
   * slots. Most slots have one pin at most, and so add nothing here.
   */
  private static final int FURTHER_PINS = 3;

  private static final int SUMS = 4;

  private final ThreadCells cells = new ThreadCells(SUMS);

  /** Calls that found their block, and whose pin somebody else counted. */
  public final LongAdder hitsOfWaiters = new LongAdder();

  /** Blocks that came into the pool. */
  public final LongAdder allocations = new LongAdder();

  /** Of those, blocks that came without a load. */
  public final LongAdder inserts = new LongAdder();

  /** Blocks that were removed on request. */
  public final LongAdder removals = new LongAdder();

  /** Loads of missing pages that succeeded. */
  public final LongAdder fills = new LongAdder();

  /** Times that pages of a block were written back, or a block was marked flushed. */
  public final LongAdder flushes = new LongAdder();

  /** Blocks that were evicted. */
  public final LongAdder evictions = new LongAdder();

  /** Loads that failed or took too long. */
  public final LongAdder loadFailures = new LongAdder();

  /** Calls that waited for room. */
  public final LongAdder waits = new LongAdder();

  /** Bytes that providers wrote. */
  public final LongAdder bytesLoaded = new LongAdder();

  /** Bytes that were written back. */
  public final LongAdder bytesWrittenBack = new LongAdder();

  /** Write-backs that failed. */
  public final LongAdder writeBackFailures = new LongAdder();

  /** Of what was loaded before anybody asked: all, asked for since, and gone without. */
  public final LongAdder bytesAhead = new LongAdder();

  /** Of those, bytes of blocks that somebody asked for later. */
  public final LongAdder bytesAheadUsed = new LongAdder();

  /** Of those, bytes of blocks that went before anybody asked. */
  public final LongAdder bytesAheadWasted = new LongAdder();

  /** Blocks in the index, those of them that need flushing, and their content bytes. */
  public final LongAdder blocks = new LongAdder();

  /** Listed blocks that need flushing. */
  public final LongAdder needingFlush = new LongAdder();

  /** Bytes of content in listed blocks. */
  public final LongAdder contentBytes = new LongAdder();

  /** The calling thread's cell for what follows. */
  public int cell() {
    return cells.mine();
  }

  /** A call that found its block, or one that counts as no hit, pinned it, leading to this word. */
  public void pinned(final int cell, final long word, final boolean isHit) {
    cells.add(cell, isHit ? HIT_PINS : OTHER_PINS, 1);
    if (BlockWord.pins(word) != 1) {
      cells.add(cell, FURTHER_PINS, 1);
    }
  }

  /** Pins were added, which led to {@code word}. */
  public void pinsAdded(final long word, final int pins) {
    final int cell = cells.mine();
    cells.add(cell, OTHER_PINS, pins);
    cells.add(cell, FURTHER_PINS, BlockWord.pins(word) == pins ? pins - 1 : pins);
  }

  /** A pin is about to be given up. To be followed by {@link #pinDropped}. */
  public void pinDropping(final int cell) {
    cells.add(cell, UNPINS, 1);
  }

  /** The pin was given up, which led to {@code word}. */
  public void pinDropped(final int cell, final long word) {
    if (BlockWord.pins(word) != 0) {
      cells.add(cell, FURTHER_PINS, -1);
    }
  }

  /** Calls that found their block. */
  public long hits() {
    return cells.sum(HIT_PINS) + hitsOfWaiters.sum();
  }

  /** Pins held, about now. */
  public long pins() {
    return Math.max(0, pinsNow());
  }

  /** Slots with at least one pin, about now. */
  public long pinnedSlots() {
    return Math.max(0, pinsNow() - cells.sum(FURTHER_PINS));
  }

  private long pinsNow() {
    final long unpins = cells.sum(UNPINS); // First, for the sum not to be too low for long.
    return cells.sum(HIT_PINS) + cells.sum(OTHER_PINS) - unpins;
  }
}
