package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.slab.ReservationException;
import dev.slabmount.core.slab.SlabRegion;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One reserved range, the same kind as under the sharded pool, divided by a buddy allocator: runs
 * of 2<sup>n</sup> pages of 4 KiB, up to one block. Splitting and joining cost at most one step for
 * each power of two.
 *
 * <p>What it keeps per page (13 bytes on the heap) is made for all of {@code maxSize} at once,
 * which is fine for a pool to compare with and would not be for terabytes.
 *
 * <p>Guarded by the pool's lock, except for {@link #extentOf} and what makes segments.
 */
final class BuddyMemory {
  static final int PAGE_BYTES = 4096;

  private static final byte NOT_FREE = -1;
  private static final int NONE = -1;

  private final SlabRegion region;
  private final MemorySegment bytes;
  private final int orderMax;
  private final int chunks;

  /** Order of the free run that begins at a page, or {@link #NOT_FREE}. */
  private final byte[] freeOrder;

  private final int[] nextFree;
  private final int[] previousFree;
  private final int[] firstFree;
  private final Extent[] extents;

  /** Chunks of full size that were never used: their memory was never touched. */
  private int untouched;

  private final int[] pagesUsedOfChunk;
  private int generations;
  private int extentsInUse;
  private int chunksInUse;
  private long pagesInUse;

  BuddyMemory(final MemoryPoolConfig config) {
    orderMax = orderFor(config.blockSize());
    chunks = Math.toIntExact(config.maxSize() / config.blockSize());
    final int pages = Math.multiplyExact(chunks, 1 << orderMax);
    try {
      region = new SlabRegion((long) pages * PAGE_BYTES, PAGE_BYTES, config.hugePages());
    } catch (final ReservationException e) {
      throw new MemoryPoolException.ReservationFailed(e);
    }
    if (config.prefault()) {
      region.prefault(Runtime.getRuntime().availableProcessors());
    }
    bytes = region.blocks();
    freeOrder = new byte[pages];
    Arrays.fill(freeOrder, NOT_FREE);
    nextFree = new int[pages];
    previousFree = new int[pages];
    firstFree = new int[orderMax + 1];
    Arrays.fill(firstFree, NONE);
    extents = new Extent[pages];
    pagesUsedOfChunk = new int[chunks];
  }

  /** The order of the smallest run that holds this many bytes. */
  static int orderFor(final int bytes) {
    final int pages = Math.ceilDiv(Math.max(bytes, 1), PAGE_BYTES);
    return Integer.SIZE - Integer.numberOfLeadingZeros(pages - 1);
  }

  // ---- Allocation ----

  /** A free run of this order, touched memory before untouched; null if there is none. */
  @Nullable Extent allocate(final int order) {
    int found = order;
    while (found <= orderMax && firstFree[found] == NONE) {
      found++;
    }
    final int page;
    if (found <= orderMax) {
      page = firstFree[found];
      unlist(page, found);
    } else if (untouched < chunks) {
      page = untouched++ << orderMax;
      found = orderMax;
    } else {
      return null;
    }
    while (found > order) { // Keep the lower half, give the upper half back.
      found--;
      list(page + (1 << found), found);
    }
    final Extent extent = new Extent(page, order, ++generations);
    extents[page] = extent;
    count(extent, 1);
    return extent;
  }

  /** Takes back a run that nobody looks at any more, and joins it with its free neighbours. */
  void free(final Extent extent) {
    assert extents[extent.page] == extent : "freed twice";
    assert poison(extent);
    extents[extent.page] = null;
    count(extent, -1);
    int page = extent.page;
    int order = extent.order;
    while (order < orderMax && freeOrder[page ^ (1 << order)] == order) {
      unlist(page ^ (1 << order), order);
      page &= -(2 << order);
      order++;
    }
    list(page, order);
  }

