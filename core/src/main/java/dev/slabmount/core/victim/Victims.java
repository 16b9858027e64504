package dev.slabmount.core.victim;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.evict.ResidentSlots;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.slab.ShortLock;
import dev.slabmount.core.slab.SlabAllocator;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The eviction policy behind its lock, and the one place where headers of slots are looked at that
 * the looking thread neither pins nor finds in a locked shard.
 *
 * <p>Such a look sees a slot that may be freed and taken again at any moment, so what it finds is
 * only a proposal: whoever evicts proves under the shard's lock that the slot is still listed
 * there, in the same life.
 *
 * <p>Proposals are taken from the policy several at a time, where the pool holds so many blocks
 * that it does not matter which of the next few goes first, and handed out from a few trays, each
 * with a lock of its own. A thread that finds a tray busy goes to the next. So an insertion with
 * eviction takes the policy's lock once, to admit the new block, and a little more: the slot of a
 * block that was proposed is in no queue, and need not be taken out of one. It does not even wait
 * to admit: while somebody else has the lock, new blocks gather in {@link ArrivedSlots}, and
 * whoever next asks the policy for anything admits them first.
 *
 * <p>Any thread. The policy's lock is held for one change of a queue or for the search for a few
 * victims, and nothing is taken under it; the lock of a tray for taking one out, or for filling the
 * tray, under which the policy's is taken and no other.
 */
public final class Victims {
  /**
   * After so many looks, some milliseconds, there is no proposal. The next search goes on where
   * this one ended; and whoever finds nothing here looks through the slabs ({@code RoomSearch}).
   */
  private static final int LOOKS_MAX = 1 << 16;

  /** How often the policy is made to look for what needs flushing if it has set nothing aside. */
  private static final int PARKING_ROUNDS = 16;

  /** A proposal counts for as many blocks, so that all trays together hold few of them. */
  private static final int BLOCKS_PER_PROPOSAL = 256;

  /** A proposal: the slot, and life and hash of the key that it had when it was looked at. */
  public static final class Victim {
    /** The slot that is proposed. */
    public int slot = SlabAllocator.NO_SLOT;

    /** The life that it lived when it was looked at. */
    public int generation;

    /** The hash of the key that it had then. */
    public long hash;
  }

  private final ShortLock lock = new ShortLock();
  private final HeaderWords words;
  private final BlockHeaders headers;
  private final EvictionPolicy policy;
  private final ResidentSlots slots;
  private final BlockIndex index;
  private final LongSupplier blocks;
  private final Tray[] trays;
  private final ArrivedSlots arrived;

  /** Whether {@link #used} has to be called. */
  public final boolean wantsUses;

  private boolean closed;

  /**
   * Nothing in its care yet.
   *
   * @param blocks how many blocks the pool holds, about now
   */
  public Victims(
      final EvictionAlgorithm algorithm,
      final HeaderWords words,
      final BlockHeaders headers,
      final BlockIndex index,
      final SlabAllocator allocator,
      final LongSupplier blocks) {
    this.words = words;
    this.headers = headers;
    this.index = index;
    this.blocks = blocks;
    trays = new Tray[Integer.highestOneBit(Runtime.getRuntime().availableProcessors())];
    Arrays.setAll(trays, i -> new Tray());
    slots = new HeaderSlots(words, headers, index, allocator);
    arrived = new ArrivedSlots(slots);
    wantsUses = algorithm == EvictionAlgorithm.LRU;
    policy = PolicyChoice.of(algorithm, slots);
  }

  /** Puts a block into the policy's care; the caller pins it. */
  public void admit(final int slot) {
    if (lock.tryLock()) {
      try {
        admitArrived();
        policy.admit(slot);
      } finally {
        lock.unlock();
      }
    } else {
      arrived.push(slot);
    }
  }

  private void admitArrived() {
    if (!closed) {
      arrived.take(policy::admit);
    }
  }

