package dev.slabmount.core.page;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.load.ProviderCalls;
import dev.slabmount.core.observe.BlockLoadEvent;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.PageProvider;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.write.LatchedBlocks;
import java.util.BitSet;

/**
 * Loads missing pages of inode-keyed blocks.
 *
 * <p>The provider writes into a slot of its own, outside every latch. Then, in the latch, those
 * pages are taken over that are still missing and were not cut off or discarded since: a write that
 * came meanwhile has made its pages valid, and so wins.
 *
 * <p>Any thread.
 */
public final class PageFiller {
  private final SlotTable table;
  private final LatchedBlocks latched;
  private final RoomMaker rooms;
  private final PageFlights flights;
  private final PoolLife life;

  /** Fills blocks of this table. */
  public PageFiller(
      final SlotTable table,
      final LatchedBlocks latched,
      final RoomMaker rooms,
      final PageFlights flights,
      final PoolLife life) {
    this.table = table;
    this.latched = latched;
    this.rooms = rooms;
    this.flights = flights;
    this.life = life;
  }

  /** Loads what is missing of a range. */
  public void fill(
      final long token, final int offset, final int length, final PageProvider provider) {
    final int pinned = table.slotOf(token);
    if (!BlockWord.has(table.words.wordAcquire(pinned), BlockWord.INODE_KEYED)) {
      return;
    }
    final BlockKey key = table.keyOf(pinned);
    for (; ; ) {
      final int slot = table.newest(pinned);
      final int blockLength = table.headers.lengthAcquire(slot);
      final int end = (int) Math.min((long) offset + length, blockLength);
      final PageFlights.Flight flight =
          end <= offset
              ? null
              : flights.join(key, table, pinned, SlotPages.pageOf(offset), SlotPages.pagesOf(end));
      if (flight == null) { // Nothing is missing.
        checkLive(key, pinned);
        return;
      }
      if (flight.end.leader == Thread.currentThread()) {
        lead(flight, pinned, Math.min(blockLength, SlotPages.offsetOf(flight.last)), provider);
      } else {
        flights.await(flight);
      }
    }
  }

  private void lead(
      final PageFlights.Flight flight,
      final int pinned,
      final int end,
      final PageProvider provider) {
    final BlockLoadEvent event = BlockLoadEvent.started();
    try {
      load(flight, pinned, end, provider);
    } finally {
      if (event != null) {
        flight.end.tell(event);
      }
    }
  }

  private void load(
      final PageFlights.Flight flight,
      final int pinned,
      final int end,
      final PageProvider provider) {
    int scratch = SlabAllocator.NO_SLOT;
    try {
      checkLive(flight.key, pinned);
      final int bytes = end - SlotPages.offsetOf(flight.first);
      scratch = rooms.claim(bytes);
      ProviderCalls.loadPages(
          flight.key, SlotPages.offsetOf(flight.first), table.writable(scratch, bytes), provider);
      flight.end.length = bytes;
      takeOver(flight, pinned, scratch, end);
    } catch (final Throwable e) {
      flights.crash(flight, e);
      throw e;
    } finally {
      if (scratch != SlabAllocator.NO_SLOT) {
        table.abandon(scratch);
      }
    }
    flights.land(flight);
    flight.end.result(); // Throws if the others had given up before.
    table.counters.fills.increment();
  }

  private void takeOver(
      final PageFlights.Flight flight, final int pinned, final int scratch, final int end) {
    final int slot = latched.enter(pinned, 0);
    if (slot == FlushFlags.REMOVED) {
      throw notFound(flight.key);
    }
    try {
      final BitSet wanted = flights.wanted(flight);
      final int blockLength = table.headers.lengthAcquire(slot);
      final int start = SlotPages.offsetOf(flight.first);
      for (int page = wanted.nextSetBit(0); page >= 0; page = wanted.nextSetBit(page + 1)) {
        final int from = SlotPages.offsetOf(page);
        final int to = Math.min(SlotPages.offsetOf(page + 1), blockLength);
        if (from < to && to <= end && !table.pages.isValid(slot, page)) {
          table.copy(scratch, from - start, slot, from, to - from);
          table.pages.setValid(slot, page, page + 1);
          table.counters.bytesLoaded.add(to - from);
        }
      }
    } finally {
      latched.leave(slot);
    }
  }

  private void checkLive(final BlockKey key, final int pinned) {
    if (BlockWord.isRemoved(table.words.wordAcquire(table.newest(pinned)))) {
      throw notFound(key);
    }
  }

  private MemoryPoolException notFound(final BlockKey key) {
    life.check();
    return new MemoryPoolException.BlockNotFound(key);
  }
}
