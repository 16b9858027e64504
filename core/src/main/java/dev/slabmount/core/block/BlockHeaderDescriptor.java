package dev.slabmount.core.block;

/**
 * Where the fields of a block's header lie. No other class holds an offset.
 *
 * <pre>
 *   0               8        12       16              24              32 bytes
 *   +---------------+--------+--------+---------------+---------------+
 *   |  state word   | latch  | queue  |   key high    |    key low    |
 *   +--------+------+-+------+--------+---------------+-------+-------+
 *   | block  | length |    version    |    forward    | prev   | next  |
 *   +--------+--------+---------------+---------------+--------+-------+
 *   32       36       40              48              56       60      64
 * </pre>
 *
 * <dl>
 *   <dt>state word
 *   <dd>{@link BlockWord}; changed by atomic operations only, once it is published
 *   <dt>latch
 *   <dd>{@link ContentLatch}
 *   <dt>queue, prev, next
 *   <dd>the eviction policy's bookkeeping, under its lock, but for the stack of new blocks, which
 *       are in no queue yet; 0 in all three means "in no queue"
 *   <dt>key high, key low, block
 *   <dd>the key; written while the slot is claimed, constant until it is free again
 *   <dt>length
 *   <dd>bytes of content
 *   <dt>version
 *   <dd>grows with every write to the content
 *   <dt>forward
 *   <dd>the token of the slot that the block moved to, if the state says so
 * </dl>
 */
public final class BlockHeaderDescriptor {
  /** Bytes per header: a cache line of its own. */
  public static final int HEADER_BYTES = 64;

  static final int WORD_OFFSET = 0;
  static final int LATCH_OFFSET = WORD_OFFSET + Long.BYTES;
  static final int QUEUE_OFFSET = LATCH_OFFSET + Integer.BYTES;
  static final int KEY_HIGH_OFFSET = QUEUE_OFFSET + Integer.BYTES;
  static final int KEY_LOW_OFFSET = KEY_HIGH_OFFSET + Long.BYTES;
  static final int BLOCK_OFFSET = KEY_LOW_OFFSET + Long.BYTES;
  static final int LENGTH_OFFSET = BLOCK_OFFSET + Integer.BYTES;
  static final int VERSION_OFFSET = LENGTH_OFFSET + Integer.BYTES;
  static final int FORWARD_OFFSET = VERSION_OFFSET + Long.BYTES;
  static final int PREVIOUS_OFFSET = FORWARD_OFFSET + Long.BYTES;
  static final int NEXT_OFFSET = PREVIOUS_OFFSET + Integer.BYTES;

  static {
    if (NEXT_OFFSET + Integer.BYTES != HEADER_BYTES) {
      throw new AssertionError("the fields do not add up to " + HEADER_BYTES + " bytes");
    }
  }

  private BlockHeaderDescriptor() {}

  /** Where the header of this slot starts. */
  static long headerOffset(final int slot) {
    return (long) slot * HEADER_BYTES;
  }
}
