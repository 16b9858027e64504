package dev.slabmount.core.slot;

import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.ContentLatch;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.KeyProof;
import dev.slabmount.core.block.PageMaps;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.state.PoolCounters;
import dev.slabmount.core.victim.Victims;
import java.lang.foreign.MemorySegment;

/**
 * Slots: their memory, their pins, and the end of their lives.
 *
 * <p>A slot is freed by exactly one thread: the one that sees its state word out of the index and
 * without pins (see {@link BlockWord}), or a writer without a pin whom that one finds in the slot's
 * content latch, when it leaves ({@link ContentLatch#leaveToWriter}). A slot that a block moved
 * away from holds a pin on the slot that the block moved to, and drops it when it is freed itself;
 * so whoever holds any slot of such a chain can follow it to the block's present content.
 *
 * <p>Any thread.
 */
public final class SlotTable {
  private static final byte POISON = (byte) 0xDB;

  /** Which slots are taken, and where they lie. */
  public final SlabAllocator allocator;

  /** The state words. */
  public final HeaderWords words;

  /** The other fields of the headers. */
  public final BlockHeaders headers;

  /** The content latches. */
  public final ContentLatch latch;

  /** Proofs that a slot holds the block of a key. */
  public final KeyProof proof;

  /** Which pages are valid, and which need flushing. */
  public final SlotPages pages;

  /** The eviction policy, to which every block is told that comes or goes. */
  public final Victims victims;

  /** To be raised by whatever may have made room. */
  public final RoomSignal room;

  /** The pool's figures. */
  public final PoolCounters counters;

  private final MemorySegment memory;
  private final long address;
  private final int slotLimit;

  /** The slots of this memory, all free. */
  public SlotTable(
      final MemorySegment memory,
      final SlabAllocator allocator,
      final HeaderWords words,
      final BlockHeaders headers,
      final PageMaps pageMaps,
      final Victims victims,
      final RoomSignal room,
      final PoolCounters counters) {
    this.memory = memory;
    this.address = memory.address();
    this.allocator = allocator;
    this.words = words;
    this.headers = headers;
    this.latch = new ContentLatch(words);
    this.proof = new KeyProof(words, headers);
    this.pages = new SlotPages(pageMaps, allocator);
    this.victims = victims;
    this.room = room;
    this.counters = counters;
    this.slotLimit = allocator.slabCount() << allocator.classes().slotBits();
  }

  // ---- Tokens and pins ----

  /**
   * The slot of a token that holds a pin.
   *
   * @throws IllegalArgumentException if this is no token of this pool
   * @throws IllegalStateException if the slot lives another life by now, or has no pin
   */
  public int slotOf(final long token) {
    final int slot = Tokens.slot(token);
    final boolean possible = slot >= 0 && slot < slotLimit;
    final long word;
    try {
      word = words.wordAcquire(possible ? slot : 0);
    } catch (final IllegalStateException e) { // The headers are unmapped.
      throw new MemoryPoolException.PoolClosed();
    }
    if (!possible) {
      throw new IllegalArgumentException("not a token of this pool: " + Long.toHexString(token));
    }
    if (BlockWord.generation(word) != Tokens.generation(token) || BlockWord.pins(word) == 0) {
      throw new IllegalStateException(
          "token "
              + Long.toHexString(token)
              + " was unpinned already: its slot is "
              + BlockWord.describe(word));
    }
    return slot;
  }

  /** Slot numbers are below this. */
  public int slotLimit() {
    return slotLimit;
  }

  /** The key of a slot that the calling thread holds. */
  public BlockKey keyOf(final int slot) {
    final boolean inodeKeyed = BlockWord.has(words.wordAcquire(slot), BlockWord.INODE_KEYED);
    return new BlockKey(
        inodeKeyed, headers.keyHigh(slot), headers.keyLow(slot), headers.block(slot));
  }

