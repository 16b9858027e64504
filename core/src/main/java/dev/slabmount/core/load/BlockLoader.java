package dev.slabmount.core.load;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.index.BlockIndex;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.observe.BlockLoadEvent;
import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.room.RoomMaker;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.BlockFinder;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.state.PoolLife;
import dev.slabmount.core.state.Versions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Single flight: one load per key, whoever asks.
 *
 * <p>The first to miss a key lists a {@link LoadFlight} under the shard's lock and becomes its
 * leader. It claims a slot, lets the provider fill it, both outside every lock, and then, under the
 * shard's lock and in this order: puts the block into the index, takes a pin for itself and for
 * each waiter, and takes the flight off the list. So there is no moment in which the key is neither
 * present nor pending, and no waiter has to look the block up again.
 *
 * <p>Any thread.
 */
public final class BlockLoader {
  /**
   * A block that nobody has asked for yet counts as visited once, or the eviction policy, which
   * lets go of what was not visited first, would let go of just the blocks that are read next.
   */
  private static final long AHEAD_FLAGS = BlockWord.AHEAD | BlockWord.VISITED;

  private final SlotTable table;
  private final BlockIndex index;
  private final BlockFinder finder;
  private final PendingLoads pending;
  private final RoomMaker rooms;
  private final Versions versions;
  private final PoolLife life;
  private final ProviderCalls providers;
  private final long timeoutNanos;

  /** Nothing is being loaded yet. */
  public BlockLoader(
      final BlockFinder finder,
      final BlockIndex index,
      final PendingLoads pending,
      final RoomMaker rooms,
      final SlotTable table,
      final Versions versions,
      final PoolLife life,
      final MemoryPoolConfig config) {
    this.finder = finder;
    this.index = index;
    this.pending = pending;
    this.rooms = rooms;
    this.table = table;
    this.versions = versions;
    this.life = life;
    this.providers = new ProviderCalls(table, config.blockSize());
    this.timeoutNanos = config.loadTimeout().toNanos();
  }

  /**
   * Pins the block, loading it if it is absent.
   *
   * @param length most bytes that the provider will write, or {@link ProviderCalls#ASK_PROVIDER}
   */
  public long pinOrLoad(
      final boolean inodeKeyed,
      final long high,
      final long low,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    final long hash = KeyHash.ofBlock(inodeKeyed, high, low, block);
    long token = finder.hitHinted(hash, inodeKeyed, high, low, block);
    while (token == MemoryPool.NO_BLOCK) {
      final LoadFlight mine =
          new LoadFlight(hash, new BlockKey(inodeKeyed, high, low, block), false);
      final LoadFlight flight = join(mine); // Looks into the shard, too.
      if (flight == mine) {
        token = lead(mine, length, provider);
      } else if (flight != null) {
        token = waitFor(flight);
      } else {
        token = finder.hit(hash, inodeKeyed, high, low, block);
      }
    }
    return token;
  }

  /**
   * Loads the block if it is neither there nor under way; gives its own pin up again.
   *
   * @return whether this call loaded it
   */
  public boolean loadAhead(
      final long high,
      final long low,
      final int block,
      final int length,
      final BlockContentProvider provider) {
    final long hash = KeyHash.ofBlock(false, high, low, block);
    if (finder.contains(false, high, low, block)) {
      return false;
    }
    final LoadFlight mine = new LoadFlight(hash, new BlockKey(false, high, low, block), true);
    if (join(mine) != mine) {
      return false;
    }
    final long token = lead(mine, length, provider);
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    table.unpin(token);
    return true;
  }

