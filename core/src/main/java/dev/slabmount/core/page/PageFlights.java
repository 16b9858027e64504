package dev.slabmount.core.page;

import dev.slabmount.core.load.LoadFlight;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.state.PoolCounters;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The loads of missing pages that are under way.
 *
 * <p>A page of a block is in one flight at most. Who wants a page decides under the lock here
 * whether it is there, being loaded, or to be loaded by himself; and a flight leaves the list after
 * its pages became valid. So each page is asked for once.
 *
 * <p>Any thread. The lock is a leaf; it is held for a few looks.
 */
public final class PageFlights {
  /** A load of neighbouring pages of one block. */
  static final class Flight {
    final BlockKey key;
    final int first;
    final int last;

    /** Who runs it, who waits, how it ended. */
    final LoadFlight end;

    /** Pages that were discarded or cut off since it began. */
    private final BitSet dropped = new BitSet();

    Flight(final BlockKey key, final int first, final int last) {
      this.key = key;
      this.first = first;
      this.last = last;
      this.end = new LoadFlight(0, key, false);
    }
  }

  /** In place of a token: the pages are there. */
  private static final long LANDED = 1;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<BlockKey, List<Flight>> flights = new HashMap<>();
  private final PoolCounters counters;
  private final long timeoutNanos;
  private int count;

  /** No load of pages is under way; each is given up after so long. */
  public PageFlights(final PoolCounters counters, final long timeoutNanos) {
    this.counters = counters;
    this.timeoutNanos = timeoutNanos;
  }

  /** Loads under way. */
  public int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Finds what to do for the missing pages of a range: lists a flight for the first ones that
   * nobody loads, or, if somebody loads all that is missing, returns the first of those flights.
   * The block may have been cut off, and moved to a smaller slot, since the caller chose the range;
   * what it has not got any more is not missing.
   *
   * @return a flight whose leader is the calling thread or another one; null if no page is missing
   * @throws IllegalStateException if the calling thread is loading one of the pages already
   */
  @Nullable Flight join(
      final BlockKey key, final SlotTable table, final int pinned, final int from, final int to) {
    lock.lock();
    try {
      final int slot = table.newest(pinned); // Here, so that it is not older than what has landed.
      final int end = Math.min(to, SlotPages.pagesOf(table.headers.lengthAcquire(slot)));
      Flight other = null;
      int page = table.pages.firstMissing(slot, from, end);
      while (page < end) {
        final Flight loading = find(key, page);
        if (loading == null) {
          return add(key, page, endOfRun(key, table.pages, slot, page, end));
        }
        if (loading.end.leader == Thread.currentThread()) {
          throw new IllegalStateException("the provider of block " + key + " asks for its pages");
        }
        if (loading.end.isOverdue(timeoutNanos)) {
          timeOut(loading); // And the page is free.
        } else {
          other = other == null ? loading : other;
          page = table.pages.firstMissing(slot, Math.min(loading.last, end), end);
        }
      }
      if (other != null) {
        other.end.waiters++;
      }
      return other;
    } finally {
      lock.unlock();
    }
  }

  private int endOfRun(
      final BlockKey key, final SlotPages pages, final int slot, final int first, final int to) {
    int page = first + 1;
    while (page < to && !pages.isValid(slot, page) && find(key, page) == null) {
      page++;
    }
    return page;
  }

  /** These pages were taken out of the block: flights that are under way must not put them back. */
  void drop(final BlockKey key, final int from, final int to) {
    lock.lock();
    try {
      for (final Flight flight : flights.getOrDefault(key, List.of())) {
        final int first = Math.max(from, flight.first);
        final int last = Math.min(to, flight.last);
        if (first < last) {
          flight.dropped.set(first, last);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The pages of a flight that may still be put into the block; none if it has ended. */
  BitSet wanted(final Flight flight) {
    lock.lock();
    try {
      final BitSet pages = new BitSet();
      if (!flight.end.hasEnded()) {
        pages.set(flight.first, flight.last);
        pages.andNot(flight.dropped);
      }
      return pages;
    } finally {
      lock.unlock();
    }
  }

  /** The pages are there; whoever waits looks again. */
  void land(final Flight flight) {
    lock.lock();
    try {
      if (!flight.end.hasEnded()) {
        remove(flight);
        flight.end.land(LANDED);
      }
    } finally {
      lock.unlock();
    }
    flight.end.announce();
  }

  /** The load failed: for all who wait, unless the leader was interrupted. */
  void crash(final Flight flight, final Throwable cause) {
    lock.lock();
    try {
      if (!flight.end.hasEnded()) {
        counters.loadFailures.increment();
        remove(flight);
        if (Thread.currentThread().isInterrupted()
            || cause instanceof MemoryPoolException.BlockNotFound) {
          flight.end.drop();
        } else {
          flight.end.fail(cause);
        }
      }
    } finally {
      lock.unlock();
    }
    flight.end.announce();
  }

  /** Waits for another thread's flight; if that failed, throws what its leader threw. */
  void await(final Flight flight) {
    final long left = flight.end.startNanos + timeoutNanos - System.nanoTime();
    try {
      if (!flight.end.await(left)) {
        giveUp(flight);
      }
    } catch (final InterruptedException e) {
      leave(flight);
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("the load of pages of block " + flight.key);
    }
    flight.end.result();
  }

  private void leave(final Flight flight) {
    lock.lock();
    try {
      if (!flight.end.hasEnded()) {
        flight.end.waiters--;
      }
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(final Flight flight) {
    lock.lock();
    try {
      if (!flight.end.hasEnded()) {
        timeOut(flight);
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- Under the lock ----

  private void timeOut(final Flight flight) {
    counters.loadFailures.increment();
    remove(flight);
    final long millis = (System.nanoTime() - flight.end.startNanos) / 1_000_000;
    flight.end.fail(new TimeoutException("not loaded within " + millis + " ms"));
    flight.end.announce();
  }

  private @Nullable Flight find(final BlockKey key, final int page) {
    for (final Flight flight : flights.getOrDefault(key, List.of())) {
      if (flight.first <= page && page < flight.last) {
        return flight;
      }
    }
    return null;
  }

  private Flight add(final BlockKey key, final int first, final int last) {
    final Flight flight = new Flight(key, first, last);
    flights.computeIfAbsent(key, _ -> new ArrayList<>()).add(flight);
    count++;
    return flight;
  }

  private void remove(final Flight flight) {
    final List<Flight> ofBlock = Objects.requireNonNull(flights.get(flight.key), "flights");
    final boolean listed = ofBlock.remove(flight);
    assert listed : "flight of " + flight.key + " is not listed";
    if (ofBlock.isEmpty()) {
      flights.remove(flight.key);
    }
    count--;
  }
}
