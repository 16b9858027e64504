package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.fuse.Request;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.tree.InodeTree;
import java.lang.System.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers reads of regular files out of the pool; see the package for the picture.
 *
 * <p><b>Threads.</b> {@link #read} is called by FUSE workers and asks no store: what is not in the
 * pool is fetched by {@link StoreThreads}, and the read waits without a thread. Up to two bounds a
 * worker does not wait either. It does, and with it whatever the kernel asks of it next, while
 * {@linkplain ReadLimits#pendingReads as many reads as may be} are pending ({@link #waits} counts
 * that), or the mount has no detached request left ({@link Request#detach}; counted there). Reads
 * that are slow then slow down all; if the store hangs, the fetch timeout ends them and so the
 * wait.
 *
 * <p><b>Time.</b> A read that waited for the fetch timeout is EIO, one whose caller gave up is
 * EINTR, both within 50 ms, whatever the store does. A fetch that has lasted as long is given up:
 * its thread is interrupted, and the next read that needs the block fetches it anew.
 *
 * <p><b>Pins.</b> Each is given back by the method that took it. No thread waits for a load or for
 * room while it holds one. A fetch takes room from its beginning, and those under way may hold a
 * part of the pool only ({@link FetchRoom}); beyond it they wait for each other.
 *
 * <p><b>Cost.</b> A read whose blocks are in the pool allocates nothing.
 */
public final class BlockReader implements BackgroundLoads, AutoCloseable {

  static final Logger LOG = System.getLogger(BlockReader.class.getName());

  private static final byte[] NOTHING = {};

  private final InodeTree tree;
  private final MemoryPool pool;
  private final PoolReplies replies;
  private final StoreThreads threads;
  private final StoreThreads aheadThreads;
  private final Fetches fetches;
  private final PendingReads pending;
  private final ReadCounters counters = new ReadCounters();
  private final ReadContext context;
  private final long closeNanos;

  /**
   * Makes a reader and starts its threads, which {@link #close} ends.
   *
   * @param pool stays the caller's
   * @param content where absent blocks come from; stays the caller's
   */
  public BlockReader(
      final InodeTree tree,
      final MemoryPool pool,
      final ContentReader content,
      final ReadLimits limits) {
    this(tree, pool, content, limits, LOG);
  }

  BlockReader(
      final InodeTree tree,
      final MemoryPool pool,
      final ContentReader content,
      final ReadLimits limits,
      final Logger logger) {
    this.tree = tree;
    this.pool = pool;
    this.closeNanos = limits.closeDeadline().toNanos();
    final FileLayout layout = new FileLayout(tree, pool.config().blockSize());
    this.replies = new PoolReplies(tree, layout, pool);
    this.threads =
        new StoreThreads("slabmount-store-", limits.storeThreads(), limits.closeDeadline());
    this.aheadThreads =
        new StoreThreads("slabmount-ahead-", limits.aheadThreads(), limits.closeDeadline());
    this.fetches = new Fetches(tree, layout, pool, content, threads, aheadThreads, counters);
    this.pending = new PendingReads(limits, fetches, counters);
    this.context =
        new ReadContext(
            tree, layout, pool, replies, fetches, pending, counters, new ReadLog(tree, logger));
    pending.start();
  }

  /**
   * Answers a read of a regular file, now or later.
   *
   * <p>Errors: EIO if the content cannot be had, not in time, or is not what the manifest says;
   * ENOMEM if the pool has no room; EINTR if the caller gave up.
   *
   * @param ino a regular file
   * @param offset in bytes, not negative
   */
  public void read(final Request request, final long ino, final long offset, final int length) {
    final long size = tree.size(ino);
    if (offset >= size || length == 0) {
      request.reply().data(NOTHING, 0, 0);
      return;
    }
    final int count = (int) Math.min(length, size - offset);
    if (replies.reply(request, ino, offset, count)) {
      counters.poolReads.increment();
      counters.bytesRead.add(count);
    } else if (pending.enter(request)) {
      final Miss miss = new Miss(context, detach(request), ino, offset, count);
      pending.add(miss);
      miss.proceed(null);
    }
  }

  /** Detaches a request that has a place among the pending ones, and loses it if that fails. */
  private Request detach(final Request request) {
    try {
      return request.detach();
    } catch (final RuntimeException | Error e) {
      pending.leaveUnused();
      throw e;
    }
  }

  @Override
  public int blockSize() {
    return pool.config().blockSize();
  }

  @Override
  public boolean isPresent(final long ino, final long block) {
    return fetches.isPresent(ino, block);
  }

  @Override
  public boolean hasRoom() {
    return fetches.hasRoomAhead();
  }

  @Override
  public @Nullable BackgroundLoad loadAhead(
      final long ino, final long block, final BackgroundLoad.Listener listener) {
    final BackgroundLoad load = fetches.ahead(ino, block, listener);
    if (load != null) {
      pending.wake();
    }
    return load;
  }

  /** Reads answered on the FUSE worker because every block was in the pool. */
  public long poolReads() {
    return counters.poolReads.sum();
  }

  /** Reads answered after waiting for the store. */
  public long storeReads() {
    return counters.storeReads.sum();
  }

  /** Bytes that reads were answered with. */
  public long bytesRead() {
    return counters.bytesRead.sum();
  }

  /** Reads answered with an error, EINTR not counted. */
  public long failures() {
    return counters.failures.sum();
  }

  /** Reads answered with an error because they took too long; failures, too. */
  public long timeouts() {
    return counters.timeouts.sum();
  }

  /** Reads answered with EINTR because their callers gave up. */
  public long interrupts() {
    return counters.interrupts.sum();
  }

  /** Reads that wait for a store, or for a thread that could ask it, about now. */
  public long pending() {
    return pending.count();
  }

  /** How often a FUSE worker waited because too many reads were pending. */
  public long waits() {
    return counters.waits.sum();
  }

  /** Threads that may wait for the store, idle ones included, about now. */
  public int storeThreads() {
    return threads.threads() + aheadThreads.threads();
  }

  /** Of these, those that hang: given up, interrupted, and not back yet. */
  public long stuckThreads() {
    return counters.stuck.sum();
  }

  /**
   * Lets pending reads finish until the deadline, answers the others with EIO, and ends the
   * threads, which it waits for until another deadline. Closing twice is harmless.
   */
  @Override
  public void close() {
    pending.close();
    aheadThreads.stop();
    threads.stop();
    final long until = System.nanoTime() + closeNanos;
    aheadThreads.awaitEnd(until);
    threads.awaitEnd(until);
  }
}
