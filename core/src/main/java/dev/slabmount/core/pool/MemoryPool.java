package dev.slabmount.core.pool;

import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache of blocks in off-heap memory.
 *
 * <p>A block is at most {@link MemoryPoolConfig#blockSize} bytes under a {@link BlockKey}. It is
 * <em>content-keyed</em>, loaded once and never changed, or <em>inode-keyed</em> and writable. A
 * <em>pin</em> keeps its memory in place; every handle and every token holds one pin and must be
 * closed or unpinned exactly once. When a new block needs room, clean unpinned blocks are evicted.
 * A block that needs flushing (written and not yet marked flushed) is never evicted.
 *
 * <p><b>Any thread may call every method.</b> A call waits only where its description says so: for
 * the load of its own key, for a writer of its own block, or, bounded by {@link
 * MemoryPoolConfig#roomWait}, for room. It never waits for another block's writer or load.
 *
 * <p><b>Errors.</b> Every method but {@link #stats}, the counters and {@link #close} throws {@link
 * MemoryPoolException.PoolClosed} once the pool is closed. Methods that insert, load or grow a
 * block throw {@link MemoryPoolException.PoolExhausted} if there is no room in time, and then have
 * changed nothing. A wait that is interrupted ends in {@link MemoryPoolException.WaitInterrupted}.
 * Methods that insert, load or change a block throw {@link IllegalArgumentException} for a negative
 * block index, offset or length, and for a block larger than the block size.
 */
public interface MemoryPool extends BlockPages, AutoCloseable {
  /** The token of no block. */
  long NO_BLOCK = 0L;

  /**
   * Creates an empty pool. Reserves address space for {@code maxSize} bytes and for the headers,
   * but takes no memory until blocks arrive.
   *
   * @throws MemoryPoolException.ReservationFailed if the system refuses the address space, or
   *     native access is not enabled for this module
   */
  static MemoryPool create(final MemoryPoolConfig config) {
    return new ShardedMemoryPool(config);
  }

  /** Creates an empty pool with the {@linkplain MemoryPoolConfig#defaults default settings}. */
  static MemoryPool withDefaults() {
    return create(MemoryPoolConfig.defaults());
  }

  /** The settings the pool was created with. */
  MemoryPoolConfig config();

  // ---- Handles: content-keyed blocks ----

  /**
   * Returns the block, loading it if it is absent.
   *
   * <p>However many threads ask at once, {@code provider} runs for one of them only; the others
   * wait and then hold the same block. If it fails, all of them fail, nothing stays behind and the
   * next call tries again. If the thread that loads is interrupted, one of the waiting threads
   * takes over. A hit neither blocks nor loads. Allocates the handle.
   *
   * @param key a content key
   * @return a handle that the caller must close
   * @throws IllegalArgumentException if {@code key} is an inode's; see {@link #acquireDirty}
   * @throws MemoryPoolException.RetrievalFailed if the provider fails, or a load that this call
   *     waited for fails or takes longer than {@link MemoryPoolConfig#loadTimeout}
   */
  BlockHandle acquire(BlockKey key, BlockContentProvider provider);

  /**
   * Returns the block if it is in the pool, without waiting or loading. Allocates the handle.
   *
   * @return a handle that the caller must close; null if the block is absent, still being loaded,
   *     or inode-keyed
   */
  @Nullable BlockHandle tryGet(BlockKey key);

  // ---- Handles: inode-keyed blocks ----

  /**
   * Whether the inode has this block in the pool, flushed or not. Not counted as a use. As a rule
   * takes no lock and allocates nothing; it may wait shortly where blocks of its shard come or go.
   */
  boolean hasDirty(long inode, int block);

  /**
   * Returns the inode's block if it is in the pool. Allocates the handle.
   *
   * @return a handle that the caller must close, or null
   */
  @Nullable MutableBlockHandle getDirty(long inode, int block);

  /**
   * Returns the inode's block, loading it if it is absent. A block loaded so does not need
   * flushing: it equals what the provider read. Loads are shared as in {@link #acquire}; if the
   * block is inserted by somebody else during the load, that block wins, and if the inode's blocks
   * are removed during the load, it is loaded again. While the handle is open the block is not
   * evicted, so a modification that follows finds it.
   *
   * @return a handle that the caller must close
   * @throws MemoryPoolException.RetrievalFailed as for {@link #acquire}
   */
  MutableBlockHandle acquireDirty(long inode, int block, BlockContentProvider provider);

  /**
   * Inserts a block that needs flushing, instead of whatever block the key had. Room is found
   * before the old block is touched: if this fails, the old block and its bytes are still there.
   * Handles on the old block keep its last content.
   *
   * @param source the content; its size becomes the block's length. Copied, once, before this
   *     returns.
   * @return a handle that the caller must close
   */
  MutableBlockHandle insertDirty(long inode, int block, MemorySegment source);

  /**
   * As {@link #insertDirty}, with memory for at least {@code capacity} bytes, so that the block can
   * grow to that length without moving.
   *
   * @param capacity bytes, from the source's size to the pool's block size
   */
  MutableBlockHandle insertDirtyWithCapacity(
      long inode, int block, MemorySegment source, int capacity);

  /** The same as {@link #insertDirty}, under the name that says the block is there already. */
  MutableBlockHandle updateDirty(long inode, int block, MemorySegment source);

  /**
   * Changes a block in place without changing how long it may be; the same as {@link
   * #modifyDirtyInPlace(long, int, int, BlockModifier)} with a capacity of 0.
   */
  int modifyDirtyInPlace(long inode, int block, BlockModifier modifier);

  /**
   * Changes a block in place, under its content latch; afterwards it needs flushing. Waits for
   * other writers and {@code withData} readers of this block. Pins held by anyone, the caller
   * included, do not stand in the way. A block that outgrows its slot moves to a larger one first;
   * the room for that is found before anything is changed. Counts as a use of the block.
   *
   * @param capacity how many bytes the modifier may need, at most the pool's block size; it is
   *     given the larger of this and the block's length
   * @return the new length
   * @throws MemoryPoolException.BlockNotFound if the inode has no such block in the pool
   * @throws MemoryPoolException.PagesMissing if a page of the block is missing (see {@link
   *     BlockPages})
   */
  int modifyDirtyInPlace(long inode, int block, int capacity, BlockModifier modifier);

  /**
   * Copies bytes into a block, as {@link #modifyDirtyInPlace(long, int, int, BlockModifier)} does.
   * A gap between the block's end and {@code offset} becomes zeros. No bytes and no gap: nothing
   * changes. Without growth it allocates nothing.
   *
   * @param offset where in the block to write
   * @param source where the bytes come from
   * @param sourceOffset where in {@code source} they start
   * @param length how many; {@code offset + length} is at most the pool's block size
   * @return the new length of the block
   * @throws MemoryPoolException.BlockNotFound if the inode has no such block in the pool
   * @throws MemoryPoolException.PagesMissing if a page is written in part that is missing (see
   *     {@link BlockPages})
   */
  int modifyDirtyInPlace(
      long inode, int block, int offset, MemorySegment source, long sourceOffset, int length);

  /**
   * Moves a block to the smallest slot that holds its content, if it lies in a larger one, nobody
   * holds it, and room for the move is free without evicting anything. Costs a copy of the content
   * if it moves.
   *
   * @return whether the inode has this block in the pool
   */
  boolean shrinkDirtyBlock(long inode, int block);

  /** How many blocks of the inode are in the pool, flushed or not. Costs a look at each of them. */
  int dirtyBlockCount(long inode);

  /**
   * Says that the block's present content is safe elsewhere, so that it may be evicted. Use {@link
   * #markFlushed(long, int, long)} where a write may have come in between. This and the two that
   * follow wait for a write of this block that is under way, but not for a modifier: all of what
   * that is given will need flushing. They may be called inside {@code withData}.
   *
   * @return whether the inode has this block in the pool
   */
  boolean markFlushed(long inode, int block);

  /**
   * Says that version {@code version} of the block's content is safe elsewhere. If the block was
   * written after that version was read, it keeps needing to be flushed.
   *
   * @param version from {@link MutableBlockHandle#version()}
   * @return whether the block is in the pool, still has this version, and was marked flushed
   */
  boolean markFlushed(long inode, int block, long version);

  /**
   * Says that the block must be flushed before it may be evicted.
   *
   * @return whether the inode has this block in the pool
   */
  boolean markNeedsFlush(long inode, int block);

  // ---- Removal ----

  /**
   * Removes the unpinned blocks of this content. A hint that saves memory; content never becomes
   * wrong. Costs a look at each of them, and what it removes.
   *
   * @return how many blocks were removed
   */
  int invalidateHash(long contentHigh, long contentLow);

  /**
   * Removes all blocks of this content, also those that are pinned, because it turned out to be
   * wrong: nobody can find them any more. Whoever holds a handle or token can still read what he
   * holds. A load of one of these blocks that was in flight does not put it in: its callers start
   * again, and the provider is asked anew. So what was loaded before this call is never returned by
   * one that begins after it. Costs what it removes, and a short time of every shard's lock.
   *
   * @return how many blocks were removed
   */
  int removeContentBlocks(long contentHigh, long contentLow);

  /**
   * Removes all blocks of the inode, also those that are pinned or need flushing: nobody can find
   * them any more. Whoever holds a handle or token can still read what he holds. A load of one of
   * these blocks that is in flight does not put it back. Costs what it removes.
   *
   * @return how many blocks were removed
   */
  int removeInodeBlocks(long inode);

  /**
   * Removes every block. Counters and loads in flight are not touched. Costs a look at every block,
   * under the locks of all shards.
   *
   * @throws MemoryPoolException.PoolExhausted if a block is pinned or needs flushing; then nothing
   *     was removed
   */
  void clear();

  /**
   * As {@link #clear}, but throws unflushed content away.
   *
   * @throws MemoryPoolException.PoolExhausted if a block is pinned; then nothing was removed
   */
  void clearDiscardingDirty();

  // ---- The pin face: no allocation, no handle ----

  /**
   * Pins a content-keyed block if it is in the pool. Neither loads nor allocates, and never waits
   * for a load, a writer or the disk.
   *
   * @return a token to {@link #unpin} exactly once, or {@link #NO_BLOCK}
   */
  long pin(long contentHigh, long contentLow, int block);

  /**
   * Pins an inode-keyed block if it is in the pool; otherwise as {@link #pin}.
   *
   * @return a token to {@link #unpin} exactly once, or {@link #NO_BLOCK}
   */
  long pinDirty(long inode, int block);

  /**
   * Pins a content-keyed block, loading it if it is absent; waits, shares loads and fails as {@link
   * #acquire} does. A hit allocates nothing.
   *
   * @param length the bytes that the block is expected to have at most; decides how large a slot is
   *     claimed, in place of {@link BlockContentProvider#maxLength}
   * @return a token to {@link #unpin} exactly once
   */
  long pinOrLoad(
      long contentHigh, long contentLow, int block, int length, BlockContentProvider provider);

  /**
   * Loads a content-keyed block that nobody asks for yet, unless it is in the pool or is being
   * loaded: so it never waits for another load. Whoever asks for the block meanwhile waits for this
   * load as for any other. Until it is asked for, the block counts as loaded ahead ({@link
   * MemoryPoolStats#bytesLoadedAhead}); like any other it may be evicted.
   *
   * @param length as for {@link #pinOrLoad}
   * @return whether this call loaded it
   * @throws MemoryPoolException.RetrievalFailed if the provider fails
   */
  boolean loadAhead(
      long contentHigh, long contentLow, int block, int length, BlockContentProvider provider);

  /**
   * Ends the load of a content-keyed block that is under way, if there is one, for all who wait for
   * it: they fail as at {@link MemoryPoolConfig#loadTimeout}, and the next call starts a load of
   * its own. The thread that loads is not told; its slot stays claimed until its provider returns,
   * and content that comes in the end is kept unless the block is there by then.
   *
   * @return whether a load was under way
   */
  boolean giveUpLoad(long contentHigh, long contentLow, int block);

  /** Whether a content-keyed block is in the pool. Not a use; costs what {@link #hasDirty} does. */
  boolean contains(long contentHigh, long contentLow, int block);

  /**
   * The address of the pinned block's first byte, a multiple of 4096. Valid until the token is
   * unpinned. The bytes of an inode-keyed block may change while they are read here; readers that
   * must not see half of a write use {@link MutableBlockHandle#withData}. A block that moves to a
   * larger slot leaves its content as it was before the move at this address; pin it again to see
   * later writes.
   *
   * @throws IllegalStateException if the token was unpinned and its slot holds another block by now
   */
  long address(long token);

  /**
   * Bytes of content at {@link #address}.
   *
   * @throws IllegalStateException as for {@link #address}
   */
  int length(long token);

  /**
   * The content at {@link #address} as a read-only segment for Java readers; allocates it. Must not
   * be read after {@link #unpin}; once the pool is closed every access throws {@link
   * IllegalStateException}.
   *
   * @throws IllegalStateException as for {@link #address}
   */
  MemorySegment view(long token);

  /**
   * Copies bytes into a pinned inode-keyed block, as {@link #modifyDirtyInPlace(long, int, int,
   * MemorySegment, long, int)}. If the block has moved since it was pinned, the write goes to where
   * it is now.
   *
   * @return the new length of the block
   * @throws MemoryPoolException.BlockNotMutable if the block is content-keyed
   * @throws MemoryPoolException.BlockNotFound if the block was removed or replaced since it was
   *     pinned
   * @throws MemoryPoolException.PagesMissing if a page is written in part that is missing
   * @throws IllegalStateException as for {@link #address}
   */
  int write(long token, int offset, MemorySegment source, long sourceOffset, int length);

  /**
   * Gives up one pin. The last pin of a block that was removed frees its memory, on this thread.
   *
   * @throws IllegalStateException if the token was unpinned before and this can be told
   */
  void unpin(long token);

  // ---- Figures ----

  /** All figures at about this moment; works on a closed pool too. Scans no block. */
  MemoryPoolStats stats();

  /** Calls since the pool was created that found their block. */
  long hitCount();

  /** Blocks inserted since the pool was created, by loading or writing. */
  long allocationCount();

  /** {@code 100 · hits / (hits + allocations)}; 0 if both are 0. */
  double hitRate();

  /**
   * Closes the pool: refuses new work at once, forgets all blocks (also those that need flushing,
   * which it logs), waits up to {@link MemoryPoolConfig#closeWait} for pins and loads, and returns
   * the memory to the system. Closing a closed pool does nothing.
   *
   * @throws MemoryPoolException.PoolBusy if pins or loads remain; the memory then stays mapped and
   *     readable, and calling this again tries again
   */
  @Override
  void close();
}
