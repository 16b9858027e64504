package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.evict.ClockPolicy;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.evict.ResidentSlots;
import dev.slabmount.core.evict.S3FifoPolicy;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.slab.SlabAllocator;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The eviction policy behind its lock, and the one place where headers of slots are looked at that
 * the looking thread neither pins nor finds in a locked shard.
 *
 * <p>Such a look sees a slot that may be freed and taken again at any moment, so what it finds is
 * only a proposal: whoever evicts proves under the shard's lock that the slot is still listed
 * there.
 *
 * <p>Any thread. The lock is held for one search of the policy, and no other lock is taken under
 * it.
 */
final class Victims {
  /** A proposal: the slot, and the hash of the key that it had when it was looked at. */
  static final class Victim {
    int slot = SlabAllocator.NO_SLOT;
    long hash;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final HeaderWords words;
  private final EvictionPolicy policy;
  private final BlockIndex index;
  private boolean closed;

  Victims(
      final EvictionAlgorithm algorithm,
      final HeaderWords words,
      final BlockHeaders headers,
      final BlockIndex index,
      final SlabAllocator allocator) {
    this.words = words;
    this.index = index;
    final ResidentSlots slots = new HeaderSlots(words, headers, index, allocator);
    policy =
        switch (algorithm) {
          case S3_FIFO -> new S3FifoPolicy(slots);
          case CLOCK -> new ClockPolicy(slots);
        };
  }

  /** Puts a block into the policy's care; the caller pins it. */
  void admit(final int slot) {
    lock.lock();
    try {
      policy.admit(slot);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a slot that is about to be freed out of the policy's care. */
  void remove(final int slot) {
    lock.lock();
    try {
      policy.remove(slot);
    } finally {
      lock.unlock();
    }
  }

  /** A block may be evicted again. */
  void flushed(final int slot) {
    lock.lock();
    try {
      if (!closed) {
        policy.flushed(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The slot of the block that was set aside longest ago because it needs flushing, or {@link
   * EvictionPolicy#NO_VICTIM}. One call after the other goes round all of them. The block may be
   * gone or flushed by the time the caller pins it.
   */
  int oldestParked() {
    lock.lock();
    try {
      return closed ? EvictionPolicy.NO_VICTIM : policy.oldestParked();
    } finally {
      lock.unlock();
    }
  }

  /** Gives back a proposal that could not be evicted. */
  void restore(final int slot) {
    lock.lock();
    try {
      if (!closed && BlockWord.isLive(words.wordAcquire(slot))) {
        policy.restore(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks the policy for a proposal, which it lets go of; false if it has none. */
  boolean propose(final Victim victim) {
    lock.lock();
    try {
      final int slot = closed ? EvictionPolicy.NO_VICTIM : policy.victim();
      if (slot == EvictionPolicy.NO_VICTIM) {
        return false;
      }
      fill(victim, slot);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether every one of these slots could be evicted now. */
  boolean allEvictable(final int[] slots) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      for (final int slot : slots) {
        if (!BlockWord.isEvictable(words.wordAcquire(slot))) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Proposes the first of these slots, from {@code from} on, that could be evicted now. */
  int firstEvictable(final int[] slots, final int from, final Victim victim) {
    lock.lock();
    try {
      for (int i = from; i < slots.length && !closed; i++) {
        if (BlockWord.isEvictable(words.wordAcquire(slots[i]))) {
          fill(victim, slots[i]);
          return i;
        }
      }
      return slots.length;
    } finally {
      lock.unlock();
    }
  }

  /** Looks at nothing from now on; the headers may go away. */
  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private void fill(final Victim victim, final int slot) {
    victim.slot = slot;
    victim.hash = index.hashOf(slot);
  }

  /** Slots as the policy sees them: through their headers. */
  private record HeaderSlots(
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
}
