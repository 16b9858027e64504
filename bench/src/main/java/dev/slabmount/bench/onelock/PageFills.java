package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.PageProvider;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Loads missing pages, each once whoever asks. The provider writes beside the block, without lock
 * and latch; then those pages are taken over that are still missing and still wanted.
 *
 * <p>Any thread, without the lock.
 */
final class PageFills {
  private final PoolState state;
  private final Room room;
  private final Writes writes;

  PageFills(final PoolState state, final Room room, final Writes writes) {
    this.state = state;
    this.room = room;
    this.writes = writes;
  }

  /** Loads what is missing of a range of a block that the caller has pinned. */
  void fill(final Block block, final int offset, final int length, final PageProvider provider) {
    if (block.pages == null) {
      return;
    }
    state.lock.lock();
    try {
      for (; ; ) {
        if (!block.listed) {
          throw state.notFound(block.key());
        }
        final int end = Math.min(offset + length, block.length);
        final int last = end <= offset ? 0 : PageMap.pagesOf(end);
        final int first = last == 0 ? 0 : block.pages.firstMissing(PageMap.pageOf(offset), last);
        if (first >= last) {
          return;
        }
        final PageFlight other = flightOf(block, first);
        if (other == null) {
          lead(block, begin(block, first, last), provider);
        } else {
          await(block, other);
        }
      }
    } finally {
      state.lock.unlock();
    }
  }

  /** Pages from here to there were cut off or discarded: loads under way leave them alone. */
  static void drop(final Block block, final int from, final int to) {
    for (final PageFlight flight : block.fills) {
      flight.wanted.clear(from, to);
    }
  }

  private static @Nullable PageFlight flightOf(final Block block, final int page) {
    for (final PageFlight flight : block.fills) {
      if (!flight.ended && flight.wanted.get(page)) {
        return flight;
      }
    }
    return null;
  }

  /** Lists a load of the run of pages that are missing and that nobody loads. */
  private static PageFlight begin(final Block block, final int first, final int last) {
    int end = first + 1;
    while (end < last && !block.pages().isValid(end) && flightOf(block, end) == null) {
      end++;
    }
    final PageFlight flight = new PageFlight(first, end);
    block.fills.add(flight);
    return flight;
  }

  // ---- The leader ----

  private void lead(final Block block, final PageFlight flight, final PageProvider provider) {
    Extent scratch = null;
    try {
      final int start = PageMap.offsetOf(flight.first);
      final int bytes = Math.min(block.length, PageMap.offsetOf(flight.last)) - start;
      scratch = room.claim(bytes);
      final BlockKey key = block.key();
      state.lock.unlock();
      try {
        ProviderCalls.loadPages(key, start, state.memory.writable(scratch, bytes), provider);
      } finally {
        state.lock.lock();
      }
      writes.enterOrThrow(block, 0);
      try {
        takeOver(block, flight, scratch, start + bytes);
      } finally {
        writes.leave(block);
      }
      state.figures.fills++;
      flight.end(null);
    } catch (final Throwable e) {
      flight.end(Thread.currentThread().isInterrupted() ? null : e);
      throw e;
    } finally {
      block.fills.remove(flight);
      if (scratch != null) {
        state.free(scratch);
      }
    }
  }

  /** For the writer in the latch, which keeps pages from being cut off meanwhile. */
  private void takeOver(
      final Block block, final PageFlight flight, final Extent scratch, final int end) {
    final PageMap pages = block.pages();
    final int start = PageMap.offsetOf(flight.first);
    for (int page = flight.wanted.nextSetBit(0);
        page >= 0;
        page = flight.wanted.nextSetBit(page + 1)) {
      final int from = PageMap.offsetOf(page);
      final int to = Math.min(PageMap.offsetOf(page + 1), block.length);
      if (from < to && to <= end && !pages.isValid(page)) {
        state.memory.copy(scratch, from - start, block.extent, from, to - from);
        pages.setValid(page, page + 1);
        state.figures.bytesLoaded += to - from;
      }
    }
  }

  // ---- The waiters ----

  private void await(final Block block, final PageFlight flight) {
    if (flight.leader == Thread.currentThread()) {
      throw new IllegalStateException(
          "the provider of pages of block " + block.key() + " asks for pages of that block");
    }
    final long patience = state.config.loadTimeout().toNanos();
    final long left = flight.startNanos + patience - System.nanoTime();
    if (left <= 0) { // It was given up by those who waited: this one starts afresh.
      flight.end(timeout(flight));
      return;
    }
    boolean inTime = true;
    state.lock.unlock();
    try {
      inTime = flight.done.await(left, TimeUnit.NANOSECONDS);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MemoryPoolException.WaitInterrupted("pages of block " + block.key());
    } finally {
      state.lock.lock();
    }
    if (!inTime && !flight.ended) {
      state.figures.loadFailures++;
      flight.end(timeout(flight));
    }
    flight.checkSuccess(block.key());
  }

  private static TimeoutException timeout(final PageFlight flight) {
    final long nanos = System.nanoTime() - flight.startNanos;
    return new TimeoutException(
        "not loaded within " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms");
  }
}
