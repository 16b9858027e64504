package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.DirtyRuns;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** The pages of a block that are being written back, as runs of neighbours. Immutable. */
final class Runs implements DirtyRuns {
  private final BuddyMemory memory;
  private final Extent extent;
  private final int blockLength;
  private final int[] offsets;
  private final int[] lengths;

  Runs(final BuddyMemory memory, final Extent extent, final BitSet pages, final int blockLength) {
    this.memory = memory;
    this.extent = extent;
    this.blockLength = blockLength;
    int count = 0;
    final int[] from = new int[pages.cardinality()];
    final int[] bytes = new int[from.length];
    for (int page = pages.nextSetBit(0); page >= 0; ) {
      final int end = pages.nextClearBit(page);
      from[count] = PageMap.offsetOf(page);
      bytes[count] = Math.min(PageMap.offsetOf(end), blockLength) - from[count];
      count += bytes[count] > 0 ? 1 : 0; // An empty block has a page without bytes.
      page = pages.nextSetBit(end);
    }
    offsets = java.util.Arrays.copyOf(from, count);
    lengths = java.util.Arrays.copyOf(bytes, count);
  }

  @Override
  public int count() {
    return offsets.length;
  }

  @Override
  public int offset(final int run) {
    return offsets[run];
  }

  @Override
  public int length(final int run) {
    return lengths[run];
  }

  @Override
  public MemorySegment bytes(final int run) {
    return memory.readable(extent, offsets[run] + lengths[run]).asSlice(offsets[run]);
  }

  @Override
  public int blockLength() {
    return blockLength;
  }

  /** Bytes in all runs. */
  long bytes() {
    return java.util.Arrays.stream(lengths).asLongStream().sum();
  }
}
