package dev.slabmount.core.pool;

/**
 * Inode-keyed blocks that are only partly there: which of a block's pages are <em>valid</em> (their
 * bytes can be read) and which <em>need flushing</em> (their bytes are nowhere else).
 *
 * <p>A page is {@value #PAGE_BYTES} bytes; the last page of a block ends where the block ends. A
 * page that is not valid is <em>missing</em>: what lies in its memory means nothing. A page that
 * needs flushing is valid. A block needs flushing, and so cannot be evicted, if and only if one of
 * its pages does; an empty block counts as one page of no bytes. Blocks of {@code insertDirty} and
 * {@code updateDirty} come with all pages valid and to be flushed, those of {@code acquireDirty}
 * with all pages valid and none to be flushed, and those of {@link #claimDirty} with none valid.
 *
 * <p><b>What writing does.</b> {@link MemoryPool#write}, {@link MutableBlockHandle#write} and
 * {@link MemoryPool#modifyDirtyInPlace(long, int, int, java.lang.foreign.MemorySegment, long, int)}
 * make every page valid that they write whole, or up to the end that the block has afterwards. A
 * page that they write in part must be valid already; if it is not, they throw {@link
 * MemoryPoolException.PagesMissing} and have changed nothing. A gap between the block's end and the
 * offset is written too, with zeros. So a block's bytes need no load before they are overwritten.
 *
 * <p><b>What needs all of a block.</b> Modifiers ({@code modify}, {@code modifyDirtyInPlace}) and
 * readers ({@code withData}, {@code data}) are given the whole block, and throw {@code
 * PagesMissing} if a page is missing; afterwards a modifier's block is valid and to be flushed as a
 * whole. Who reads through {@link MemoryPool#address} asks {@link #pagesValid} first.
 *
 * <p>{@code markFlushed} says that no page needs flushing any more, {@code markNeedsFlush} that all
 * valid ones do. A block that moves because it grows keeps the state of its pages.
 *
 * <p><b>Any thread may call every method.</b> Errors and waiting are as in {@link MemoryPool}: a
 * call waits for a writer of its own block and, where it says so, for room, a provider or a
 * write-back; {@code offset}, {@code length} and {@code capacity} that are negative or beyond the
 * block size get {@link IllegalArgumentException}. Methods that take a token want one that the
 * caller has pinned, and go to where the block lies now if it moved since. They throw {@link
 * MemoryPoolException.BlockNotFound} if the block was removed or replaced, and {@link
 * IllegalStateException} if the token was unpinned. Those that change a block throw {@link
 * MemoryPoolException.BlockNotMutable} if it is content-keyed; all pages of such a block are valid.
 */
public interface BlockPages {
  /** Bytes in a page. */
  int PAGE_BYTES = 4096;

  /**
   * Pins the inode's block; if it is absent, inserts an empty frame for it: {@code length} bytes,
   * no page valid, nothing to flush. Of callers that race, one inserts and all pin the same block.
   * May wait for room. Touches none of the block's memory.
   *
   * <p>A block that is found is a hit, and left as it is, whatever {@code length} and {@code
   * capacity} say; one that is inserted is an allocation. A load of {@code acquireDirty} that is
   * under way gives way to it.
   *
   * @param length the length of the block if it is inserted, in bytes
   * @param capacity bytes to make room for if it is inserted, so that it can grow to that length
   *     without moving; at least {@code length}, at most the pool's block size
   * @return a token to {@link MemoryPool#unpin} exactly once
   * @throws MemoryPoolException.PoolExhausted if it is absent and there is no room in time
   */
  long claimDirty(long inode, int block, int length, int capacity);

  /**
   * Whether these bytes can be read at {@link MemoryPool#address} of the token: every page that the
   * range touches is valid. What lies beyond the block's end does not count, so an empty range is
   * valid. Looks at a bit per page; waits for nothing and allocates nothing.
   *
   * <p>Unlike the other methods this one looks at the slot that the token pins, as {@code address}
   * does, also after the block moved away from it or was removed. So if it is false right after
   * {@link #fillPages}, the block has moved, or somebody discarded the pages: pin it again.
   *
   * @param token of an inode-keyed or a content-keyed block
   */
  boolean pagesValid(long token, int offset, int length);

