package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Single flight under one lock: whether a key is present, being loaded, or neither is looked up and
 * decided in one go; providers run without the lock.
 *
 * <p>Any thread, without the lock.
 */
final class Loads {
  private final PoolState state;
  private final Room room;
  private final ProviderCalls providers;

  /** The flights that may be joined. */
  private final Map<BlockKey, Flight> pending = new HashMap<>();

  /** All of which the provider runs, also those that nobody waits for any more. */
  private final List<Flight> running = new ArrayList<>();

  Loads(final PoolState state, final Room room) {
    this.state = state;
    this.room = room;
    this.providers = new ProviderCalls(state);
  }

  /**
   * Pins the block, loading it if it is absent.
   *
   * @param length most bytes that the provider will write, or {@link ProviderCalls#ASK_PROVIDER}
   */
  long pinOrLoad(final BlockKey key, final int length, final BlockContentProvider provider) {
    for (; ; ) {
      final Flight mine;
      final Flight flight;
      state.lockOpen();
      try {
        final Block present = find(key);
        if (present != null) {
          state.hit(present);
          return state.pinMemory(present, 1);
        }
        mine = new Flight(key, false);
        flight = join(mine);
      } finally {
        state.lock.unlock();
      }
      final long token = flight == mine ? lead(mine, length, provider) : waitFor(flight);
      if (token != MemoryPool.NO_BLOCK) {
        return token;
      }
    }
  }

  /** Loads the block if it is neither there nor under way; returns whether this call did. */
  boolean loadAhead(final BlockKey key, final int length, final BlockContentProvider provider) {
    final Flight mine = new Flight(key, true);
    state.lockOpen();
    try {
      if (find(key) != null || join(mine) != mine) {
        return false;
      }
    } finally {
      state.lock.unlock();
    }
    final long token = lead(mine, length, provider);
    if (token == MemoryPool.NO_BLOCK) {
      return false;
    }
    state.lock.lock();
    try {
      state.unpinMemory(state.memory.extentOf(token));
    } finally {
      state.lock.unlock();
    }
    return true;
  }

  private @Nullable Block find(final BlockKey key) {
    return state.table.find(key.inodeKeyed(), key.high(), key.low(), key.block());
  }

  /**
   * Lists the flight, or joins the one that is listed. One that is overdue is ended instead, for
   * who waits for it has waited long enough.
   */
  private Flight join(final Flight mine) {
    final Flight other = pending.get(mine.key);
    if (other != null) {
      if (other.leader == mine.leader) {
        throw new IllegalStateException("the provider of " + mine.key + " asks for that block");
      }
      final long nanos = System.nanoTime() - other.startNanos;
      if (nanos < state.config.loadTimeout().toNanos()) {
        other.waiters += mine.ahead ? 0 : 1;
        return other;
      }
      timeOut(other);
    }
    pending.put(mine.key, mine);
    running.add(mine);
    return mine;
  }

  // ---- The leader ----

  private long lead(
      final Flight flight, final int lengthOrAsk, final BlockContentProvider provider) {
    Extent extent = null;
    final int length;
    try {
      final int capacity = providers.capacity(flight.key, lengthOrAsk, provider);
      state.lockOpen();
      try {
        extent = room.claim(capacity);
      } finally {
        state.lock.unlock();
      }
      length = providers.load(flight.key, extent, capacity, provider);
    } catch (final Throwable e) {
      crash(flight, extent, e);
      throw e;
    }
    return land(flight, extent, length);
  }

  /** Ends a flight without a block: hands it over if the leader was interrupted, else fails it. */
  private void crash(final Flight flight, final @Nullable Extent extent, final Throwable cause) {
    state.lock.lock();
    try {
      running.remove(flight);
      if (!flight.ended) {
        state.figures.loadFailures++;
        pending.remove(flight.key);
        if (Thread.currentThread().isInterrupted()) {
          flight.land(MemoryPool.NO_BLOCK);
        } else {
          flight.fail(cause);
        }
        flight.done.countDown();
      }
      if (extent != null) {
        state.free(extent);
      }
    } finally {
      state.lock.unlock();
    }
  }

