package dev.slabmount.core.flush;

import dev.slabmount.core.pool.DirtyRuns;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import java.lang.foreign.MemorySegment;
import org.agrona.collections.IntArrayList;

/** Runs of pages in one slot that the flusher has pinned. */
final class PageRuns implements DirtyRuns {
  private final SlotTable table;
  private final int slot;
  private final int blockLength;
  private final IntArrayList offsets = new IntArrayList();
  private final IntArrayList lengths = new IntArrayList();
  private long bytes;

  /**
   * The runs of the pages whose bits are set.
   *
   * @param bits as from {@link SlotPages#takeToFlush}
   */
  PageRuns(final SlotTable table, final int slot, final long[] bits, final int blockLength) {
    this.table = table;
    this.slot = slot;
    this.blockLength = blockLength;
    final int pages = SlotPages.pagesOf(blockLength);
    for (int page = 0; page < pages; page++) {
      if (isSet(bits, page)) {
        final int first = page;
        while (page + 1 < pages && isSet(bits, page + 1)) {
          page++;
        }
        add(SlotPages.offsetOf(first), Math.min(blockLength, SlotPages.offsetOf(page + 1)));
      }
    }
  }

  private void add(final int from, final int to) {
    offsets.addInt(from);
    lengths.addInt(to - from);
    bytes += to - from;
  }

  private static boolean isSet(final long[] bits, final int page) {
    return (bits[page / Long.SIZE] & (1L << page)) != 0;
  }

  /** Bytes in all runs. */
  long bytes() {
    return bytes;
  }

  @Override
  public int count() {
    return offsets.size();
  }

  @Override
  public int offset(final int run) {
    return offsets.getInt(run);
  }

  @Override
  public int length(final int run) {
    return lengths.getInt(run);
  }

  @Override
  public MemorySegment bytes(final int run) {
    return table.readable(slot, blockLength).asSlice(offset(run), length(run));
  }

  @Override
  public int blockLength() {
    return blockLength;
  }
}
