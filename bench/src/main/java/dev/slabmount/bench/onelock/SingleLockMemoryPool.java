package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolStats;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The "before" that the sharded pool is compared with: the same promises, kept with one lock.
 *
 * <p>A hash map and a least-recently-used list under one {@link
 * java.util.concurrent.locks.ReentrantLock}, as most block caches begin. It is meant to be as good
 * as one lock can be made:
 *
 * <ul>
 *   <li>Lookup, pin, unpin, touch and eviction cost the same however many blocks there are, and a
 *       hit allocates nothing. The list holds only blocks that can go, so eviction never searches.
 *   <li>The lock is held for some pointer operations. A hit takes it twice: to pin and to unpin.
 *       Bytes are read without it, because a pin keeps them where they are; providers, readers and
 *       modifiers never run under it.
 *   <li>A write of up to 64 KiB is copied under the lock, for entering and leaving the block would
 *       cost two more turns of the lock ({@link Writes}); larger ones latch the block.
 *   <li>Memory is off-heap, of the same kind as the sharded pool's ({@link BuddyMemory}). Capacity
 *       counts against {@code maxSize}, in powers of two.
 *   <li>Plain fields under the lock do for all figures, and {@link #stats} is exact.
 * </ul>
 *
 * <p>The setting {@code eviction} is ignored: this pool is what least-recently-used with one lock
 * costs. Any thread.
 */
public final class SingleLockMemoryPool extends InodeBlocks {
  /** An empty pool. */
  public SingleLockMemoryPool(final MemoryPoolConfig config) {
    super(config);
  }

  @Override
  public MemoryPoolConfig config() {
    return state.config;
  }

  // ---- Content-keyed blocks ----

  @Override
  public BlockHandle acquire(final BlockKey key, final BlockContentProvider provider) {
    Objects.requireNonNull(provider, "provider");
    if (key.inodeKeyed()) {
      throw new IllegalArgumentException(key + " is an inode's block: use acquireDirty");
    }
    return new Handle(state, handOver(loads.pinOrLoad(key, ProviderCalls.ASK_PROVIDER, provider)));
  }

  @Override
  public @Nullable BlockHandle tryGet(final BlockKey key) {
    state.lockOpen();
    try {
      final Block block =
          key.inodeKeyed() ? null : state.table.find(false, key.high(), key.low(), key.block());
      return block == null ? null : new Handle(state, pinHit(block));
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public long pin(final long contentHigh, final long contentLow, final int block) {
    return pin(false, contentHigh, contentLow, block);
  }

  @Override
  public long pinOrLoad(
      final long contentHigh,
      final long contentLow,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    checks.checkLoad(block, length, provider);
    final long token = pin(contentHigh, contentLow, block); // A hit makes no key.
    return token != NO_BLOCK
        ? token
        : loads.pinOrLoad(BlockKey.ofContent(contentHigh, contentLow, block), length, provider);
  }

  @Override
  public boolean loadAhead(
      final long contentHigh,
      final long contentLow,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    checks.checkLoad(block, length, provider);
    return loads.loadAhead(BlockKey.ofContent(contentHigh, contentLow, block), length, provider);
  }

  @Override
  public boolean giveUpLoad(final long contentHigh, final long contentLow, final int block) {
    checks.checkBlock(block);
    return loads.giveUp(BlockKey.ofContent(contentHigh, contentLow, block));
  }

  @Override
  public boolean contains(final long contentHigh, final long contentLow, final int block) {
    return has(false, contentHigh, contentLow, block);
  }

  // ---- Removal ----

  @Override
  public int invalidateHash(final long contentHigh, final long contentLow) {
    return removals.removeAll(false, contentHigh, contentLow, false);
  }

  @Override
  public int removeContentBlocks(final long contentHigh, final long contentLow) {
    return removals.removeAll(false, contentHigh, contentLow, true);
  }

  @Override
  public int removeInodeBlocks(final long inode) {
    return removals.removeAll(true, 0, inode, true);
  }

  @Override
  public void clear() {
    removals.clear(false);
  }

  @Override
  public void clearDiscardingDirty() {
    removals.clear(true);
  }

  // ---- Tokens; what only looks needs no lock ----

  @Override
  public long address(final long token) {
    return memory.addressOf(memory.extentOf(token));
  }

  @Override
  public int length(final long token) {
    return PoolState.lengthAt(memory.extentOf(token));
  }

  @Override
  public MemorySegment view(final long token) {
    final Extent extent = memory.extentOf(token);
    return memory.readable(extent, PoolState.lengthAt(extent));
  }

  @Override
  public void unpin(final long token) {
    state.lock.lock();
    try {
      state.unpinMemory(memory.extentOf(token));
    } finally {
      state.lock.unlock();
    }
  }

  // ---- Figures and the end ----

  @Override
  public MemoryPoolStats stats() {
    state.lock.lock();
    try {
      return state.figures.snapshot(state, loads.count());
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public long hitCount() {
    return stats().hits();
  }

  @Override
  public long allocationCount() {
    return stats().allocations();
  }

  @Override
  public double hitRate() {
    return stats().hitRate();
  }

  @Override
  public void close() {
    removals.close();
  }

  /** For audits of a quiet pool. */
  PoolState state() {
    return state;
  }
}
