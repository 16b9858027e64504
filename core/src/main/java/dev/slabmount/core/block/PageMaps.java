package dev.slabmount.core.block;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Two bits for each page of the pool's memory: whether its bytes are valid, and whether they need
 * flushing. Pages are numbered from the start of the block memory, so a slot's pages are
 * neighbours, and their bits need no pointer from the header.
 *
 * <pre>
 *   0        8        16 bytes
 *   +--------+--------+--------+--------+-- ...
 *   | valid  | flush  | valid  | flush  |
 *   +--------+--------+--------+--------+-- ...
 *     pages 0 to 63     pages 64 to 127
 * </pre>
 *
 * <p>Slots of different blocks share words, so bits are changed by atomic or and and. A bit that is
 * as wanted is left alone: most writes go to pages that are valid and need flushing already, and
 * then cost no atomic operation. That is sound because of who may change what:
 *
 * <ul>
 *   <li>the thread that owns a slot, before it publishes and after it unlinked it;
 *   <li>whoever is in the block's content latch as its writer: every bit;
 *   <li>whoever is in the latch as a reader and holds the lock of the shard that lists the slot for
 *       writing: only the flush bits. So it never overlaps with a writer, which relies on a bit
 *       that it saw set; nor with another such reader, who looks at the bits to decide about the
 *       block's flag.
 * </ul>
 *
 * Anyone who holds a pin may look, and a writer in the latch; what was written to a page before its
 * valid bit was set is then visible.
 */
public final class PageMaps {
  /** Bytes in a page. */
  public static final int PAGE_BYTES = 4096;

  private static final int VALID_OFFSET = 0;
  private static final int FLUSH_OFFSET = Long.BYTES;
  private static final int ENTRY_BYTES = 2 * Long.BYTES;

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

  private final MemorySegment maps;

  /** Maps in this memory, which must be 8-byte aligned and zero: no page is valid. */
  public PageMaps(final MemorySegment maps) {
    this.maps = maps;
  }

  /** Bytes that the maps of this many pages take. */
  public static long bytesFor(final long pages) {
    return (pages + Long.SIZE - 1) / Long.SIZE * ENTRY_BYTES;
  }

  // ---- Valid ----

  /** Whether all pages from {@code from} up to {@code to} are valid. */
  public boolean allValid(final long from, final long to) {
    return firstMissing(from, to) == to;
  }

  /** The first page of the range that is not valid, or {@code to}. */
  public long firstMissing(final long from, final long to) {
    return first(VALID_OFFSET, -1L, from, to);
  }

  /** The first page of the range that is valid, or {@code to}. */
  public long firstValid(final long from, final long to) {
    return first(VALID_OFFSET, 0L, from, to);
  }

  /** Makes these pages valid. */
  public void setValid(final long from, final long to) {
    set(VALID_OFFSET, from, to);
  }

  // ---- To be flushed ----

  /** Whether any of these pages needs flushing. */
  public boolean anyToFlush(final long from, final long to) {
    return first(FLUSH_OFFSET, 0L, from, to) != to;
  }

  /** The first page of the range that needs flushing, or {@code to}. */
  public long firstToFlush(final long from, final long to) {
    return first(FLUSH_OFFSET, 0L, from, to);
  }

  /**
   * Whether all pages from {@code first} to {@code last} are valid and to be flushed; may say no of
   * pages that do not lie between two multiples of 64.
   */
  public boolean areWritten(final long first, final long last) {
    if (first / Long.SIZE != last / Long.SIZE) {
      return false;
    }
    final long mask = -1L << first & -1L >>> ~last;
    final long entry = offset(VALID_OFFSET, first);
    return (get(entry) & get(entry + FLUSH_OFFSET) & mask) == mask;
  }

  /** Makes these pages valid and to be flushed. */
  public void setWritten(final long from, final long to) {
    set(VALID_OFFSET, from, to);
    set(FLUSH_OFFSET, from, to);
  }

  /** Makes those of these pages need flushing that are valid. */
  public void setValidToFlush(final long from, final long to) {
    for (long page = from; page < to; page = nextWord(page, to)) {
      or(offset(FLUSH_OFFSET, page), get(offset(VALID_OFFSET, page)) & mask(page, to));
    }
  }

  /** Makes these pages not need flushing. */
  public void clearToFlush(final long from, final long to) {
    clear(FLUSH_OFFSET, from, to);
  }