  /** Ends a flight whose memory is filled; returns the leader's token, or none to start again. */
  private long land(final Flight flight, final Extent extent, final int length) {
    state.lock.lock();
    try {
      running.remove(flight);
      final boolean late = flight.ended; // By a waiter's patience.
      final int waiters = late ? 0 : flight.waiters;
      final Block present = state.closed ? null : find(flight.key);
      long token = MemoryPool.NO_BLOCK;
      if (present != null) { // Newer than what we have.
        state.asked(present);
        token = state.pinMemory(present, 1 + waiters);
      } else if (!state.closed && !flight.outdated && !(late && flight.key.inodeKeyed())) {
        token = publish(flight, extent, length, waiters);
      }
      if (!late) {
        state.figures.hits += token == MemoryPool.NO_BLOCK ? 0 : waiters;
        pending.remove(flight.key);
        if (state.closed) {
          flight.fail(new MemoryPoolException.PoolClosed());
        } else {
          flight.land(token);
        }
        flight.done.countDown();
      }
      if (extent.block == null) {
        state.free(extent);
      }
      return token == MemoryPool.NO_BLOCK ? flight.result() : token;
    } finally {
      state.lock.unlock();
    }
  }

  private long publish(
      final Flight flight, final Extent extent, final int length, final int waiters) {
    final Block block = new Block(flight.key, extent, length);
    if (block.pages != null) {
      block.pages.setValid(0, PageMap.pagesOfBlock(length));
    }
    block.version = state.nextVersion();
    if (flight.ahead) {
      block.ahead = waiters == 0;
      state.figures.bytesAhead += length;
      state.figures.bytesAheadUsed += block.ahead ? 0 : length;
    }
    state.figures.bytesLoaded += length;
    final long token = state.pinMemory(block, 1 + waiters);
    state.link(block);
    return token;
  }

  // ---- The waiters ----

  private long waitFor(final Flight flight) {
    final long left = flight.startNanos + state.config.loadTimeout().toNanos() - System.nanoTime();
    try {
      if (!flight.done.await(left, TimeUnit.NANOSECONDS)) {
        giveUp(flight);
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      if (leave(flight)) {
        throw new MemoryPoolException.WaitInterrupted("the load of block " + flight.key);
      }
    }
    return flight.result();
  }

  private void giveUp(final Flight flight) {
    state.lock.lock();
    try {
      if (!flight.ended) {
        timeOut(flight);
      }
    } finally {
      state.lock.unlock();
    }
  }

  /** Ends the load of a block for everybody who waits; returns whether one was under way. */
  boolean giveUp(final BlockKey key) {
    state.lockOpen();
    try {
      final Flight flight = pending.get(key);
      if (flight == null) {
        return false;
      }
      timeOut(flight);
      return true;
    } finally {
      state.lock.unlock();
    }
  }

  private void timeOut(final Flight flight) {
    state.figures.loadFailures++;
    pending.remove(flight.key);
    final long nanos = System.nanoTime() - flight.startNanos;
    flight.fail(
        new TimeoutException("not loaded within " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms"));
    flight.done.countDown();
  }

  /** Takes one waiter off; false if the flight has ended, so that the waiter has its result. */
  private boolean leave(final Flight flight) {
    state.lock.lock();
    try {
      if (flight.ended) {
        return false;
      }
      flight.waiters--;
      return true;
    } finally {
      state.lock.unlock();
    }
  }

  // ---- For others; with the lock held ----

  int count() {
    return pending.size();
  }

  /** Lets no load of this inode or content that is under way put its block into the pool. */
  void outdate(final boolean inodeKeyed, final long high, final long low) {
    for (final Flight flight : running) {
      final BlockKey key = flight.key;
      if (key.inodeKeyed() == inodeKeyed && key.high() == high && key.low() == low) {
        flight.outdated = true;
      }
    }
  }

  /** The same for one block of an inode, which was just written: what is being read is older. */
  void outdate(final long inode, final int block) {
    for (final Flight flight : running) {
      final BlockKey key = flight.key;
      if (key.inodeKeyed() && key.low() == inode && key.block() == block) {
        flight.outdated = true;
      }
    }
  }
}
