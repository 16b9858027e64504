package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Slices;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.content.ContentStoreException;
import dev.slabmount.vfs.manifest.PathRules;
import dev.slabmount.vfs.tree.InodeTree;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Answers reads of regular files out of the pool; see the package for the picture.
 *
 * <p><b>Threads.</b> {@link #read} is called by FUSE workers and asks no store: what is not in the
 * pool is read by {@link StoreThreads}. Up to two bounds it does not wait for them either. A worker
 * waits, and with it whatever the kernel asks of it next, until a store has answered some earlier
 * read, if the queue before the store threads is full ({@link #waits} counts that), or if the mount
 * has no detached request left ({@link Request#detach}; counted there). So a store that hangs stops
 * a mount only after that many reads, but then it stops it until reads fail or the mount ends.
 *
 * <p><b>Pins.</b> Each is given back by the method that took it. No thread waits for a load or for
 * room while it holds one, so the pool needs room for one block of each store thread and no more.
 *
 * <p><b>Cost.</b> A read within one block that is in the pool allocates nothing.
 */
public final class BlockReader implements AutoCloseable {

  static final Logger LOG = System.getLogger(BlockReader.class.getName());

  private static final byte[] NOTHING = {};

  private final InodeTree tree;
  private final FileLayout layout;
  private final MemoryPool pool;
  private final ContentReader content;
  private final StoreThreads threads;
  private final ThrottledLog log;

  private final LongAdder poolReads = new LongAdder();
  private final LongAdder storeReads = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /**
   * Makes a reader.
   *
   * @param pool stays the caller's
   * @param content where absent blocks come from; stays the caller's
   * @param threads where it is asked; closed with this reader
   */
  public BlockReader(
      final InodeTree tree,
      final MemoryPool pool,
      final ContentReader content,
      final StoreThreads threads) {
    this(tree, pool, content, threads, LOG);
  }

  BlockReader(
      final InodeTree tree,
      final MemoryPool pool,
      final ContentReader content,
      final StoreThreads threads,
      final Logger logger) {
    this.tree = tree;
    this.layout = new FileLayout(tree, pool.config().blockSize());
    this.pool = pool;
    this.content = content;
    this.threads = threads;
    this.log = new ThrottledLog(logger, System::nanoTime);
  }

  /**
   * Answers a read of a regular file, now or later.
   *
   * <p>Errors: EIO if the content cannot be had or is not what the manifest says, ENOMEM if the
   * pool has no room, EINTR if the caller gave up before its content was asked for.
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
    if (replyFromPool(request, ino, offset, count)) {
      poolReads.increment();
      bytesRead.add(count);
      return;
    }
    final Miss miss = new Miss(request.detach(), ino, offset, count);
    if (!threads.submit(miss)) {
      miss.abort();
    }
  }

  /** Replies if every block is in the pool. */
  private boolean replyFromPool(
      final Request request, final long ino, final long offset, final int count) {
    if (layout.blocksTouched(offset, count) > 1) {
      return replyFromBlocks(request, ino, offset, count);
    }
    final int object = layout.object(ino, offset);
    final long block = layout.block(object, offset);
    final long token = pin(ino, object, block);
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    try {
      request.reply().data(pool.address(token) + layout.withinBlock(offset), count);
    } finally {
      pool.unpin(token);
    }
    return true;
  }

  private boolean replyFromBlocks(
      final Request request, final long ino, final long offset, final int count) {
    final long[] tokens = new long[layout.blocksTouched(offset, count)];
    int pinned = 0;
    try {
      final Slices slices = request.slices().clear();
      long position = offset;
      int left = count;
      while (left > 0) {
        final int object = layout.object(ino, position);
        final long block = layout.block(object, position);
        final long token = pin(ino, object, block);
        if (token == MemoryPool.NO_BLOCK) {
          return false;
        }
        tokens[pinned++] = token;
        final int length = layout.lengthInBlock(position, left);
        slices.add(pool.address(token) + layout.withinBlock(position), length);
        position += length;
        left -= length;
      }
      request.reply().slices(slices);
      return true;
    } finally {
      for (int i = 0; i < pinned; i++) {
        pool.unpin(tokens[i]);
      }
    }
  }

  /**
   * Pins a block if it is in the pool and as long as the manifest says here. One hash may be listed
   * with two sizes; whoever loads first decides the length, and the other must not read beyond it.
   */
  private long pin(final long ino, final int object, final long block) {
    if (block > Integer.MAX_VALUE) {
      return MemoryPool.NO_BLOCK;
    }
    final long token =
        pool.pin(tree.objectHigh(ino, object), tree.objectLow(ino, object), (int) block);
    if (token != MemoryPool.NO_BLOCK
        && pool.length(token) != layout.blockLength(ino, object, block)) {
      pool.unpin(token);
      return MemoryPool.NO_BLOCK;
    }
    return token;
  }

  /** A read that needs the store. */
  private final class Miss implements StoreThreads.Task {
    private final Request request;
    private final long ino;
    private final long offset;
    private final int count;

    Miss(final Request request, final long ino, final long offset, final int count) {
      this.request = request;
      this.ino = ino;
      this.offset = offset;
      this.count = count;
    }

    @Override
    public void run() {
      if (request.interrupted()) {
        request.reply().error(Errno.EINTR);
        return;
      }
      try {
        replyLoading();
        storeReads.increment();
        bytesRead.add(count);
      } catch (final Throwable failure) {
        failures.increment();
        request.reply().error(errno(failure));
        report(failure);
      }
    }

    @Override
    public void abort() {
      failures.increment();
      request.reply().error(Errno.EIO);
    }

    private void replyLoading() {
      if (layout.blocksTouched(offset, count) == 1) {
        final long token = load(offset);
        try {
          request.reply().data(pool.address(token) + layout.withinBlock(offset), count);
        } finally {
          pool.unpin(token);
        }
        return;
      }
      int done = 0;
      while (done < count) {
        pool.unpin(load(offset + done));
        done += layout.lengthInBlock(offset + done, count - done);
      }
      if (!replyFromBlocks(request, ino, offset, count)) {
        replyCopying();
      }
    }

    /** The last resort when the pool is too small to hold the blocks of one read together. */
    private void replyCopying() {
      final byte[] bytes = new byte[count];
      int done = 0;
      while (done < count) {
        final int length = layout.lengthInBlock(offset + done, count - done);
        final long token = load(offset + done);
        try {
          MemorySegment.copy(
              pool.view(token),
              layout.withinBlock(offset + done),
              MemorySegment.ofArray(bytes),
              done,
              length);
        } finally {
          pool.unpin(token);
        }
        done += length;
      }
      request.reply().data(bytes, 0, count);
    }

    /** Pins the block at {@code position} of the file, loading it if need be. */
    private long load(final long position) {
      final int object = layout.object(ino, position);
      final long block = layout.block(object, position);
      final ContentHash hash = tree.hash(ino, object);
      final long objectLength = layout.objectLength(ino, object);
      final int length = layout.blockLength(ino, object, block);
      final long start = layout.blockStart(block);
      final long token =
          pool.pinOrLoad(
              hash.high(),
              hash.low(),
              Math.toIntExact(block),
              length,
              (key, slot) -> content.read(hash, objectLength, start, slot.asSlice(0, length)));
      if (pool.length(token) != length) {
        pool.unpin(token);
        throw new IllegalStateException(
            "the manifest gives object " + hash + " different lengths; here " + objectLength);
      }
      return token;
    }

    private void report(final Throwable failure) {
      final Throwable cause =
          failure instanceof MemoryPoolException.RetrievalFailed && failure.getCause() != null
              ? failure.getCause()
              : failure;
      final boolean expected = cause instanceof IOException || cause instanceof MemoryPoolException;
      log.log(
          Level.ERROR,
          () ->
              "cannot read '"
                  + PathRules.printable(tree.path(ino))
                  + "' at "
                  + offset
                  + ": "
                  + PathRules.printable(text(cause)),
          expected ? null : cause);
    }
  }

  private static String text(final Throwable cause) {
    final @Nullable String message = cause.getMessage();
    return cause instanceof ContentStoreException && message != null ? message : cause.toString();
  }

  private static int errno(final Throwable failure) {
    return failure instanceof MemoryPoolException.PoolExhausted ? Errno.ENOMEM : Errno.EIO;
  }

  /** Reads answered on the FUSE worker because every block was in the pool. */
  public long poolReads() {
    return poolReads.sum();
  }

  /** Reads answered by a store thread. */
  public long storeReads() {
    return storeReads.sum();
  }

  /** Bytes that reads were answered with. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** Reads answered with an error on a store thread. */
  public long failures() {
    return failures.sum();
  }

  /** Reads that wait for a store, or for a thread that could ask it, about now. */
  public long pending() {
    return threads.pending();
  }

  /** How often a FUSE worker waited because the queue before the store threads was full. */
  public long waits() {
    return threads.waits();
  }

  /** Ends the store threads; reads under way are answered, by EIO if the deadline passes. */
  @Override
  public void close() {
    threads.close();
  }
}
