package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;

/**
 * Which blocks need flushing, and writing them back. A flush takes the marks of the pages away,
 * writes without lock and latch, and puts the marks back if that failed: so a write that comes
 * meanwhile marks its pages anew, and they stay marked.
 *
 * <p>Any thread, without the lock.
 */
final class Flushes {
  /** In place of a version. */
  static final long ANY_VERSION = -1;

  private final PoolState state;

  /** The keys of which a block is being written back. */
  private final Set<BlockKey> busy = new HashSet<>();

  private final Condition turnEnded;

  Flushes(final PoolState state) {
    this.state = state;
    this.turnEnded = state.lock.newCondition();
  }

  /** Takes the flag down if the block still has this version; returns whether it is down now. */
  boolean markFlushed(final long inode, final int block, final long version) {
    state.lockOpen();
    try {
      final Block flushed = state.findInode(inode, block);
      if (flushed == null || (version != ANY_VERSION && flushed.version != version)) {
        return false;
      }
      if (flushed.needsFlush) {
        state.figures.bytesWrittenBack += flushed.length;
        state.figures.flushes++;
        flushed.pages().markFlushed();
        state.setNeedsFlush(flushed, false);
      }
      return true;
    } finally {
      state.lock.unlock();
    }
  }

  boolean markNeedsFlush(final long inode, final int block) {
    state.lockOpen();
    try {
      final Block written = state.findInode(inode, block);
      if (written != null) {
        written.pages().markNeedsFlush();
        state.setNeedsFlush(written, written.pages().needsFlush());
      }
      return written != null;
    } finally {
      state.lock.unlock();
    }
  }

  int[] blocksNeedingFlush(final long inode) {
    state.lockOpen();
    try {
      final Owner owner = state.owner(true, 0, inode);
      if (owner == null) {
        return new int[0];
      }
      final int[] found = new int[owner.count()];
      int count = 0;
      for (Block block = owner.first(); block != null; block = block.nextOfOwner) {
        if (block.needsFlush) {
          found[count++] = block.number;
        }
      }
      Arrays.sort(found, 0, count);
      return Arrays.copyOf(found, count);
    } finally {
      state.lock.unlock();
    }
  }

  /** Writes a block back, after waiting for its turn; returns whether it is there. */
  boolean flush(final BlockKey key, final BlockWriteBack target) {
    final long patience = state.config.loadTimeout().toNanos();
    state.lockOpen();
    try {
      for (long left = patience; !busy.add(key); left = turnEnded.awaitNanos(left)) {
        if (left <= 0) {
          throw new MemoryPoolException.FlushFailed(
              key, new TimeoutException("another flush of it does not end"));
        }
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("another flush of block " + key);
    } finally {
      state.lock.unlock();
    }
    return flushInTurn(key, target);
  }

  /** The same, unless somebody else is at it; returns whether nobody was. */
  boolean tryFlush(final BlockKey key, final BlockWriteBack target) {
    state.lockOpen();
    try {
      if (!busy.add(key)) {
        return false;
      }
    } finally {
      state.lock.unlock();
    }
    flushInTurn(key, target);
    return true;
  }

  private boolean flushInTurn(final BlockKey key, final BlockWriteBack target) {
    state.lock.lock();
    try {
      for (; ; ) {
        final Block block = state.findInode(key.inode(), key.block());
        if (block == null) {
          if (state.closed) {
            throw new MemoryPoolException.PoolClosed();
          }
          return false;
        }
        final long token = state.pinMemory(block, 1);
        block.awaitNoWriter(state.lock); // Every write is wholly in it or wholly not.
        if (block.listed && token == block.extent.token()) {
          writeBack(block, target);
          return true;
        }
        state.unpinMemory(state.memory.extentOf(token));
      }
    } finally {
      busy.remove(key);
      turnEnded.signalAll();
      state.lock.unlock();
    }
  }

  /** Called and left with the lock held, and with a pin on the block's memory, which it drops. */
  private void writeBack(final Block block, final BlockWriteBack target) {
    final Extent extent = block.extent;
    final PageMap pages = block.pages();
    final Runs runs = new Runs(state.memory, extent, pages.takeToFlush(), block.length);
    boolean done = runs.count() == 0;
    try {
      if (!done) {
        callWithoutLock(block, target, runs);
        state.figures.bytesWrittenBack += runs.bytes();
        state.figures.flushes++;
        done = true;
      }
    } finally {
      pages.endFlush(done);
      state.setNeedsFlush(block, pages.needsFlush());
      state.unpinMemory(extent);
    }
  }

  private void callWithoutLock(final Block block, final BlockWriteBack target, final Runs runs) {
    state.lock.unlock();
    Exception failure = null;
    try {
      target.writeBack(block.low, block.number, runs);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = e;
    } catch (final Exception e) {
      failure = e;
    } finally {
      state.lock.lock();
    }
    if (failure != null) {
      state.figures.writeBackFailures++;
      throw new MemoryPoolException.FlushFailed(block.key(), failure);
    }
  }
}
