package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one lock and what it guards: the table, the owners, the order of use, the figures.
 *
 * <p>Every method but {@link #lockOpen} wants the lock held, unless it says so.
 */
final class PoolState {
  final ReentrantLock lock = new ReentrantLock();

  /** Something happened that may have made room. */
  final Condition roomMade = lock.newCondition();

  final MemoryPoolConfig config;
  final BuddyMemory memory;
  final BlockTable table = new BlockTable();
  final Figures figures = new Figures();

  /** Unpinned blocks that can go, and those that must be flushed first. */
  final UseOrder clean = new UseOrder();

  final UseOrder dirty = new UseOrder();

  /** Threads that want to be told of room. */
  int roomWaiters;

  boolean closed;

  private final Map<Owner.Key, Owner> owners = new HashMap<>();
  private long versions;

  PoolState(final MemoryPoolConfig config) {
    this.config = config;
    this.memory = new BuddyMemory(config);
  }

  /** Takes the lock of a pool that must be open. */
  void lockOpen() {
    lock.lock();
    if (closed) {
      lock.unlock();
      throw new MemoryPoolException.PoolClosed();
    }
  }

  long nextVersion() {
    return ++versions;
  }

  // ---- Finding and pinning ----

  @Nullable Block findInode(final long inode, final int block) {
    return table.find(true, 0, inode, block);
  }

  /** Adds pins that follow the block. */
  void pin(final Block block, final int pins) {
    if (block.pins == 0 && pins > 0) {
      figures.pinnedBlocks++;
      unpark(block);
    }
    block.pins += pins;
    figures.pins += pins;
  }

  /** Takes one pin away; the last one of a block that cannot be found any more frees it. */
  void unpin(final Block block) {
    assert block.pins > 0 : "unpinned too often: " + block.key();
    figures.pins--;
    if (--block.pins == 0) {
      figures.pinnedBlocks--;
      if (block.listed) {
        park(block);
      } else {
        free(block.extent);
      }
    }
  }

  /** Adds pins that also hold the block's present memory, for as many tokens. */
  long pinMemory(final Block block, final int pins) {
    pin(block, pins);
    block.extent.tokens += pins;
    return pins == 0 ? MemoryPool.NO_BLOCK : block.extent.token();
  }

  /** Takes back what {@link #pinMemory} added for one token. */
  void unpinMemory(final Extent extent) {
    final Block block = blockOf(extent);
    extent.tokens--;
    if (extent != block.extent && extent.tokens == 0) { // The block moved away from here.
      figures.leftExtents--;
      free(extent);
    }
    unpin(block);
  }

  /** A caller asked for the block and got it. */
  void hit(final Block block) {
    figures.hits++;
    asked(block);
  }

  /** A block that was loaded ahead is asked for. */
  void asked(final Block block) {
    if (block.ahead) {
      block.ahead = false;
      figures.bytesAheadUsed += block.length;
    }
  }

  /** What to throw if an inode's block is not there. */
  MemoryPoolException notFound(final BlockKey key) {
    return closed
        ? new MemoryPoolException.PoolClosed()
        : new MemoryPoolException.BlockNotFound(key);
  }

  static Block blockOf(final Extent extent) {
    final Block block = extent.block;
    if (block == null) {
      throw new AssertionError("an extent that is being filled has no token");
    }
    return block;
  }

  /** The length of the content at an extent that a token shows; without the lock as well. */
  static int lengthAt(final Extent extent) {
    final Block block = blockOf(extent);
    // The block may be moving: never show more than is ours.
    return extent == block.extent ? Math.min(block.length, extent.capacity()) : extent.lengthLeft;
  }

  // ---- Order of use ----

  private void park(final Block block) {
    if (block.needsFlush) {
      dirty.addNewest(block);
    } else {
      clean.addNewest(block);
      signalRoom();
    }
  }

  private static void unpark(final Block block) {
    if (block.order != null) {
      block.order.remove(block);
    }
  }

  /** Makes an unpinned block the one that was used last. */
  void touch(final Block block) {
    if (block.order != null) {
      block.order.remove(block);
      park(block);
    }
  }

  void setNeedsFlush(final Block block, final boolean needed) {
    if (block.needsFlush != needed) {
      block.needsFlush = needed;
      if (block.listed) {
        figures.needingFlush += needed ? 1 : -1;
      }
      touch(block);
    }
  }

  void setLength(final Block block, final int length) {
    if (block.listed) {
      figures.contentBytes += length - block.length;
    }
    block.length = length;
  }

  void signalRoom() {
    if (roomWaiters > 0 || closed) { // Who closes waits as well.
      roomMade.signalAll();
    }
  }

  // ---- Coming and going ----

  /** Lets the block be found. It has to be pinned. */
  void link(final Block block) {
    table.add(block);
    final Owner.Key key = new Owner.Key(block.inodeKeyed, block.high, block.low);
    owners.computeIfAbsent(key, Owner::new).add(block);
    block.listed = true;
    figures.contentBytes += block.length;
    figures.needingFlush += block.needsFlush ? 1 : 0;
    figures.allocations++;
  }

  /** Lets the block not be found any more; frees it if it has no pin. */
  void unlink(final Block block) {
    table.remove(block);
    final Owner owner = block.owner;
    if (owner != null) {
      owner.remove(block);
      if (owner.count() == 0) {
        owners.remove(owner.key);
      }
    }
    block.listed = false;
    figures.contentBytes -= block.length;
    figures.needingFlush -= block.needsFlush ? 1 : 0;
    if (block.ahead) {
      figures.bytesAheadWasted += block.length;
    }
    unpark(block);
    if (block.pins == 0) {
      free(block.extent);
    }
  }

  @Nullable Owner owner(final boolean inodeKeyed, final long high, final long low) {
    return owners.get(new Owner.Key(inodeKeyed, high, low));
  }

  /** Gives memory back that nobody looks at any more. */
  void free(final Extent extent) {
    memory.free(extent);
    signalRoom();
  }

  /** What to throw when there is no room, with the counts of this moment. */
  MemoryPoolException.PoolExhausted exhausted(final String what) {
    return new MemoryPoolException.PoolExhausted(
        what, table.size(), figures.pinnedBlocks + figures.leftExtents, figures.needingFlush);
  }
}