  /**
   * Lists the flight, or joins the one that is listed; null if the block has come meanwhile. A
   * flight ahead joins none. One that is overdue is not joined but ended, for who waits for it has
   * waited long enough, and who comes now starts afresh.
   */
  private @Nullable LoadFlight join(final LoadFlight mine) {
    final BlockKey key = mine.key;
    final IndexShard shard = index.shardOf(mine.hash);
    final LoadFlight other;
    final long stamp = shard.lockWrite();
    try {
      life.check();
      if (mine.findIn(shard) != IndexShard.ABSENT) {
        return null;
      }
      other = pending.find(mine.hash, key);
      if (other != null && other.leader == mine.leader) {
        throw new IllegalStateException("the provider of block " + key + " asks for that block");
      }
      if (other != null && !other.isOverdue(timeoutNanos)) {
        if (mine.ahead) {
          return null;
        }
        other.waiters++;
        return other;
      }
      if (other != null) {
        timeOut(other);
      }
      pending.add(mine);
    } finally {
      shard.unlockWrite(stamp);
    }
    if (other != null) {
      other.announce();
    }
    return mine;
  }

  // ---- The leader ----

  private long lead(
      final LoadFlight flight, final int lengthOrAsk, final BlockContentProvider provider) {
    final BlockLoadEvent event = BlockLoadEvent.started();
    try {
      return load(flight, lengthOrAsk, provider);
    } finally {
      if (event != null) {
        flight.tell(event);
      }
    }
  }

  private long load(
      final LoadFlight flight, final int lengthOrAsk, final BlockContentProvider provider) {
    int slot = SlabAllocator.NO_SLOT;
    try {
      final int capacity = providers.capacity(flight.key, lengthOrAsk, provider);
      slot = rooms.claim(capacity);
      final int length = providers.load(flight.key, slot, capacity, provider);
      table.headers.init(
          slot, flight.key.high(), flight.key.low(), flight.key.block(), length, versions.next());
      flight.length = length;
    } catch (final Throwable e) {
      if (slot != SlabAllocator.NO_SLOT) {
        table.abandon(slot);
      }
      crash(flight, e);
      throw e;
    }
    return land(flight, slot);
  }

  /** Ends a flight without a block: hands it over if the leader was interrupted, else fails it. */
  private void crash(final LoadFlight flight, final Throwable cause) {
    final IndexShard shard = index.shardOf(flight.hash);
    final long stamp = shard.lockWrite();
    try {
      if (!flight.hasEnded()) {
        table.counters.loadFailures.increment();
        pending.remove(flight);
        if (Thread.currentThread().isInterrupted()) {
          flight.drop();
        } else {
          flight.fail(cause);
        }
      }
    } finally {
      shard.unlockWrite(stamp);
    }
    flight.announce();
  }

  /**
   * Ends a flight whose slot is filled.
   *
   * @return the leader's token, or {@link MemoryPool#NO_BLOCK} if it has to start again
   */
  private long land(final LoadFlight flight, final int slot) {
    final IndexShard shard = index.shardOf(flight.hash);
    final boolean published;
    final boolean late;
    long token = MemoryPool.NO_BLOCK;
    final long stamp = shard.lockWrite();
    try {
      late = flight.hasEnded(); // By a waiter's patience.
      final int present = flight.findIn(shard);
      published =
          !life.isClosed() // E14
              && pending.isWanted(flight, late)
              && present == IndexShard.ABSENT
              && canLink(flight, slot, late);
      if (published) {
        token = publish(flight, slot, late ? 0 : flight.waiters);
      } else if (present != IndexShard.ABSENT && !life.isClosed()) { // Newer than ours.
        token = pinPresent(present, late ? 1 : 1 + flight.waiters);
      }
      if (!flight.hasEnded()) {
        end(flight, token);
        pending.remove(flight);
      }
    } finally {
      shard.unlockWrite(stamp);
    }
    flight.announce();
    if (published) {
      table.counters.allocations.increment();
      table.counters.bytesLoaded.add(table.headers.lengthAcquire(slot));
      table.victims.admit(slot);
    } else {
      table.abandon(slot);
    }
    return token != MemoryPool.NO_BLOCK ? token : flight.result();
  }

  /** Takes the heap that the index needs for the block; if there is none, the load has failed. */
  private boolean canLink(final LoadFlight flight, final int slot, final boolean late) {
    try {
      index.prepare(flight.hash, slot, flight.key.inodeKeyed());
      return true;
    } catch (final OutOfMemoryError e) {
      if (!late) {
        table.counters.loadFailures.increment();
        pending.remove(flight);
        flight.fail(e);
      }
      return false;
    }
  }

