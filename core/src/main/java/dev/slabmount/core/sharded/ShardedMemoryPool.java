package dev.slabmount.core.sharded;

import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.handle.PinnedBlock;
import dev.slabmount.core.handle.PinnedMutableBlock;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.load.BlockLoader;
import dev.slabmount.core.load.ProviderCalls;
import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.core.pool.MutableBlockHandle;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slab.SlabRegion;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.write.Arguments;
import dev.slabmount.core.write.BlockWriter;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The pool that ships: checks arguments and hands over to the parts.
 *
 * <pre>
 *   hit     BlockFinder: hint → header: key, pin
 *   miss    BlockLoader → RoomMaker: claim (evict, empty a stretch, wait) → provider → publish
 *   write   Overwriter: hint → latch → proof → bytes → unlatch, where flag and bits are up; else
 *           BlockWriter: pin → latch → bytes → NEEDS_FLUSH → unlatch → unpin (BlockMover if it grows)
 *   remove  Removal: unlink; the last pin frees, or the writer inside (E17)
 * </pre>
 *
 * Locks, in the order in which they are taken: content latch of one block; lock of the key's shard
 * (only {@code clear} holds more than one); lock of the owner's stripe. The locks of the allocator,
 * of the eviction policy and of the waiters for room are leaves: nothing else is taken under them.
 * Whoever is about to wait for room searches the slabs under a lock of its own, which comes before
 * all of these: nobody holds any other when he takes it. No lock and no latch is held while a
 * provider runs or while anybody waits for room or a load.
 */
public final class ShardedMemoryPool extends ShardedPages {
  private final MemoryPoolConfig config;
  private final PoolParts parts;
  private final Arguments arguments;
  private final SlotTable table;
  private final PoolLife life;
  private final BlockFinder finder;
  private final BlockLoader loader;
  private final BlockWriter writer;

  /** An empty pool. */
  public ShardedMemoryPool(final MemoryPoolConfig config) {
    this(config, words -> words);
  }

  /** With a layer around the state words, for tests that come in between. */
  public ShardedMemoryPool(final MemoryPoolConfig config, final UnaryOperator<HeaderWords> layer) {
    this(config, layer, () -> {});
  }

  /** And with something that runs before the index takes heap, for tests in which there is none. */
  public ShardedMemoryPool(
      final MemoryPoolConfig config,
      final UnaryOperator<HeaderWords> layer,
      final Runnable beforeGrowth) {
    this(config, new PoolParts(config, layer, beforeGrowth));
  }

  private ShardedMemoryPool(final MemoryPoolConfig config, final PoolParts parts) {
    super(parts);
    this.config = config;
    this.parts = parts;
    this.arguments = parts.arguments;
    this.table = parts.table;
    this.life = parts.life;
    this.finder = parts.finder;
    this.loader = parts.loader;
    this.writer = parts.writer;
  }

  @Override
  public MemoryPoolConfig config() {
    return config;
  }

  // ---- Content-keyed blocks ----

  @Override
  public BlockHandle acquire(final BlockKey key, final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    if (key.inodeKeyed()) {
      throw new IllegalArgumentException(key + " is an inode's block: use acquireDirty");
    }
    final long token =
        loader.pinOrLoad(
            false, key.high(), key.low(), key.block(), ProviderCalls.ASK_PROVIDER, provider);
    return new PinnedBlock(table, key, token);
  }

  @Override
  public @Nullable BlockHandle tryGet(final BlockKey key) {
    if (key.inodeKeyed()) {
      life.check();
      return null;
    }
    final long token = pin(key.high(), key.low(), key.block());
    return token == NO_BLOCK ? null : new PinnedBlock(table, key, token);
  }

  @Override
  public long pin(final long contentHigh, final long contentLow, final int block) {
    final long hash = KeyHash.ofBlock(false, contentHigh, contentLow, block);
    return finder.hit(hash, false, contentHigh, contentLow, block);
  }

  @Override
  public long pinOrLoad(
      final long contentHigh,
      final long contentLow,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    arguments.checkBlock(block);
    arguments.checkNotNegative("length", length);
    return loader.pinOrLoad(false, contentHigh, contentLow, block, length, provider);
  }

  @Override
  public boolean loadAhead(
      final long contentHigh,
      final long contentLow,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    arguments.checkBlock(block);
    arguments.checkNotNegative("length", length);
    return loader.loadAhead(contentHigh, contentLow, block, length, provider);
  }

  @Override
  public boolean giveUpLoad(final long contentHigh, final long contentLow, final int block) {
    arguments.checkBlock(block);
    life.check();
    return loader.giveUp(contentHigh, contentLow, block);
  }

  @Override
  public boolean contains(final long contentHigh, final long contentLow, final int block) {
    return finder.contains(false, contentHigh, contentLow, block);
  }

  // ---- Inode-keyed blocks ----

  @Override
  public boolean hasDirty(final long inode, final int block) {
    return finder.contains(true, 0, inode, block);
  }

  @Override
  public @Nullable MutableBlockHandle getDirty(final long inode, final int block) {
    final long token = pinDirty(inode, block);
    return token == NO_BLOCK ? null : mutableHandle(inode, block, token);
  }

