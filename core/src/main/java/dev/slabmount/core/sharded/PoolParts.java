package dev.slabmount.core.sharded;

import dev.slabmount.core.block.BlockHeaderDescriptor;
import dev.slabmount.core.block.BlockHeaders;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.PageMaps;
import dev.slabmount.core.block.SegmentWords;
import dev.slabmount.core.flush.BlockFlusher;
import dev.slabmount.core.flush.FlushFlags;
import dev.slabmount.core.flush.FlushTurns;
import dev.slabmount.core.flush.WriteBackThreads;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.load.BlockLoader;
import dev.slabmount.core.load.PendingLoads;
import dev.slabmount.core.page.PageCutter;
import dev.slabmount.core.page.PageFiller;
import dev.slabmount.core.page.PageFlights;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.removal.PoolCloser;
import dev.slabmount.core.removal.Removal;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slab.ReservationException;
import dev.slabmount.core.slab.SizeClasses;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slab.SlabRegion;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.RoomSignal;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolCounters;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.state.Versions;
import dev.slabmount.core.victim.Victims;
import dev.slabmount.core.write.Arguments;
import dev.slabmount.core.write.BlockWriter;
import dev.slabmount.core.write.DirtyBlocks;
import dev.slabmount.core.write.LatchedBlocks;
import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/**
 * What a {@link ShardedMemoryPool} is made of, put together. Nothing here does anything.
 *
 * <p>There is a header, two bits of {@link PageMaps} and an entry in the books of {@link
 * SlabAllocator} for every 4 KiB of block memory: as many as there can be slots.
 */
final class PoolParts {
  final Arguments arguments;
  final PoolCounters counters = new PoolCounters();
  final PoolLife life = new PoolLife();
  final BlockIndex index;
  final SlabRegion region;
  final SlabAllocator allocator;
  final SlotTable table;
  final BlockFinder finder;
  final PendingLoads pending;
  final PageFlights flights;
  final FlushFlags flags;
  final BlockFlusher flusher;
  final BlockLoader loader;
  final DirtyBlocks dirtyBlocks;
  final BlockWriter writer;
  final PageFiller filler;
  final PageCutter cutter;
  final Removal removal;
  final PoolCloser closer;

  PoolParts(
      final MemoryPoolConfig config,
      final UnaryOperator<HeaderWords> layer,
      final Runnable beforeGrowth) {
    arguments = new Arguments(config.blockSize());
    final SizeClasses classes = new SizeClasses(config.maxSize(), config.blockSize());
    final int slabs = SlabAllocator.slabCount(config.maxSize(), classes);
    final long slots = (long) slabs << classes.slotBits();
    final long headerBytes = slots * BlockHeaderDescriptor.HEADER_BYTES;
    final long mapBytes = PageMaps.bytesFor(slots);
    final long bookBytes = SlabAllocator.bookBytes(config.maxSize(), classes);
    region = reserve(config, headerBytes + mapBytes + bookBytes);
    try {
      if (config.prefault()) {
        region.prefault(Runtime.getRuntime().availableProcessors());
      }
      final HeaderWords words = layer.apply(new SegmentWords(region.headers()));
      final BlockHeaders headers = new BlockHeaders(region.headers());
      final PageMaps pageMaps = new PageMaps(region.headers().asSlice(headerBytes, mapBytes));
      final MemorySegment books = region.headers().asSlice(headerBytes + mapBytes, bookBytes);
      index = new BlockIndex(words, headers, slabs, classes.slotBits(), beforeGrowth);
      allocator = new SlabAllocator(config.maxSize(), classes, books, index::slabAssigned);
      final RoomSignal room = new RoomSignal(slabs);
      final Victims victims =
          new Victims(config.eviction(), words, headers, index, allocator, counters.blocks::sum);
      table =
          new SlotTable(
              region.blocks(), allocator, words, headers, pageMaps, victims, room, counters);
      finder = new BlockFinder(index, table, life);
      pending = new PendingLoads(index);
      flights = new PageFlights(counters, config.loadTimeout().toNanos());
      final FlushTurns turns = new FlushTurns(config.loadTimeout().toNanos());
      flags = new FlushFlags(table, index, turns);
      flusher = new BlockFlusher(table, flags, turns, life);
      final WriteBackThreads writeBack = new WriteBackThreads(config, flusher, table);
      final RoomMaker rooms =
          new RoomMaker(table, index, life, writeBack, config.roomWait().toNanos());
      final Versions versions = new Versions();
      loader = new BlockLoader(finder, index, pending, rooms, table, versions, life, config);
      dirtyBlocks = new DirtyBlocks(table, index, finder, pending, rooms, versions, life);
      final LatchedBlocks latched =
          new LatchedBlocks(table, index, rooms, flags, config.blockSize());
      writer = new BlockWriter(table, index, finder, latched, life, arguments);
      filler = new PageFiller(table, latched, rooms, flights, life);
      cutter = new PageCutter(table, finder, latched, flights);
      removal = new Removal(table, index, pending, rooms);
      closer =
          new PoolCloser(table, region, removal, life, writeBack, config.closeWait().toNanos());
    } catch (final Throwable e) {
      region.close(); // Nobody else knows of it.
      throw e;
    }
  }

  private static SlabRegion reserve(final MemoryPoolConfig config, final long headerBytes) {
    try {
      return new SlabRegion(
          SlabAllocator.regionBytes(config.maxSize()), headerBytes, config.hugePages());
    } catch (final ReservationException e) {
      throw new MemoryPoolException.ReservationFailed(e);
    }
  }
}
