package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.core.pool.MutableBlockHandle;
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
public final class SingleLockMemoryPool implements MemoryPool {
  private final PoolState state;
  private final BuddyMemory memory;
  private final Checks checks;
  private final Loads loads;
  private final Writes writes;
  private final Removals removals;

  /** An empty pool. */
  public SingleLockMemoryPool(final MemoryPoolConfig config) {
    state = new PoolState(config);
    memory = state.memory;
    checks = new Checks(config.blockSize());
    final Room room = new Room(state);
    loads = new Loads(state, room);
    writes = new Writes(state, room);
    removals = new Removals(state, loads);
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

  // ---- Inode-keyed blocks ----

  @Override
  public boolean hasDirty(final long inode, final int block) {
    return has(true, 0, inode, block);
  }

  @Override
  public @Nullable MutableBlockHandle getDirty(final long inode, final int block) {
    state.lockOpen();
    try {
      final Block found = state.findInode(inode, block);
      return found == null ? null : new MutableHandle(state, pinHit(found));
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public MutableBlockHandle acquireDirty(
      final long inode, final int block, final BlockContentProvider provider) {
    checks.checkLoad(block, 0, provider);
    final BlockKey key = BlockKey.ofInode(inode, block);
    return new MutableHandle(
        state, handOver(loads.pinOrLoad(key, ProviderCalls.ASK_PROVIDER, provider)));
  }

  @Override
  public MutableBlockHandle insertDirty(
      final long inode, final int block, final MemorySegment source) {
    return insertDirtyWithCapacity(inode, block, source, checks.checkFits(source.byteSize()));
  }

  @Override
  public MutableBlockHandle insertDirtyWithCapacity(
      final long inode, final int block, final MemorySegment source, final int capacity) {
    checks.checkBlock(block);
    checks.checkFits(capacity);
    checks.checkCapacity(source, capacity);
    final BlockKey key = BlockKey.ofInode(inode, block);
    return new MutableHandle(state, writes.insert(key, source, capacity, loads));
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
    Objects.requireNonNull(modifier, "modifier");
    checks.checkNotNegative("capacity", capacity);
    checks.checkFits(capacity);
    return writes.modify(inode, block, capacity, modifier);
  }

  @Override
  public int modifyDirtyInPlace(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writes.write(inode, block, checks.slice(offset, source, sourceOffset, length));
  }

  @Override
  public int write(
      final long token,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writes.write(token, checks.slice(offset, source, sourceOffset, length));
  }

  @Override
  public boolean shrinkDirtyBlock(final long inode, final int block) {
    return writes.shrink(inode, block);
  }

  @Override
  public int dirtyBlockCount(final long inode) {
    state.lockOpen();
    try {
      final Owner owner = state.owner(true, 0, inode);
      return owner == null ? 0 : owner.count();
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public boolean markFlushed(final long inode, final int block) {
    return writes.markFlushed(inode, block, Writes.ANY_VERSION);
  }

  @Override
  public boolean markFlushed(final long inode, final int block, final long version) {
    return writes.markFlushed(inode, block, version);
  }

  @Override
  public boolean markNeedsFlush(final long inode, final int block) {
    return writes.markNeedsFlush(inode, block);
  }

  @Override
  public long pinDirty(final long inode, final int block) {
    return pin(true, 0, inode, block);
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

  // ---- Under the lock ----

  private long pin(final boolean inodeKeyed, final long high, final long low, final int block) {
    state.lockOpen();
    try {
      final Block found = state.table.find(inodeKeyed, high, low, block);
      if (found == null) {
        return NO_BLOCK;
      }
      state.hit(found);
      return state.pinMemory(found, 1);
    } finally {
      state.lock.unlock();
    }
  }

  private boolean has(final boolean inodeKeyed, final long high, final long low, final int block) {
    state.lockOpen();
    try {
      return state.table.find(inodeKeyed, high, low, block) != null;
    } finally {
      state.lock.unlock();
    }
  }

  private Block pinHit(final Block block) {
    state.hit(block);
    state.pin(block, 1);
    return block;
  }

  /** Turns the pin of a token into one of a handle, which follows the block. */
  private Block handOver(final long token) {
    state.lock.lock();
    try {
      final Extent extent = memory.extentOf(token);
      final Block block = PoolState.blockOf(extent);
      state.pin(block, 1);
      state.unpinMemory(extent);
      return block;
    } finally {
      state.lock.unlock();
    }
  }
}