  /** The block of a slot that the caller pins was used; only if {@link #wantsUses}. */
  public void used(final int slot) {
    lock.lock();
    try {
      policy.used(slot);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a slot that is about to be freed out of the policy's care. */
  public void remove(final int slot) {
    lock.lock();
    try {
      admitArrived();
      policy.remove(slot);
    } finally {
      lock.unlock();
    }
  }

  /** A block may be evicted again. */
  public void flushed(final int slot) {
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
   * The key of the block that was set aside longest ago because it needs flushing, or null. One
   * call after the other goes round all of them; if there is none, each looks at some hundred
   * blocks for one to be set aside. The block may be gone or flushed by the time the caller looks
   * for it, and what is named here may never have been one block's key.
   *
   * @param lookFurther look for more to be set aside, though some are: they were of no use
   */
  public @Nullable BlockKey oldestParked(final boolean lookFurther) {
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      admitArrived();
      int slot = lookFurther ? EvictionPolicy.NO_VICTIM : policy.oldestParked();
      for (int i = 0; i < PARKING_ROUNDS && slot == EvictionPolicy.NO_VICTIM; i++) {
        final int clean = policy.victim(); // Sets aside what it comes across and needs flushing.
        if (clean != EvictionPolicy.NO_VICTIM) {
          policy.restore(clean);
        }
        slot = policy.oldestParked();
      }
      return slot == EvictionPolicy.NO_VICTIM
          ? null
          : BlockKey.ofInode(headers.keyLow(slot), headers.block(slot));
    } finally {
      lock.unlock();
    }
  }

  /** Gives back a proposal that could not be evicted. */
  public void restore(final Victim victim) {
    lock.lock();
    try {
      restoreLocked(victim);
    } finally {
      lock.unlock();
    }
  }

  /** Leaves the policy nothing to hear of, for a look at a quiet pool. */
  public void settle() {
    lock.lock();
    try {
      admitArrived();
    } finally {
      lock.unlock();
    }
    takeBack();
  }

  /** Gives back all proposals that nobody has taken up yet. */
  private void takeBack() {
    final Victim victim = new Victim();
    for (final Tray tray : trays) {
      tray.lock.lock();
      try {
        while (tray.take(victim)) {
          restore(victim);
        }
      } finally {
        tray.lock.unlock();
      }
    }
  }

  /** Asks the policy for a proposal, which it lets go of; false if it has none. */
  public boolean propose(final Victim victim) {
    final int home = (int) Thread.currentThread().threadId();
    for (int i = 0; i < trays.length; i++) {
      final Tray tray = trays[(home + i) & (trays.length - 1)];
      if (tray.count > 0 && tray.lock.tryLock()) {
        try {
          if (tray.take(victim)) {
            return true;
          }
        } finally {
          tray.lock.unlock();
        }
      }
    }
    return fill(trays[home & (trays.length - 1)], victim);
  }

  /** Takes one proposal from the policy, and some for the tray. */
  private boolean fill(final Tray tray, final Victim victim) {
    final long more = Math.min(Tray.SIZE, blocks.getAsLong() / BLOCKS_PER_PROPOSAL / trays.length);
    if (!tray.lock.tryLock()) { // Whoever has it may wait for the policy: no need to queue twice.
      return search(tray, victim, 0);
    }
    try {
      if (tray.take(victim)) {
        return true; // Somebody else has filled it meanwhile.
      }
      return search(tray, victim, (int) more);
    } finally {
      tray.lock.unlock();
    }
  }

  /** Searches many blocks if need be, and gives others their turn at the lock in between. */
  private boolean search(final Tray tray, final Victim victim, final int more) {
    int looks = 0;
    int enough;
    do {
      lock.lock();
      try {
        admitArrived();
        if (ask(victim)) {
          int count = 0;
          while (count < more && ask(tray.proposals[count])) {
            count++;
          }
          if (count > 0) {
            // The last is taken first; that the order is turned round among so few is no matter.
            tray.count = count;
          }
          return true;
        }
        enough = closed ? 0 : Math.min(LOOKS_MAX, 4 * policy.count());
        looks += EvictionPolicy.LOOKS_MAX;
      } finally {
        lock.unlock();
      }
    } while (looks < enough);
    return false;
  }

  private boolean ask(final Victim victim) {
    final int slot = closed ? EvictionPolicy.NO_VICTIM : policy.victim();
    if (slot == EvictionPolicy.NO_VICTIM) {
      return false;
    }
    victim.slot = slot;
    victim.generation = BlockWord.generation(words.wordAcquire(slot));
    victim.hash = index.hashOf(slot);
    return true;
  }

  private void restoreLocked(final Victim victim) {
    if (!closed) {
      final long word = words.wordAcquire(victim.slot);
      if (BlockWord.isLive(word) && BlockWord.generation(word) == victim.generation) {
        policy.restore(victim.slot);
      }
    }
  }

  /** Proposes this slot if its block could be evicted now; the policy does not let go of it. */
  public boolean proposeSlot(final int slot, final Victim victim) {
    final long word = word(slot);
    if (!BlockWord.isEvictable(word)) {
      return false;
    }
    victim.slot = slot;
    victim.generation =
        BlockWord.generation(word); // Before the key: proves that it is of one life.
    try {
      victim.hash = index.hashOf(slot);
      return true;
    } catch (final IllegalStateException e) { // The headers are unmapped.
      return false;
    }
  }

  /** Whether a block could be evicted now. */
  public boolean isEvictable(final int slot) {
    return BlockWord.isEvictable(word(slot));
  }

  /** Whether a slot holds a block now. */
  public boolean isLive(final int slot) {
    return BlockWord.isLive(word(slot));
  }

  /** The word of a slot that may be anybody's; that of a free slot if the pool is closed. */
  private long word(final int slot) {
    try {
      return words.wordAcquire(slot);
    } catch (final IllegalStateException e) { // The headers are unmapped.
      return BlockTransitions.REFUSED;
    }
  }

  /** Runs something during which the policy looks at no block; it must take no lock. */
  public boolean withoutLooks(final BooleanSupplier action) {
    lock.lock();
    try {
      return action.getAsBoolean();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the policy has let go of a slot that the calling thread is about to free. */
  public boolean isNowhere(final int slot) {
    lock.lock();
    try {
      return closed || slots.queue(slot) == EvictionPolicy.NOWHERE;
    } finally {
      lock.unlock();
    }
  }

  /** Looks at nothing from now on; the headers may go away. */
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }
}
