package dev.slabmount.core.block;

import dev.slabmount.core.slab.SlabRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Slots in memory of the kind that pools have, given out in turn. jcstress makes millions of state
 * objects and keeps some ten thousand of them alive at a time, so by the time that a slot comes
 * round again nobody uses it any more.
 */
public final class StressSlots {
  private static final int SLOTS = 1 << 17;

  private static final SlabRegion REGION =
      new SlabRegion(
          (long) SLOTS * BlockHeaderDescriptor.HEADER_BYTES,
          (long) SLOTS * BlockHeaderDescriptor.HEADER_BYTES,
          false);

  private static final AtomicInteger CURSOR = new AtomicInteger();

  /** The headers' state words and latches. */
  public static final HeaderWords WORDS = new SegmentWords(REGION.headers());

  /** The headers' other fields. */
  public static final BlockHeaders HEADERS = new BlockHeaders(REGION.headers());

  /** Proofs about these slots. */
  public static final KeyProof PROOF = new KeyProof(WORDS, HEADERS);

  private StressSlots() {}

  /** What a hint of the index says of a slot in its first life. */
  public static long hint(final int slot) {
    return (slot + 1L) << Integer.SIZE;
  }

  /** The header of a slot by itself. */
  public static MemorySegment header(final int slot) {
    return REGION
        .headers()
        .asSlice(BlockHeaderDescriptor.headerOffset(slot), BlockHeaderDescriptor.HEADER_BYTES);
  }

  /** A slot in its first life that this thread has claimed; its content and its key are zero. */
  public static int claimed() {
    final int slot = CURSOR.getAndIncrement() & (SLOTS - 1);
    HEADERS.init(slot, 0, 0, 0, 0, 0);
    HEADERS.setQueue(slot, 0);
    write(slot, 0);
    WORDS.setWordRelease(slot, 0);
    BlockTransitions.claim(WORDS, slot);
    return slot;
  }

  /** A live slot with this content and one pin, which is the caller's. */
  public static int pinned(final long content, final long flags) {
    final int slot = claimed();
    write(slot, content);
    BlockTransitions.publish(WORDS, slot, flags, 1);
    return slot;
  }

  /** Writes the content, plainly. */
  public static void write(final int slot, final long content) {
    REGION.blocks().set(ValueLayout.JAVA_LONG, contentOffset(slot), content);
  }

  /** Reads the content, plainly. */
  public static long read(final int slot) {
    return REGION.blocks().get(ValueLayout.JAVA_LONG, contentOffset(slot));
  }

  /** Writes the other end of the content, plainly. */
  public static void writeEnd(final int slot, final long content) {
    REGION.blocks().set(ValueLayout.JAVA_LONG, contentOffset(slot) + 56, content);
  }

  /** Reads the other end of the content, plainly. */
  public static long readEnd(final int slot) {
    return REGION.blocks().get(ValueLayout.JAVA_LONG, contentOffset(slot) + 56);
  }

  private static long contentOffset(final int slot) {
    return (long) slot * BlockHeaderDescriptor.HEADER_BYTES;
  }
}
