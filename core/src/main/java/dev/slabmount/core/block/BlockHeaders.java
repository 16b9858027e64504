package dev.slabmount.core.block;

import static dev.slabmount.core.block.BlockHeaderDescriptor.BLOCK_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.FORWARD_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.KEY_HIGH_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.KEY_LOW_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.LENGTH_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.NEXT_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.PREVIOUS_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.QUEUE_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.VERSION_OFFSET;
import static dev.slabmount.core.block.BlockHeaderDescriptor.headerOffset;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The fields of the headers beside state word and latch.
 *
 * <p>Any thread may read what the descriptor calls constant while it holds a pin or the lock of the
 * index shard that lists the slot. Who may write is said at each method.
 */
public final class BlockHeaders {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

  private final MemorySegment headers;

  /** Fields in this array of headers, which must be 8-byte aligned. */
  public BlockHeaders(final MemorySegment headers) {
    this.headers = headers;
  }

  /** Fills the header of a claimed slot, which the calling thread owns. */
  public void init(
      final int slot,
      final long high,
      final long low,
      final int block,
      final int length,
      final long version) {
    final long at = headerOffset(slot);
    LONG.set(headers, at + KEY_HIGH_OFFSET, high);
    LONG.set(headers, at + KEY_LOW_OFFSET, low);
    INT.set(headers, at + BLOCK_OFFSET, block);
    INT.set(headers, at + LENGTH_OFFSET, length);
    LONG.set(headers, at + VERSION_OFFSET, version);
    LONG.set(headers, at + FORWARD_OFFSET, 0L);
  }

  /** Upper half of the content id; 0 for an inode. */
  public long keyHigh(final int slot) {
    return (long) LONG.get(headers, headerOffset(slot) + KEY_HIGH_OFFSET);
  }

  /** Lower half of the content id, or the inode number. */
  public long keyLow(final int slot) {
    return (long) LONG.get(headers, headerOffset(slot) + KEY_LOW_OFFSET);
  }

  /** Index of the block within its content or inode. */
  public int block(final int slot) {
    return (int) INT.get(headers, headerOffset(slot) + BLOCK_OFFSET);
  }

  /** Whether the key fields are these. */
  public boolean isKey(final int slot, final long high, final long low, final int block) {
    final long at = headerOffset(slot);
    return (long) LONG.get(headers, at + KEY_LOW_OFFSET) == low
        && (long) LONG.get(headers, at + KEY_HIGH_OFFSET) == high
        && (int) INT.get(headers, at + BLOCK_OFFSET) == block;
  }

  /** Bytes of content. */
  public int lengthAcquire(final int slot) {
    return (int) INT.getAcquire(headers, headerOffset(slot) + LENGTH_OFFSET);
  }

  /** Sets the bytes of content; for the thread that holds the content latch exclusively. */
  public void setLengthRelease(final int slot, final int length) {
    INT.setRelease(headers, headerOffset(slot) + LENGTH_OFFSET, length);
  }

  /** The version of the content. */
  public long versionAcquire(final int slot) {
    return (long) LONG.getAcquire(headers, headerOffset(slot) + VERSION_OFFSET);
  }

  /** Whether this is the version of a block that a modifier is in: odd, unlike all others. */
  public static boolean isModified(final long version) {
    return (version & 1L) != 0;
  }

  /** Sets the next version; for the thread that holds the content latch exclusively. */
  public void nextVersionRelease(final int slot) {
    addToVersionRelease(slot, 2L);
  }

  /**
   * Begins or ends the work of a modifier, which is the next version when it has ended; for the
   * thread that holds the content latch exclusively.
   */
  public void turnModifiedRelease(final int slot) {
    addToVersionRelease(slot, 1L);
  }

  private void addToVersionRelease(final int slot, final long more) {
    final long at = headerOffset(slot) + VERSION_OFFSET;
    LONG.setRelease(headers, at, (long) LONG.get(headers, at) + more);
  }

  /** The token of the slot that the block moved to; valid once the state was seen to be MOVED. */
  public long forward(final int slot) {
    return (long) LONG.get(headers, headerOffset(slot) + FORWARD_OFFSET);
  }

  /** Sets the forward token; for the thread that moves the block, before the state says so. */
  public void setForward(final int slot, final long token) {
    LONG.set(headers, headerOffset(slot) + FORWARD_OFFSET, token);
  }

  /** Which of the eviction policy's queues the slot is in; under the policy's lock. */
  public int queue(final int slot) {
    return (int) INT.get(headers, headerOffset(slot) + QUEUE_OFFSET);
  }

  /** Sets {@link #queue}; under the policy's lock. */
  public void setQueue(final int slot, final int queue) {
    INT.set(headers, headerOffset(slot) + QUEUE_OFFSET, queue);
  }

  /** The eviction policy's backward link; under the policy's lock. */
  public int previous(final int slot) {
    return (int) INT.get(headers, headerOffset(slot) + PREVIOUS_OFFSET);
  }

  /** Sets {@link #previous}; under the policy's lock. */
  public void setPrevious(final int slot, final int link) {
    INT.set(headers, headerOffset(slot) + PREVIOUS_OFFSET, link);
  }

  /** The eviction policy's forward link; under the policy's lock. */
  public int next(final int slot) {
    return (int) INT.get(headers, headerOffset(slot) + NEXT_OFFSET);
  }

  /** Sets {@link #next}; under the policy's lock. */
  public void setNext(final int slot, final int link) {
    INT.set(headers, headerOffset(slot) + NEXT_OFFSET, link);
  }
}