  /** Throws {@code BlockNotMutable} for a slot that the calling thread holds, if it is content. */
  public void checkMutable(final int slot) {
    if (!BlockWord.has(words.wordAcquire(slot), BlockWord.INODE_KEYED)) {
      throw new MemoryPoolException.BlockNotMutable(keyOf(slot));
    }
  }

  /** Gives up the pin that a token holds. */
  public void unpin(final long token) {
    unpinSlot(slotOf(token));
  }

  /** Gives up a pin on this slot. */
  public void unpinSlot(final int slot) {
    if (dropPin(slot)) {
      free(slot);
    }
  }

  /** Adds a pin to what a token pins; false if the token was given up meanwhile. */
  public boolean pinAgain(final long token) {
    final long word =
        BlockTransitions.pinAgain(words, Tokens.slot(token), Tokens.generation(token));
    if (word == BlockTransitions.REFUSED) {
      return false;
    }
    counters.pinsAdded(word, 1);
    return true;
  }

  /** Drops a pin; returns whether the slot is to be freed by the calling thread. */
  private boolean dropPin(final int slot) {
    final int cell = counters.cell();
    counters.pinDropping(cell); // Before the atomic add, which everything after waits for.
    final long after = BlockTransitions.unpin(words, slot);
    counters.pinDropped(cell, after);
    if (BlockWord.isEvictable(after)) {
      room.raise(allocator.slabOf(slot)); // E8: after the pin is gone.
    }
    return BlockWord.isFreeable(after);
  }

  /** The slot where the block of a pinned slot lies now: itself, unless the block moved. */
  public int newest(final int pinned) {
    int slot = pinned;
    while (BlockWord.isMoved(words.wordAcquire(slot))) { // E7 acquired.
      slot = Tokens.slot(headers.forward(slot));
    }
    return slot;
  }

  // ---- The end of a slot's life ----

  /** Gives back a claimed slot that nobody else ever saw. */
  public void abandon(final int slot) {
    BlockTransitions.abandon(words, slot);
    allocator.free(slot);
    room.raise(allocator.slabOf(slot));
  }

  /** Frees a slot whose word the calling thread saw out of the index and without pins. */
  public void free(final int slot) {
    int freeable = slot;
    while (freeable != SlabAllocator.NO_SLOT) {
      freeable = freeOne(freeable);
    }
  }

  /** Frees one slot; returns the next of its chain if that is to be freed too. */
  private int freeOne(final int slot) {
    if (latch.leaveToWriter(slot)) { // E17
      return SlabAllocator.NO_SLOT;
    }
    final boolean moved = BlockWord.isMoved(words.wordAcquire(slot));
    final int next = moved ? Tokens.slot(headers.forward(slot)) : SlabAllocator.NO_SLOT;
    victims.remove(slot); // Before anyone else can take the slot.
    end(slot);
    allocator.free(slot); // E6
    room.raise(allocator.slabOf(slot));
    return moved && dropPin(next) ? next : SlabAllocator.NO_SLOT;
  }

  /** Frees the slot of a block that the calling thread was proposed and has evicted. */
  public void freeEvicted(final int slot) {
    endEvicted(slot);
    allocator.free(slot); // E6
    room.raise(allocator.slabOf(slot));
  }

  /**
   * Claims the slot of a block that the calling thread was proposed and has evicted, for another
   * block, without a way through the allocator.
   *
   * @param sizeClass of the slot that is wanted: no larger than this one, which is made to fit
   */
  public void claimEvicted(final int slot, final int sizeClass) {
    endEvicted(slot);
    if (capacity(slot) > allocator.classes().slotBytes(sizeClass)) {
      allocator.trim(slot, sizeClass);
      room.raise(allocator.slabOf(slot));
    }
    BlockTransitions.claim(words, slot);
  }

  private void endEvicted(final int slot) {
    assert victims.isNowhere(slot) : "slot " + slot + " was proposed, but is in a queue";
    end(slot);
  }