  private void count(final Extent extent, final int sign) {
    final int pages = 1 << extent.order;
    final int chunk = extent.page >>> orderMax;
    if (sign > 0 && pagesUsedOfChunk[chunk] == 0) {
      chunksInUse++;
    }
    pagesUsedOfChunk[chunk] += sign * pages;
    if (sign < 0 && pagesUsedOfChunk[chunk] == 0) {
      chunksInUse--;
    }
    extentsInUse += sign;
    pagesInUse += (long) sign * pages;
  }

  private void list(final int page, final int order) {
    final int next = firstFree[order];
    freeOrder[page] = (byte) order;
    nextFree[page] = next;
    previousFree[page] = NONE;
    if (next != NONE) {
      previousFree[next] = page;
    }
    firstFree[order] = page;
  }

  private void unlist(final int page, final int order) {
    final int next = nextFree[page];
    final int previous = previousFree[page];
    freeOrder[page] = NOT_FREE;
    if (next != NONE) {
      previousFree[next] = previous;
    }
    if (previous != NONE) {
      nextFree[previous] = next;
    } else {
      firstFree[order] = next;
    }
  }

  // ---- Looking ----

  /** The extent that begins at this page; null if none does. */
  @Nullable Extent extentAt(final int page) {
    return extents[page];
  }

  /** How many pages the free run has that begins at this page; 0 if none does. */
  int freePagesAt(final int page) {
    return freeOrder[page] == NOT_FREE ? 0 : 1 << freeOrder[page];
  }

  /**
   * The extent of a token that holds a pin. Needs no lock: the array never moves, and the entry of
   * a pinned extent does not change.
   *
   * @throws IllegalArgumentException if this is no token of this pool
   * @throws IllegalStateException if the token was unpinned, as far as can be told
   */
  Extent extentOf(final long token) {
    final int page = (int) token - 1;
    if (page < 0 || page >= extents.length) {
      throw new IllegalArgumentException("not a token of this pool: " + Long.toHexString(token));
    }
    final Extent extent = extents[page];
    if (extent == null
        || extent.generation != (int) (token >>> Integer.SIZE)
        || extent.tokens == 0) {
      if (!bytes.scope().isAlive()) {
        throw new MemoryPoolException.PoolClosed();
      }
      throw new IllegalStateException("token " + Long.toHexString(token) + " was unpinned already");
    }
    return extent;
  }

  int extentsInUse() {
    return extentsInUse;
  }

  int chunksInUse() {
    return chunksInUse;
  }

  long bytesInUse() {
    return pagesInUse * PAGE_BYTES;
  }

  // ---- Memory ----

  /** The address of the extent's first byte. */
  long addressOf(final Extent extent) {
    return bytes.address() + extent.offset();
  }

  /** The first bytes of the extent, for writing. */
  MemorySegment writable(final Extent extent, final int length) {
    return bytes.asSlice(extent.offset(), length);
  }

  /** The first bytes of the extent, for reading. */
  MemorySegment readable(final Extent extent, final int length) {
    return writable(extent, length).asReadOnly();
  }

  /** Copies into the extent. */
  void copyIn(
      final Extent extent,
      final int offset,
      final MemorySegment source,
      final long sourceOffset,
      final int length) {
    MemorySegment.copy(source, sourceOffset, bytes, extent.offset() + offset, length);
  }

  /** Copies bytes from one extent to another. */
  void copy(
      final Extent from, final int offset, final Extent to, final int toOffset, final int length) {
    MemorySegment.copy(bytes, from.offset() + offset, bytes, to.offset() + toOffset, length);
  }

  /** Fills bytes {@code from} to {@code to} of the extent with zeros. */
  void zero(final Extent extent, final int from, final int to) {
    if (from < to) {
      bytes.asSlice(extent.offset() + from, to - from).fill((byte) 0);
    }
  }

  /** With assertions on, whoever reads an extent after his pin was gone reads nonsense. */
  private boolean poison(final Extent extent) {
    final int length = extent.block == null ? 0 : extent.block.length;
    writable(extent, Math.min(length, extent.capacity())).fill((byte) 0xDB);
    return true;
  }

  /**
   * Unmaps the region.
   *
   * @throws IllegalStateException if a native call is reading it
   */
  void close() {
    region.close();
  }
}