  /** Makes these pages neither valid nor to be flushed. */
  public void forget(final long from, final long to) {
    clear(FLUSH_OFFSET, from, to); // First: what needs flushing is valid.
    clear(VALID_OFFSET, from, to);
  }

  /**
   * Makes these pages not need flushing; returns which of them did: bit {@code i % 64} of element
   * {@code i / 64} for page {@code from + i}.
   */
  public long[] takeToFlush(final long from, final long to) {
    final long[] taken = new long[(int) ((to - from + Long.SIZE - 1) / Long.SIZE)];
    for (long page = from; page < to; page = nextWord(page, to)) {
      final long mask = mask(page, to);
      final long bits = and(offset(FLUSH_OFFSET, page), ~mask) & mask;
      putBits(taken, (int) (page - from), bits >>> bit(page));
    }
    return taken;
  }

  /** Makes those of the taken pages need flushing again that are valid. */
  public void putBackToFlush(final long from, final long to, final long[] taken) {
    for (long page = from; page < to; page = nextWord(page, to)) {
      final long bits = getBits(taken, (int) (page - from)) << bit(page) & mask(page, to);
      or(offset(FLUSH_OFFSET, page), get(offset(VALID_OFFSET, page)) & bits);
    }
  }

  // ---- Both ----

  /** Gives the pages from {@code target} on the state of those of a range. */
  public void copy(final long from, final long to, final long target) {
    for (long page = from; page < to; page++) {
      final long copy = target + (page - from);
      copyBit(VALID_OFFSET, page, copy);
      copyBit(FLUSH_OFFSET, page, copy);
    }
  }

  private void copyBit(final int map, final long page, final long copy) {
    final boolean up = (get(offset(map, page)) & (1L << page)) != 0;
    if (up) {
      set(map, copy, copy + 1);
    } else {
      clear(map, copy, copy + 1);
    }
  }

  private void set(final int map, final long from, final long to) {
    for (long page = from; page < to; page = nextWord(page, to)) {
      or(offset(map, page), mask(page, to));
    }
  }

  private void clear(final int map, final long from, final long to) {
    for (long page = from; page < to; page = nextWord(page, to)) {
      and(offset(map, page), ~mask(page, to));
    }
  }

  /** The first page whose bit differs from those of {@code word}, or {@code to}. */
  private long first(final int map, final long word, final long from, final long to) {
    for (long page = from; page < to; page = nextWord(page, to)) {
      final long different = (get(offset(map, page)) ^ word) & mask(page, to);
      if (different != 0) {
        return (page & -Long.SIZE) + Long.numberOfTrailingZeros(different);
      }
    }
    return to;
  }

  // ---- Words ----

  private long get(final long offset) {
    return (long) LONG.getAcquire(maps, offset);
  }

  private void or(final long offset, final long bits) {
    if ((get(offset) & bits) != bits) {
      final long ignored = (long) LONG.getAndBitwiseOr(maps, offset, bits);
    }
  }

  /** Returns the word that was there. */
  private long and(final long offset, final long bits) {
    final long word = get(offset);
    return (word & ~bits) == 0 ? word : (long) LONG.getAndBitwiseAnd(maps, offset, bits);
  }

  private static long offset(final int map, final long page) {
    return page / Long.SIZE * ENTRY_BYTES + map;
  }

  private static int bit(final long page) {
    return (int) page & (Long.SIZE - 1);
  }

  /**
   * The bits of the pages from {@code page} up to {@code to} that lie in the word of {@code page}.
   */
  private static long mask(final long page, final long to) {
    final long bits = -1L << page;
    return to >= nextWord(page, Long.MAX_VALUE) ? bits : bits & ~(-1L << to);
  }

  /** The first page of the next word, or {@code to} if that comes earlier. */
  private static long nextWord(final long page, final long to) {
    return Math.min((page & -Long.SIZE) + Long.SIZE, to);
  }

  private static void putBits(final long[] words, final int at, final long bits) {
    final int bit = at & (Long.SIZE - 1);
    words[at / Long.SIZE] |= bits << bit;
    if (bit > 0 && at / Long.SIZE + 1 < words.length) {
      words[at / Long.SIZE + 1] |= bits >>> (Long.SIZE - bit);
    }
  }

  private static long getBits(final long[] words, final int at) {
    final int bit = at & (Long.SIZE - 1);
    long bits = words[at / Long.SIZE] >>> bit;
    if (bit > 0 && at / Long.SIZE + 1 < words.length) {
      bits |= words[at / Long.SIZE + 1] << (Long.SIZE - bit);
    }
    return bits;
  }
}