  private void end(final int slot) {
    if (BlockWord.has(words.wordAcquire(slot), BlockWord.AHEAD)) {
      counters.bytesAheadWasted.add(headers.lengthAcquire(slot));
    }
    assert poison(slot);
    if (BlockWord.has(words.wordAcquire(slot), BlockWord.INODE_KEYED)) {
      pages.forget(slot);
    }
    BlockTransitions.free(words, slot);
  }

  // ---- Accounting of what the index lists; under the shard's lock for writing ----

  /** The slot was just linked. */
  public void linked(final int slot, final boolean needsFlush) {
    counters.blocks.increment();
    counters.contentBytes.add(headers.lengthAcquire(slot));
    if (needsFlush) {
      counters.needingFlush.increment();
    }
  }

  /** A slot with so many bytes of content was just unlinked. */
  public void unlinked(final int length, final boolean neededFlush) {
    counters.blocks.decrement();
    counters.contentBytes.add(-length);
    if (neededFlush) {
      counters.needingFlush.decrement();
    }
  }

  /**
   * Takes a listed slot out of the index and then out of its live state; under the shard's lock for
   * writing. In this order, because from the moment on when it is not live, whoever drops its last
   * pin frees it, and somebody else may fill its header for another key.
   *
   * @return its last live word; without pins, the caller must free the slot
   */
  public long unlink(final BlockIndex index, final long hash, final int slot) {
    index.unlink(hash, slot);
    return removed(slot);
  }

  /**
   * The same for a slot whose place in the index another one takes, which was just published.
   *
   * @return the last live word of {@code old}
   */
  public long replace(final BlockIndex index, final long hash, final int old, final int slot) {
    index.replace(hash, old, slot);
    return removed(old);
  }

  private long removed(final int slot) {
    final int length = headers.lengthAcquire(slot); // Changes under the shard's lock only.
    final long last = BlockTransitions.remove(words, slot);
    assert BlockWord.isLive(last) : "slot " + slot + " is listed, and not live";
    unlinked(length, BlockWord.has(last, BlockWord.NEEDS_FLUSH));
    return last;
  }

  // ---- Memory ----

  /** Bytes that fit into the slot. */
  public int capacity(final int slot) {
    return allocator.slotBytes(slot);
  }

  /** The address of the slot's first byte. */
  public long addressOf(final int slot) {
    return address + allocator.offset(slot);
  }

  /** The first bytes of the slot, for writing. */
  public MemorySegment writable(final int slot, final int length) {
    return memory.asSlice(allocator.offset(slot), length);
  }

  /** The first bytes of the slot, for reading. */
  public MemorySegment readable(final int slot, final int length) {
    return writable(slot, length).asReadOnly();
  }

  /** Copies into the slot; allocates nothing. */
  public void copyIn(
      final int slot,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    MemorySegment.copy(source, sourceOffset, memory, allocator.offset(slot) + offset, length);
  }

  /** Copies to this place of the pool's memory; allocates nothing. */
  public void copyInAt(
      final long at, final MemorySegment source, final long sourceOffset, final int length) {
    MemorySegment.copy(source, sourceOffset, memory, at, length);
  }

  /** Copies bytes of one slot to another. */
  public void copy(
      final int from, final int fromOffset, final int to, final int toOffset, final int length) {
    MemorySegment.copy(
        memory,
        allocator.offset(from) + fromOffset,
        memory,
        allocator.offset(to) + toOffset,
        length);
  }

  /** Fills bytes {@code from} to {@code to} of the slot with zeros. */
  public void zero(final int slot, final int from, final int to) {
    if (from < to) {
      memory.asSlice(allocator.offset(slot) + from, to - from).fill((byte) 0);
    }
  }

  /** With assertions on, whoever reads a slot after his pin was gone reads nonsense. */
  private boolean poison(final int slot) {
    writable(slot, headers.lengthAcquire(slot)).fill(POISON);
    return true;
  }
}