  @Override
  public MutableBlockHandle acquireDirty(
      final long inode, final int block, final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    arguments.checkBlock(block);
    final long token =
        loader.pinOrLoad(true, 0, inode, block, ProviderCalls.ASK_PROVIDER, provider);
    return mutableHandle(inode, block, token);
  }

  @Override
  public MutableBlockHandle insertDirty(
      final long inode, final int block, final MemorySegment source) {
    return insertDirtyWithCapacity(
        inode, block, source, (int) arguments.checkFits(source.byteSize()));
  }

  @Override
  public MutableBlockHandle insertDirtyWithCapacity(
      final long inode, final int block, final MemorySegment source, final int capacity) {
    arguments.checkBlock(block);
    arguments.checkFits(capacity);
    if (capacity < source.byteSize()) {
      throw new IllegalArgumentException(
          "capacity " + capacity + " is less than the source's " + source.byteSize() + " bytes");
    }
    life.check();
    return mutableHandle(inode, block, parts.dirtyBlocks.insert(inode, block, source, capacity));
  }

  @Override
  public MutableBlockHandle updateDirty(
      final long inode, final int block, final MemorySegment source) {
    return insertDirty(inode, block, source);
  }

  @Override
  public int modifyDirtyInPlace(final long inode, final int block, final BlockModifier modifier) {
    return modifyDirtyInPlace(inode, block, 0, modifier);
  }

  @Override
  public int modifyDirtyInPlace(
      final long inode, final int block, final int capacity, final BlockModifier modifier) {
    return writer.modify(inode, block, capacity, modifier);
  }

  @Override
  public int modifyDirtyInPlace(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writer.write(inode, block, offset, source, sourceOffset, length);
  }

  @Override
  public int write(
      final long token,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writer.write(table.slotOf(token), offset, source, sourceOffset, length);
  }

  @Override
  public boolean shrinkDirtyBlock(final long inode, final int block) {
    return writer.shrink(inode, block);
  }

  @Override
  public int dirtyBlockCount(final long inode) {
    life.check();
    return parts.index.blocksOf(true, 0, inode).size();
  }

  @Override
  public long pinDirty(final long inode, final int block) {
    return finder.hit(KeyHash.ofBlock(true, 0, inode, block), true, 0, inode, block);
  }

  // ---- Removal ----

  @Override
  public int invalidateHash(final long contentHigh, final long contentLow) {
    life.check();
    return parts.removal.invalidate(contentHigh, contentLow);
  }

  @Override
  public int removeContentBlocks(final long contentHigh, final long contentLow) {
    life.check();
    return parts.removal.removeContent(contentHigh, contentLow);
  }

  @Override
  public int removeInodeBlocks(final long inode) {
    life.check();
    return parts.removal.removeInode(inode);
  }

  @Override
  public void clear() {
    life.check();
    parts.removal.clear(false);
  }

  @Override
  public void clearDiscardingDirty() {
    life.check();
    parts.removal.clear(true);
  }

  // ---- Tokens ----

  @Override
  public long address(final long token) {
    return table.addressOf(table.slotOf(token));
  }

  @Override
  public int length(final long token) {
    return table.headers.lengthAcquire(table.slotOf(token));
  }

  @Override
  public MemorySegment view(final long token) {
    final int slot = table.slotOf(token);
    return table.readable(slot, table.headers.lengthAcquire(slot));
  }

  @Override
  public void unpin(final long token) {
    table.unpin(token);
  }

  // ---- Figures and the end ----

  @Override
  public MemoryPoolStats stats() {
    final SlabAllocator.Usage usage = parts.allocator.usage();
    return new MemoryPoolStats(
        parts.counters.blocks.sum(),
        parts.counters.pinnedSlots(),
        parts.counters.needingFlush.sum(),
        parts.counters.contentBytes.sum(),
        config.maxSize(),
        parts.pending.count() + parts.flights.count(),
        parts.counters.hits(),
        parts.counters.allocations.sum(),
        parts.counters.inserts.sum(),
        parts.counters.evictions.sum(),
        parts.counters.removals.sum(),
        parts.counters.loadFailures.sum(),
        parts.counters.waits.sum(),
        parts.counters.fills.sum(),
        parts.counters.bytesLoaded.sum(),
        parts.counters.flushes.sum(),
        parts.counters.bytesWrittenBack.sum(),
        parts.counters.writeBackFailures.sum(),
        parts.counters.bytesAhead.sum(),
        parts.counters.bytesAheadUsed.sum(),
        parts.counters.bytesAheadWasted.sum(),
        parts.counters.pins(),
        usage.slots(),
        usage.capacity(),
        usage.slabs());
  }

  @Override
  public long hitCount() {
    return parts.counters.hits();
  }

  @Override
  public long allocationCount() {
    return parts.counters.allocations.sum();
  }

  @Override
  public double hitRate() {
    return stats().hitRate();
  }

  @Override
  public void close() {
    parts.closer.close();
  }

  // ---- For audits of a quiet pool ----

  /** The slots. */
  public SlotTable table() {
    return table;
  }

  /** The index. */
  public BlockIndex index() {
    return parts.index;
  }

  /** The memory. */
  public SlabRegion region() {
    return parts.region;
  }

  private MutableBlockHandle mutableHandle(final long inode, final int block, final long token) {
    return new PinnedMutableBlock(table, writer, BlockKey.ofInode(inode, block), token);
  }
}
