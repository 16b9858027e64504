package dev.slabmount.core.pool;

/**
 * What a pool holds and did, at about one moment: the figures are gathered while others work, so
 * they agree with each other exactly only while the pool is quiet. Sizes in bytes; counts since the
 * pool was created unless they say "now".
 *
 * <p>Two counts are left out on purpose. <em>Misses</em>: every block that was asked for and was
 * absent ends in {@code allocations} or {@code loadFailures}; to count look-ups that found nothing
 * would count those twice who look first ({@code pin}) and load then. <em>Changes of blocks</em>: a
 * write counts nothing but its pin, if it takes one, and one more addition would be felt there; who
 * writes can count it.
 *
 * @param totalBlocks blocks that can be found, now
 * @param inUseBlocks blocks with at least one pin, now; includes blocks that were removed from the
 *     pool and are kept only by their pins
 * @param dirtyBlocks blocks that need flushing, now
 * @param currentSize sum of the content lengths of all blocks that can be found, now
 * @param maxSize the configured limit
 * @param pendingLoads loads in flight, now
 * @param hits calls that found their block in the pool
 * @param allocations blocks that were inserted or loaded
 * @param inserts of the allocations, those without a load: by {@code insertDirty} and its like, and
 *     by {@code claimDirty}
 * @param evictions blocks dropped to make room
 * @param removals blocks removed on request: of some content, of an inode, or by {@code clear}
 * @param loadFailures loads that ended without a block
 * @param waits times that a caller had to wait for room
 * @param fills loads of missing pages that succeeded, each of one run of pages
 * @param bytesLoaded content bytes that providers wrote
 * @param flushes times that pages of a block were written back, or that a block was marked flushed
 * @param bytesWrittenBack bytes of pages that were flushed, and content bytes of blocks that were
 *     marked flushed
 * @param writeBackFailures times that a {@link BlockWriteBack} failed
 * @param bytesLoadedAhead of the bytes loaded, those that {@link MemoryPool#loadAhead} loaded
 * @param bytesAheadUsed of the bytes loaded ahead, those in blocks that were asked for since
 * @param bytesAheadWasted of the bytes loaded ahead, those in blocks that left the pool before
 *     anybody asked for them; the rest is in the pool and may still be asked for
 * @param pins pins held, now; equals the open handles and tokens, plus one for each slot that a
 *     block left when it moved and that is still pinned itself
 * @param slotsInUse slots that hold a block, are being filled, or are kept by a pin, now
 * @param capacityInUse bytes of memory in those slots, now; never more than {@code maxSize}
 * @param slabs slabs with at least one slot in use, now
 */
public record MemoryPoolStats(
    long totalBlocks,
    long inUseBlocks,
    long dirtyBlocks,
    long currentSize,
    long maxSize,
    long pendingLoads,
    long hits,
    long allocations,
    long inserts,
    long evictions,
    long removals,
    long loadFailures,
    long waits,
    long fills,
    long bytesLoaded,
    long flushes,
    long bytesWrittenBack,
    long writeBackFailures,
    long bytesLoadedAhead,
    long bytesAheadUsed,
    long bytesAheadWasted,
    long pins,
    long slotsInUse,
    long capacityInUse,
    long slabs) {

  /** Content as a percentage of the limit; 0 if the limit is 0. */
  public double utilization() {
    return maxSize == 0 ? 0.0 : 100.0 * currentSize / maxSize;
  }

  /** Blocks without a pin; never negative. */
  public long freeBlocks() {
    return Math.max(0, totalBlocks - inUseBlocks);
  }

  /** Blocks that do not need flushing; never negative. */
  public long cleanBlocks() {
    return Math.max(0, totalBlocks - dirtyBlocks);
  }

  /** {@code 100 · hits / (hits + allocations)}; 0 if both are 0. */
  public double hitRate() {
    final long asked = hits + allocations;
    return asked == 0 ? 0.0 : 100.0 * hits / asked;
  }
}
