package dev.slabmount.bench.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * What a pool would cost without an index: blocks that are found by their number alone, each with a
 * header of 64 bytes that has a word for pins and flags and a latch. The payload is the very memory
 * in which the measured pool keeps the same blocks, so both sides copy from the same pages, in the
 * same order.
 *
 * <p>Any thread.
 */
final class Floor {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final int HEADER_BYTES = 64;
  private static final long LATCH_OFFSET = 8;
  private static final long PIN = 1L << 32;
  private static final long VISITED = 1L << 58;
  private static final long NEEDS_FLUSH = 1L << 57;
  private static final int WRITER = 1 << 31;
  private static final int SPINS = 64;

  private final long base;
  private final int[] pages;
  private final MemorySegment headers;

  /**
   * A floor under these blocks.
   *
   * @param addresses where each block of 64 KiB begins
   * @param draws of the blocks' pages; the floor has them as pages of the memory that holds all
   *     blocks, so that it finds them by adding
   */
  Floor(long[] addresses, int[] draws) {
    this.base = Arrays.stream(addresses).min().orElseThrow();
    long end = Arrays.stream(addresses).max().orElseThrow();
    this.pages = new int[draws.length];
    for (int i = 0; i < draws.length; i++) {
      long offset = addresses[draws[i] / Draws.PAGES] - base;
      pages[i] = (int) (offset / Draws.PAGE_BYTES) + draws[i] % Draws.PAGES;
    }
    headers = Memory.allocate(((end - base) / Draws.PAGE_BYTES / Draws.PAGES + 1) * HEADER_BYTES);
    headers.fill((byte) 0);
  }

  /** Pin by compare-and-set, copy out, unpin by addition. */
  private void hit(int page, MemorySegment copy) {
    long header = headerOf(page);
    pin(header);
    MemorySegment.copy(Memory.ALL, addressOf(page), copy, 0, Draws.PAGE_BYTES);
    unpin(header);
  }

  /** Pin, latch, copy in, raise the flag, let go of the latch, unpin. */
  private void store(int page, MemorySegment source) {
    long header = headerOf(page);
    pin(header);
    latch(header);
    MemorySegment.copy(source, 0, Memory.ALL, addressOf(page), Draws.PAGE_BYTES);
    long _ = (long) LONG.getAndBitwiseOr(headers, header, NEEDS_FLUSH);
    INT.setRelease(headers, header + LATCH_OFFSET, 0);
    unpin(header);
  }

  /** The copy of a hit and nothing else. */
  private void copy(int page, MemorySegment copy) {
    MemorySegment.copy(Memory.ALL, addressOf(page), copy, 0, Draws.PAGE_BYTES);
  }

  private long addressOf(int page) {
    return base + page * (long) Draws.PAGE_BYTES;
  }

  private static long headerOf(int page) {
    return page / Draws.PAGES * (long) HEADER_BYTES;
  }

  private void pin(long header) {
    long word = (long) LONG.getAcquire(headers, header);
    for (; ; ) {
      long seen =
          (long) LONG.compareAndExchangeAcquire(headers, header, word, (word + PIN) | VISITED);
      if (seen == word) {
        return;
      }
      word = seen;
    }
  }

  private void unpin(long header) {
    long _ = (long) LONG.getAndAdd(headers, header, -PIN);
  }

  @SuppressWarnings("ThreadPriorityCheck") // with more threads than processors nothing else helps
  private void latch(long header) {
    for (int i = 0; !INT.compareAndSet(headers, header + LATCH_OFFSET, 0, WRITER); i++) {
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // Whoever holds it may not be running.
      }
    }
  }

  /** The works of the floor. */
  static Work.Maker hits(Floor floor) {
    return _ -> new Hit(floor);
  }

  /** Bare copies. */
  static Work.Maker copies(Floor floor) {
    return _ -> new Copy(floor);
  }

  /** The floor with stores. */
  static Work.Maker stores(Floor floor) {
    return _ -> new Store(floor);
  }

  private static final class Hit implements Work {
    private final Floor floor;
    private final MemorySegment copy = Memory.allocate(Draws.PAGE_BYTES);

    Hit(Floor floor) {
      this.floor = floor;
    }

    @Override
    public void batch(int[] draws, int from) {
      for (int i = from; i < from + BATCH; i++) {
        floor.hit(floor.pages[i], copy);
      }
    }
  }

  private static final class Copy implements Work {
    private final Floor floor;
    private final MemorySegment copy = Memory.allocate(Draws.PAGE_BYTES);

    Copy(Floor floor) {
      this.floor = floor;
    }

    @Override
    public void batch(int[] draws, int from) {
      for (int i = from; i < from + BATCH; i++) {
        floor.copy(floor.pages[i], copy);
      }
    }
  }

  private static final class Store implements Work {
    private final Floor floor;
    private final MemorySegment source = Memory.allocate(Draws.PAGE_BYTES);

    Store(Floor floor) {
      this.floor = floor;
    }

    @Override
    public void batch(int[] draws, int from) {
      for (int i = from; i < from + BATCH; i++) {
        floor.store(floor.pages[i], source);
      }
    }
  }
}
