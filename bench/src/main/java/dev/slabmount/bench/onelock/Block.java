package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A block: what is known of it, its links in the table, in its owner's list and in the order of
 * use, and the latch that lets one writer or many readers into its content.
 *
 * <p>The latch is a flag and a count under the pool's lock, with a condition that is made when
 * somebody has to wait: with one lock for everything, a lock per block would be a second one to
 * take on each write and would let nobody in who does not come past the first anyway.
 *
 * <p>Guarded by the pool's lock. The content is guarded by the latch, or by the lock while nobody
 * holds the latch.
 */
final class Block {
  final boolean inodeKeyed;
  final long high;
  final long low;
  final int number;
  final int hash;

  // ---- Links ----

  @Nullable Block nextInBucket;
  @Nullable Owner owner;
  @Nullable Block previousOfOwner;
  @Nullable Block nextOfOwner;
  @Nullable UseOrder order;
  @Nullable Block older;
  @Nullable Block newer;

  // ---- State ----

  /** Where it lies now. */
  Extent extent;

  int length;

  /** Handles, tokens and calls that are busy with it. */
  int pins;

  /** Whether it can be found. */
  boolean listed;

  boolean needsFlush;

  /** Loaded before anybody asked for it, and not asked for since. */
  boolean ahead;

  /** Grows with every write. */
  long version;

  /** Null for content, of which every page is valid and none is ever written. */
  final @Nullable PageMap pages;

  /** Loads of missing pages that are under way. */
  final List<PageFlight> fills = new ArrayList<>(0);

  // ---- Latch ----

  private int readers;
  private boolean writer;
  private int waiting;
  private int wakes;
  private @Nullable Condition idle;

  Block(final BlockKey key, final Extent extent, final int length) {
    this.inodeKeyed = key.inodeKeyed();
    this.high = key.high();
    this.low = key.low();
    this.number = key.block();
    this.hash = BlockTable.hash(inodeKeyed, high, low, number);
    this.extent = extent;
    this.length = length;
    this.pages = inodeKeyed ? new PageMap(length) : null;
    extent.block = this;
  }

  boolean is(final boolean ofInode, final long keyHigh, final long keyLow, final int block) {
    return low == keyLow && number == block && high == keyHigh && inodeKeyed == ofInode;
  }

  BlockKey key() {
    return new BlockKey(inodeKeyed, high, low, number);
  }

  /** The pages of a block that belongs to an inode. */
  PageMap pages() {
    if (pages == null) {
      throw new MemoryPoolException.BlockNotMutable(key());
    }
    return pages;
  }

  /**
   * Checks that all of the block can be read.
   *
   * @throws MemoryPoolException.PagesMissing if a page is missing
   */
  void checkWhole() {
    final int count = PageMap.pagesOf(length);
    final int missing = pages().firstMissing(0, count);
    if (missing < count) {
      throw missing(missing);
    }
  }

  MemoryPoolException.PagesMissing missing(final int page) {
    return new MemoryPoolException.PagesMissing(key(), PageMap.offsetOf(page));
  }

  /** Whether it may be dropped for another one. */
  boolean isEvictable() {
    return listed && pins == 0 && !needsFlush;
  }

  // ---- Latch; all with the pool's lock held ----

  /** Whether nobody is inside the content. */
  boolean isIdle() {
    return !writer && readers == 0;
  }

  /** Enters as a reader; newcomers queue behind a writer that waits. */
  void enterShared(final ReentrantLock lock) {
    for (boolean waited = false; writer || (!waited && waiting > 0 && readers > 0); waited = true) {
      await(lock);
    }
    readers++;
  }

  /** Waits until no writer is inside; does not enter. */
  void awaitNoWriter(final ReentrantLock lock) {
    while (writer) {
      await(lock);
    }
  }

  void leaveShared() {
    readers--;
    wake();
  }

  /** Enters as the writer if nobody is inside; otherwise waits until somebody leaves. */
  boolean enterExclusiveOrWait(final ReentrantLock lock) {
    if (!isIdle()) {
      await(lock);
      return false;
    }
    writer = true;
    return true;
  }

  void leaveExclusive() {
    writer = false;
    wake();
  }

  private void await(final ReentrantLock lock) {
    if (idle == null) {
      idle = lock.newCondition();
    }
    final int seen = wakes;
    waiting++;
    while (wakes == seen) {
      idle.awaitUninterruptibly();
    }
    waiting--;
  }

  private void wake() {
    if (waiting > 0 && isIdle() && idle != null) {
      wakes++;
      idle.signalAll();
    }
  }
}
