package dev.slabmount.core.evict;

/**
 * What an eviction policy may know of slots, and the three numbers per slot that it may keep there.
 *
 * <p>The answers of the first five may change at any time; the numbers are the policy's alone.
 */
public interface ResidentSlots {
  /** Whether the slot holds a block that can be found. */
  boolean isLive(int slot);

  /** Whether somebody holds the block. */
  boolean isPinned(int slot);

  /** Whether the block's content is nowhere else, so that it must not be dropped. */
  boolean needsFlush(int slot);

  /** Whether the block was used since this was last asked. */
  boolean testAndClearVisited(int slot);

  /** Whether the block was loaded ahead of any use, and was not used since. */
  boolean isUnread(int slot);

  /** A hash of the block's key. */
  long keyHash(int slot);

  /** The slot's capacity in bytes. */
  int capacity(int slot);

  /** The number set last, or 0 if none was set since the slot was taken. */
  int queue(int slot);

  /** Sets {@link #queue}. */
  void setQueue(int slot, int queue);

  /** The link set last, or 0. */
  int previous(int slot);

  /** Sets {@link #previous}. */
  void setPrevious(int slot, int link);

  /** The link set last, or 0. */
  int next(int slot);

  /** Sets {@link #next}. */
  void setNext(int slot, int link);
}
