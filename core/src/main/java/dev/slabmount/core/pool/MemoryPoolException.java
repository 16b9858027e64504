package dev.slabmount.core.pool;

import java.io.Serial;

/**
 * What a pool cannot do, each case a type of its own with its facts as accessors.
 *
 * <p>Unchecked, because these travel through handles, lambdas and request guards to the one place
 * that turns them into an error number; sealed, so that this place can list all of them in a {@code
 * switch} that the compiler checks. Mistakes of the caller (a closed handle, a negative offset) are
 * {@link IllegalStateException} and {@link IllegalArgumentException} and not part of this family.
 */
public abstract sealed class MemoryPoolException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private MemoryPoolException(final String message) {
    super(message);
  }

  private MemoryPoolException(final String message, final Throwable cause) {
    super(message, cause);
  }

  /** A block that must be there for the operation is not in the pool. */
  public static final class BlockNotFound extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BlockKey key;

    /** For the missing block {@code key}. */
    public BlockNotFound(final BlockKey key) {
      super("no block " + key + " in the pool");
      this.key = key;
    }

    /** The block that is missing. */
    public BlockKey key() {
      return key;
    }
  }

  /** A write was aimed at a content-keyed block, which never changes. */
  public static final class BlockNotMutable extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BlockKey key;

    /** For the content-keyed block {@code key}. */
    public BlockNotMutable(final BlockKey key) {
      super("block " + key + " is content and cannot be written");
      this.key = key;
    }

    /** The block that was to be written. */
    public BlockKey key() {
      return key;
    }
  }

  /**
   * The operation needs bytes of pages that are not in the block. Nothing was changed; the call may
   * be repeated once {@link BlockPages#fillPages} has loaded them.
   */
  public static final class PagesMissing extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BlockKey key;
    private final int offset;

    /** For a page of block {@code key} that begins at {@code offset}. */
    public PagesMissing(final BlockKey key, final int offset) {
      super("the page at offset " + offset + " of block " + key + " is missing");
      this.key = key;
      this.offset = offset;
    }

    /** The block that has missing pages. */
    public BlockKey key() {
      return key;
    }

    /** Where in the block the first missing page begins that the operation needs, in bytes. */
    public int offset() {
      return offset;
    }
  }

  /**
   * No memory could be freed: too many blocks are pinned or need flushing. Nothing was changed; the
   * call may be repeated once blocks were unpinned or flushed.
   */
  public static final class PoolExhausted extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final long blocks;
    private final long pinned;
    private final long needingFlush;

    /** Says what could not be done and the counts at that moment. */
    public PoolExhausted(
        final String what, final long blocks, final long pinned, final long needingFlush) {
      super(
          what
              + ": of "
              + blocks
              + " blocks "
              + pinned
              + " are pinned and "
              + needingFlush
              + " need flushing");
      this.blocks = blocks;
      this.pinned = pinned;
      this.needingFlush = needingFlush;
    }

    /** The same counts for another thread that waited for the same load. */
    public PoolExhausted(final PoolExhausted other) {
      super(String.valueOf(other.getMessage()), other);
      this.blocks = other.blocks;
      this.pinned = other.pinned;
      this.needingFlush = other.needingFlush;
    }

    /** Blocks in the pool. */
    public long blocks() {
      return blocks;
    }

    /** Blocks with at least one pin. */
    public long pinned() {
      return pinned;
    }

    /** Blocks that need flushing. */
    public long needingFlush() {
      return needingFlush;
    }
  }

  /**
   * A provider could not deliver a block's bytes; the cause says why. The next call tries again.
   */
  public static final class RetrievalFailed extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BlockKey key;

    /** For block {@code key}, because of {@code cause}. */
    public RetrievalFailed(final BlockKey key, final Throwable cause) {
      super("cannot load block " + key + ": " + cause, cause);
      this.key = key;
    }

    /** The block that could not be loaded. */
    public BlockKey key() {
      return key;
    }
  }

  /**
   * A write-back could not put a block's bytes where they are safe, or another one of that block
   * took too long to wait for; the cause says why. They still need flushing.
   */
  public static final class FlushFailed extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final transient BlockKey key;

    /** For block {@code key}, because of {@code cause}. */
    public FlushFailed(final BlockKey key, final Throwable cause) {
      super("cannot write back block " + key + ": " + cause, cause);
      this.key = key;
    }

    /** The block that could not be written back. */
    public BlockKey key() {
      return key;
    }
  }

  /** The calling thread was interrupted while it waited; its interrupt flag is set again. */
  public static final class WaitInterrupted extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;

    /** Says what was waited for. */
    public WaitInterrupted(final String waitedFor) {
      super("interrupted while waiting for " + waitedFor);
    }
  }

  /** The pool is closed, or closing. */
  public static final class PoolClosed extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;

    /** The pool is closed. */
    public PoolClosed() {
      super("the pool is closed");
    }
  }

  /** The system refused the address space for a new pool; the message says how much and why. */
  public static final class ReservationFailed extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;

    /** Because of {@code cause}, whose message it takes over. */
    public ReservationFailed(final Throwable cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /**
   * {@code close()} gave up waiting for pins or loads. The pool accepts nothing new, but its memory
   * stays mapped, so whoever still holds a pin can read on safely. Calling {@code close()} again
   * waits again and releases the memory when the last slot is free.
   */
  public static final class PoolBusy extends MemoryPoolException {
    @Serial private static final long serialVersionUID = 1L;
    private final long slotsInUse;
    private final long pins;

    /** Says how much is still in use. */
    public PoolBusy(final long slotsInUse, final long pins) {
      super(
          "the pool's memory stays mapped: "
              + (slotsInUse == 0
                  ? "a native call is reading a block"
                  : slotsInUse + " slots are still in use, with " + pins + " pins"));
      this.slotsInUse = slotsInUse;
      this.pins = pins;
    }

    /** Slots that are pinned or being loaded; 0 if only a native call stands in the way. */
    public long slotsInUse() {
      return slotsInUse;
    }

    /** Pins that are still held. */
    public long pins() {
      return pins;
    }
  }
}