  /**
   * Makes the pages that the range touches valid by loading those that are missing; the range ends
   * at the block's end at the latest. Filled pages do not need flushing.
   *
   * <p>Each missing page is asked for once, whoever wants it: other callers wait for the load that
   * is under way, and load only what nobody is loading. If the provider fails, all who wait for
   * those pages fail with it, and the next call tries again. If the loading thread is interrupted,
   * one of the waiting threads takes over.
   *
   * <p>No latch is held while the provider runs: it writes into memory of the pool beside the block
   * (so this may wait for room, as much as the missing pages need), and afterwards only pages that
   * are still missing are taken from there. A write that comes meanwhile does not wait and wins;
   * pages that were discarded or cut off meanwhile are loaded anew, if they are still wanted.
   *
   * @param provider asked for each run of missing pages, on this thread
   * @throws MemoryPoolException.RetrievalFailed if the provider fails, or a load that this call
   *     waited for fails or takes longer than {@link MemoryPoolConfig#loadTimeout}
   * @throws MemoryPoolException.BlockNotFound if the block was removed or replaced, also if no page
   *     is missing
   * @throws MemoryPoolException.PoolExhausted if there is no room to load into in time
   */
  void fillPages(long token, int offset, int length, PageProvider provider);

  /**
   * Gives the block another length. May wait for room if it grows.
   *
   * <p>If it becomes shorter, pages beyond the new end are forgotten: neither valid nor to be
   * flushed. The rest of the page that the new end lies in becomes zeros, and the page needs
   * flushing, if it is valid.
   *
   * <p>If it becomes longer, the pages that are added are missing. If the old end lies within a
   * page, the rest of that page becomes zeros, and the page needs flushing, if it is valid; if it
   * is missing it stays so, and a provider will be asked for its bytes up to the new end.
   *
   * @return the length that the block had before
   * @throws MemoryPoolException.PoolExhausted if it has to grow and there is no room in time; then
   *     nothing has changed
   */
  int resize(long token, int length);

  /**
   * Forgets the pages that lie wholly in the range, where the block's end counts as the end of its
   * last page: they are neither valid nor to be flushed. In a page that lies in the range only in
   * part, that part becomes zeros, and the page needs flushing. The length stays as it is.
   *
   * @throws MemoryPoolException.PagesMissing if a page that lies in the range only in part is
   *     missing; then nothing has changed
   */
  void discardPages(long token, int offset, int length);

  /**
   * Writes back the pages that need flushing, and marks those clean that nobody has written since.
   *
   * <p>The write-back is given the pages in runs of neighbours, as read-only views of the pool's
   * memory and not as copies. No latch is held while it runs, so the block can be read and written
   * meanwhile: a page that is written then may reach the store half old and half new, and still
   * needs flushing afterwards. If the write-back fails, all of its pages need flushing again, but
   * for those that were discarded or cut off meanwhile.
   *
   * <p>While it runs the block is pinned. Growing it leaves the views as they are; cutting it off,
   * discarding pages and removing it do so too, so what they took away may still reach the store
   * until the write-back returns. Flushes of one key wait for each other (so the write-back must
   * not flush its own key), also when the block was replaced in between: the later content reaches
   * the store last. They wait as long as for a load, {@link MemoryPoolConfig#loadTimeout}; then
   * nothing has changed, and the other flush goes on.
   *
   * @return whether the inode has this block in the pool; also true if nothing needed flushing
   * @throws MemoryPoolException.FlushFailed if the write-back throws; its cause is what it threw.
   *     Or if another flush of the block takes too long; its cause is a {@link
   *     java.util.concurrent.TimeoutException}
   * @throws MemoryPoolException.WaitInterrupted while waiting for another flush of the block
   */
  boolean flush(long inode, int block, BlockWriteBack writeBack);

  /**
   * The indexes of the inode's blocks that need flushing, ascending. Costs a look at each of the
   * inode's blocks in the pool.
   */
  int[] blocksNeedingFlush(long inode);
}
