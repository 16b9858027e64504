package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MutableBlockHandle;
import dev.slabmount.core.pool.PageProvider;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One half of {@link SingleLockMemoryPool}: the parts it is made of, and the methods for blocks of
 * inodes and their pages. The other half, which extends this one, are content, removal, tokens and
 * figures.
 *
 * <p>Any thread.
 */
abstract class InodeBlocks implements MemoryPool {
  final PoolState state;
  final BuddyMemory memory;
  final Checks checks;
  final Loads loads;
  final Removals removals;
  private final Writes writes;
  private final Insertions insertions;
  private final Cuts cuts;
  private final PageFills fills;
  private final Flushes flushes;

  InodeBlocks(final MemoryPoolConfig config) {
    state = new PoolState(config);
    memory = state.memory;
    checks = new Checks(config.blockSize());
    flushes = new Flushes(state);
    final WriteBacks writeBacks = new WriteBacks(state, flushes);
    final Room room = new Room(state, writeBacks);
    loads = new Loads(state, room);
    writes = new Writes(state, room);
    insertions = new Insertions(state, room, loads);
    cuts = new Cuts(state, writes);
    fills = new PageFills(state, room, writes);
    removals = new Removals(state, loads, writeBacks);
  }

  // ---- Inode-keyed blocks ----

  @Override
  public final boolean hasDirty(final long inode, final int block) {
    return has(true, 0, inode, block);
  }

  @Override
  public final @Nullable MutableBlockHandle getDirty(final long inode, final int block) {
    state.lockOpen();
    try {
      final Block found = state.findInode(inode, block);
      return found == null ? null : mutableHandle(pinHit(found));
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public final MutableBlockHandle acquireDirty(
      final long inode, final int block, final BlockContentProvider provider) {
    checks.checkLoad(block, 0, provider);
    final BlockKey key = BlockKey.ofInode(inode, block);
    return mutableHandle(handOver(loads.pinOrLoad(key, ProviderCalls.ASK_PROVIDER, provider)));
  }

  @Override
  public final MutableBlockHandle insertDirty(
      final long inode, final int block, final MemorySegment source) {
    return insertDirtyWithCapacity(inode, block, source, checks.checkFits(source.byteSize()));
  }

  @Override
  public final MutableBlockHandle insertDirtyWithCapacity(
      final long inode, final int block, final MemorySegment source, final int capacity) {
    checks.checkBlock(block);
    checks.checkFits(capacity);
    checks.checkCapacity(source, capacity);
    final BlockKey key = BlockKey.ofInode(inode, block);
    return mutableHandle(insertions.insert(key, source, capacity));
  }

  @Override
  public final MutableBlockHandle updateDirty(
      final long inode, final int block, final MemorySegment source) {
    return insertDirty(inode, block, source);
  }

  @Override
  public final int modifyDirtyInPlace(
      final long inode, final int block, final BlockModifier modifier) {
    return modifyDirtyInPlace(inode, block, 0, modifier);
  }

  @Override
  public final int modifyDirtyInPlace(
      final long inode, final int block, final int capacity, final BlockModifier modifier) {
    checks.checkModify(capacity, modifier);
    return writes.modify(inode, block, capacity, modifier);
  }

  @Override
  public final int modifyDirtyInPlace(
      final long inode,
      final int block,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writes.write(inode, block, checks.slice(offset, source, sourceOffset, length));
  }

  @Override
  public final int write(
      final long token,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    return writes.write(pinned(token), checks.slice(offset, source, sourceOffset, length));
  }

  @Override
  public final boolean shrinkDirtyBlock(final long inode, final int block) {
    return writes.shrink(inode, block);
  }

  @Override
  public final int dirtyBlockCount(final long inode) {
    state.lockOpen();
    try {
      final Owner owner = state.owner(true, 0, inode);
      return owner == null ? 0 : owner.count();
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public final boolean markFlushed(final long inode, final int block) {
    return flushes.markFlushed(inode, block, Flushes.ANY_VERSION);
  }

  @Override
  public final boolean markFlushed(final long inode, final int block, final long version) {
    return flushes.markFlushed(inode, block, version);
  }

  @Override
  public final boolean markNeedsFlush(final long inode, final int block) {
    return flushes.markNeedsFlush(inode, block);
  }

  @Override
  public final long pinDirty(final long inode, final int block) {
    return pin(true, 0, inode, block);
  }

  // ---- Pages ----

  @Override
  public final long claimDirty(
      final long inode, final int block, final int length, final int capacity) {
    checks.checkClaim(block, length, capacity);
    return insertions.claimDirty(BlockKey.ofInode(inode, block), length, capacity);
  }

  @Override
  public final boolean pagesValid(final long token, final int offset, final int length) {
    checks.checkRange(offset, length);
    state.lock.lock();
    try {
      final Extent extent = memory.extentOf(token);
      final PageMap pages = PoolState.blockOf(extent).pages;
      final int end = Math.min(offset + length, PoolState.lengthAt(extent));
      final int last = PageMap.pagesOf(end);
      return pages == null
          || offset >= end // Beyond the end nothing can be missing.
          || pages.firstMissing(PageMap.pageOf(offset), last) == last;
    } finally {
      state.lock.unlock();
    }
  }

  @Override
  public final void fillPages(
      final long token, final int offset, final int length, final PageProvider provider) {
    Objects.requireNonNull(provider, "provider");
    checks.checkRange(offset, length);
    fills.fill(pinned(token), offset, length, provider);
  }

  @Override
  public final int resize(final long token, final int length) {
    checks.checkRange(0, length);
    return cuts.resize(pinned(token), length);
  }

  @Override
  public final void discardPages(final long token, final int offset, final int length) {
    checks.checkRange(offset, length);
    cuts.discard(pinned(token), offset, length);
  }

  @Override
  public final boolean flush(final long inode, final int block, final BlockWriteBack writeBack) {
    Objects.requireNonNull(writeBack, "writeBack");
    checks.checkBlock(block);
    return flushes.flush(BlockKey.ofInode(inode, block), writeBack);
  }

  @Override
  public final int[] blocksNeedingFlush(final long inode) {
    return flushes.blocksNeedingFlush(inode);
  }

  // ---- For both halves ----

  final long pin(final boolean inodeKeyed, final long high, final long low, final int block) {
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

  final boolean has(final boolean inodeKeyed, final long high, final long low, final int block) {
    state.lockOpen();
    try {
      return state.table.find(inodeKeyed, high, low, block) != null;
    } finally {
      state.lock.unlock();
    }
  }

  final MutableBlockHandle mutableHandle(final Block pinned) {
    return new MutableHandle(state, writes, checks, pinned);
  }

  /** The block of a token that holds a pin. */
  final Block pinned(final long token) {
    return PoolState.blockOf(memory.extentOf(token));
  }

  final Block pinHit(final Block block) {
    state.hit(block);
    state.pin(block, 1);
    return block;
  }

  /** Turns the pin of a token into one of a handle, which follows the block. */
  final Block handOver(final long token) {
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
