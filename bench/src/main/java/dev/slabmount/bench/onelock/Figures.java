package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.MemoryPoolStats;

/** What the pool counts. Guarded by the pool's lock, which makes plain numbers enough. */
final class Figures {
  long hits;
  long allocations;
  long inserts;
  long evictions;
  long removals;
  long loadFailures;
  long waits;
  long fills;
  long bytesLoaded;
  long flushes;
  long bytesWrittenBack;
  long writeBackFailures;
  long bytesAhead;
  long bytesAheadUsed;
  long bytesAheadWasted;

  /** Content bytes of the blocks that can be found, and how many of them need flushing. */
  long contentBytes;

  long needingFlush;

  /** Pins, blocks that have any, and extents kept by tokens after their block moved away. */
  long pins;

  long pinnedBlocks;
  long leftExtents;

  /** All of it, with what the pool holds now. */
  MemoryPoolStats snapshot(final PoolState state, final long pendingLoads) {
    return new MemoryPoolStats(
        state.table.size(),
        pinnedBlocks + leftExtents,
        needingFlush,
        contentBytes,
        state.config.maxSize(),
        pendingLoads,
        hits,
        allocations,
        inserts,
        evictions,
        removals,
        loadFailures,
        waits,
        fills,
        bytesLoaded,
        flushes,
        bytesWrittenBack,
        writeBackFailures,
        bytesAhead,
        bytesAheadUsed,
        bytesAheadWasted,
        pins + leftExtents,
        state.memory.extentsInUse(),
        state.memory.bytesInUse(),
        state.memory.chunksInUse());
  }
}
