package dev.slabmount.core.victim;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.evict.ResidentSlots;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.slab.SlabAllocator;

/** Slots as the eviction policy sees them: through their headers, under the policy's lock. */
record HeaderSlots(
    HeaderWords words, BlockHeaders headers, BlockIndex index, SlabAllocator allocator)
    implements ResidentSlots {
  @Override
  public boolean isLive(final int slot) {
    return BlockWord.isLive(words.wordAcquire(slot));
  }

  @Override
  public boolean isPinned(final int slot) {
    return BlockWord.pins(words.wordAcquire(slot)) > 0;
  }

  @Override
  public boolean needsFlush(final int slot) {
    return BlockWord.has(words.wordAcquire(slot), BlockWord.NEEDS_FLUSH);
  }

  @Override
  public boolean testAndClearVisited(final int slot) {
    return BlockTransitions.forgetVisit(words, slot);
  }

  @Override
  public boolean isUnread(final int slot) {
    return BlockWord.has(words.wordAcquire(slot), BlockWord.AHEAD);
  }

  @Override
  public long keyHash(final int slot) {
    return index.hashOf(slot);
  }

  @Override
  public int capacity(final int slot) {
    return allocator.slotBytes(slot);
  }

  @Override
  public int queue(final int slot) {
    return headers.queue(slot);
  }

  @Override
  public void setQueue(final int slot, final int queue) {
    headers.setQueue(slot, queue);
  }

  @Override
  public int previous(final int slot) {
    return headers.previous(slot);
  }

  @Override
  public void setPrevious(final int slot, final int link) {
    headers.setPrevious(slot, link);
  }

  @Override
  public int next(final int slot) {
    return headers.next(slot);
  }

  @Override
  public void setNext(final int slot, final int link) {
    headers.setNext(slot, link);
  }
}