  private long publish(final LoadFlight flight, final int slot, final int waiters) {
    final boolean unasked = flight.ahead && waiters == 0;
    final long flags =
        (flight.key.inodeKeyed() ? BlockWord.INODE_KEYED : 0) | (unasked ? AHEAD_FLAGS : 0);
    final int pins = 1 + waiters;
    if (flight.ahead) {
      final int length = table.headers.lengthAcquire(slot);
      table.counters.bytesAhead.add(length);
      table.counters.bytesAheadUsed.add(unasked ? 0 : length);
    }
    if (flight.key.inodeKeyed()) {
      table.pages.startValid(slot, table.headers.lengthAcquire(slot));
    }
    final long word = BlockTransitions.publish(table.words, slot, flags, pins);
    index.link(flight.hash, slot);
    table.linked(slot, false);
    table.counters.pinsAdded(word, pins);
    return Tokens.of(slot, word);
  }

  private long pinPresent(final int slot, final int pins) {
    final long word = BlockTransitions.pin(table.words, slot, pins);
    table.counters.pinsAdded(word, pins);
    if (BlockWord.has(word, BlockWord.AHEAD)) {
      table.counters.bytesAheadUsed.add(table.headers.lengthAcquire(slot));
    }
    return Tokens.of(slot, word);
  }

  /** Decides how the flight ended; under the shard's lock. */
  private void end(final LoadFlight flight, final long token) {
    if (token != MemoryPool.NO_BLOCK) {
      flight.land(token);
    } else if (life.isClosed()) { // Under the lock, which the closer takes later.
      flight.fail(new MemoryPoolException.PoolClosed());
    } else {
      flight.drop();
    }
  }

  // ---- The waiters ----

  private long waitFor(final LoadFlight flight) {
    final long left = flight.startNanos + timeoutNanos - System.nanoTime();
    try {
      if (!flight.await(left)) {
        giveUp(flight);
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      if (leave(flight)) {
        throw new MemoryPoolException.WaitInterrupted("the load of block " + flight.key);
      }
    }
    final long token = flight.result();
    if (token != MemoryPool.NO_BLOCK) {
      table.counters.hitsOfWaiters.increment();
    }
    return token;
  }

  /** The flight took too long: ends it for everybody, unless it has just ended by itself. */
  private void giveUp(final LoadFlight flight) {
    final IndexShard shard = index.shardOf(flight.hash);
    final long stamp = shard.lockWrite();
    try {
      if (!flight.hasEnded()) {
        timeOut(flight);
      }
    } finally {
      shard.unlockWrite(stamp);
    }
    flight.announce();
  }

  /**
   * Ends the load of a content-keyed block for everybody who waits for it.
   *
   * @return whether one was under way
   */
  public boolean giveUp(final long high, final long low, final int block) {
    final long hash = KeyHash.ofBlock(false, high, low, block);
    final IndexShard shard = index.shardOf(hash);
    final LoadFlight flight;
    final long stamp = shard.lockWrite();
    try {
      flight = pending.find(hash, new BlockKey(false, high, low, block));
      if (flight == null) {
        return false;
      }
      timeOut(flight);
    } finally {
      shard.unlockWrite(stamp);
    }
    flight.announce();
    return true;
  }

  /** Fails a flight that took too long; under the shard's lock. */
  private void timeOut(final LoadFlight flight) {
    table.counters.loadFailures.increment();
    pending.remove(flight);
    final long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - flight.startNanos);
    flight.fail(new TimeoutException("not loaded within " + millis + " ms"));
  }

  /** Takes one waiter off; false if the flight has ended, so that the waiter has its result. */
  private boolean leave(final LoadFlight flight) {
    final IndexShard shard = index.shardOf(flight.hash);
    final long stamp = shard.lockWrite();
    try {
      if (flight.hasEnded()) {
        return false;
      }
      flight.waiters--;
      return true;
    } finally {
      shard.unlockWrite(stamp);
    }
  }
}
