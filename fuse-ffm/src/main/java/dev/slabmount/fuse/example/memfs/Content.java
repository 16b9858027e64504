package dev.slabmount.fuse.example.memfs;

import static dev.slabmount.fuse.example.memfs.FileMemory.EXTENT_BYTES;
import static dev.slabmount.fuse.example.memfs.FileMemory.PAGE_BYTES;

import dev.slabmount.fuse.Slices;
import dev.slabmount.nativebindings.Libc;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one file, outside the heap. What was never written, or was punched out, is a hole:
 * it reads as zeros and takes no memory.
 *
 * <p>A file that fits into a page has that page. A larger one has a table with a word for each
 * extent ({@link ExtentTable}):
 *
 * <pre>
 *   word:  63   number of the extent + 1, 0: none   16 | 15   one bit for each page that is there   0
 * </pre>
 *
 * <p>Of a page that is there, bytes beyond the end of the file are zero, so that a file can grow
 * over them. How long the file is, {@link Node} knows. Guarded by the lock of the node: methods
 * that change need it exclusively. Reading and overwriting allocate nothing.
 */
final class Content {
  /** No file is longer: the table of a file that is all there would be some hundred megabytes. */
  static final long MAX_BYTES = 1L << 44;

  private static final int EXTENT_SHIFT = 16;
  private static final int PAGE_SHIFT = 12;
  private static final long ALL_PAGES = 0xFFFF;
  private static final int UNITS_PER_PAGE = PAGE_BYTES / 512;

  private final FileMemory memory;
  private int single = Pieces.NONE;
  private ExtentTable table = ExtentTable.NONE;
  private long pages;

  Content(FileMemory memory) {
    this.memory = memory;
  }

  /** Allocated units of 512 bytes. */
  long units() {
    return pages * UNITS_PER_PAGE;
  }

  /** Adds the memory of {@code length} bytes from {@code offset} on, holes as zeros. */
  void addTo(Slices slices, long offset, int length) {
    for (int done = 0; done < length; ) {
      long at = offset + done;
      int count = run(at, length - done);
      long address = address(at);
      slices.add(address == 0 ? memory.zeros() : address, count);
      done += count;
    }
  }

  /**
   * Copies bytes in.
   *
   * @return how many were taken; fewer than {@code length} if there is no more room
   */
  int write(long offset, long source, int length) {
    for (int done = 0; done < length; ) {
      long at = offset + done;
      int count = Math.min(length - done, EXTENT_BYTES - inExtent(at));
      long to = claim(at, count);
      if (to == 0) {
        return done;
      }
      Libc.copy(to, source + done, count);
      done += count;
    }
    return length;
  }

  /**
   * Copies bytes of a file in, which may be this one if the two ranges do not overlap.
   *
   * @return as {@link #write}
   */
  int copyFrom(Content from, long fromOffset, long offset, int length) {
    if (offset + length > PAGE_BYTES && !leaveSingle()) {
      return 0; // nothing moves any more while we copy
    }
    for (int done = 0; done < length; ) {
      long at = fromOffset + done;
      int count = from.run(at, length - done);
      long address = from.address(at);
      int written = write(offset + done, address == 0 ? memory.zeros() : address, count);
      done += written;
      if (written < count) {
        return done;
      }
    }
    return length;
  }

  /**
   * Makes every page of a range be there; false if there is no room for all of them, which is known
   * before anything changes unless others take the last of it meanwhile.
   */
  boolean allocate(long offset, long end) {
    if (missing(offset, end) > memory.freeBytes()) {
      return false;
    }
    for (long at = offset & -PAGE_BYTES; at < end; at += PAGE_BYTES) {
      if (address(at) == 0) {
        long page = claim(at, PAGE_BYTES);
        if (page == 0) {
          return false;
        }
        Libc.zero(page, PAGE_BYTES);
      }
    }
    return true;
  }

  /** How much memory it takes to have all of a range; no less than all there is, if it is more. */
  private long missing(long offset, long end) {
    if (table == ExtentTable.NONE && end <= PAGE_BYTES) {
      return single == Pieces.NONE ? PAGE_BYTES : 0;
    }
    long most = memory.freeBytes();
    long missing = single == Pieces.NONE || offset < EXTENT_BYTES ? 0 : EXTENT_BYTES;
    for (long at = offset; at < end && missing <= most; at += EXTENT_BYTES - inExtent(at)) {
      missing += table.word(at >>> EXTENT_SHIFT) == 0 ? EXTENT_BYTES : 0;
    }
    return missing;
  }

  /** Makes zeros of what is there of a range. */
  void zero(long offset, long end) {
    for (long at = offset; at < end; ) {
      int count = run(at, (int) Math.min(end - at, EXTENT_BYTES));
      long address = address(at);
      if (address != 0) {
        Libc.zero(address, count);
      }
      at += count;
    }
  }

  /** Makes a range zeros: its whole pages become holes. Any end beyond the file's is good. */
  void punch(long offset, long end) {
    if (single != Pieces.NONE) {
      punchSingle(offset, end);
    }
    long last = Math.min(end, table.end() << EXTENT_SHIFT);
    for (long at = offset; at < last; ) {
      long index = at >>> EXTENT_SHIFT;
      long next = table.skipNothing(index);
      if (next > index) {
        at = next << EXTENT_SHIFT;
      } else {
        int within = inExtent(at);
        int count = (int) Math.min(last - at, EXTENT_BYTES - within);
        punchExtent(index, within, within + count);
        at += count;
      }
    }
  }

  /** Gives all memory back. */
  void clear() {
    punch(0, Long.MAX_VALUE);
    table.giveBack();
    table = ExtentTable.NONE;
  }

  /** The first place from {@code offset} on that is data, or a hole; {@code size} if none is. */
  long seek(long offset, long size, boolean data) {
    long at = offset;
    while (at < size) {
      long end = endOfNothing(at);
      if (end > at) {
        if (!data) {
          return at;
        }
        at = end;
      } else if (address(at) != 0 == data) {
        return at;
      } else {
        at += run(at, (int) Math.min(size - at, EXTENT_BYTES));
      }
    }
    return size;
  }

  /** Where a stretch ends that has not even a table; {@code at} itself if it has one. */
  private long endOfNothing(long at) {
    if (single != Pieces.NONE) {
      return at < PAGE_BYTES ? at : Long.MAX_VALUE;
    }
    long index = at >>> EXTENT_SHIFT;
    if (index >= table.end()) {
      return Long.MAX_VALUE;
    }
    long next = table.skipNothing(index);
    return next > index ? next << EXTENT_SHIFT : at;
  }

  /** Where a byte lies; 0 in a hole. */
  private long address(long at) {
    if (single != Pieces.NONE) {
      return at < PAGE_BYTES ? memory.pageAddress(single) + at : 0;
    }
    long word = table.word(at >>> EXTENT_SHIFT);
    int within = inExtent(at);
    return (word >>> (within >>> PAGE_SHIFT) & 1) == 0 ? 0 : base(word) + within;
  }

  /**
   * How many bytes from a place on, at most to the end of its extent, are there as it is, or not.
   */
  private int run(long at, int atMost) {
    int within = inExtent(at);
    int end = Math.min(EXTENT_BYTES, within + Math.min(atMost, EXTENT_BYTES));
    if (single != Pieces.NONE) {
      return at < PAGE_BYTES ? Math.min(end, PAGE_BYTES) - within : end - within;
    }
    long there = table.word(at >>> EXTENT_SHIFT) & ALL_PAGES;
    if (there == ALL_PAGES || there == 0) {
      return end - within;
    }
    int page = within >>> PAGE_SHIFT;
    long differs = (there >>> page & 1) == 0 ? there : ~there;
    int same = Long.numberOfTrailingZeros(differs >>> page);
    return Math.min(end, (page + same) << PAGE_SHIFT) - within;
  }

  /**
   * Makes a range inside one extent be there, for somebody who fills all of it: what is new around
   * it is zero. Returns where it lies, 0 if there is no room.
   */
  private long claim(long at, int count) {
    if (table == ExtentTable.NONE && at + count <= PAGE_BYTES) {
      return claimSingle((int) at, count);
    }
    if (!leaveSingle()) {
      return 0;
    }
    long index = at >>> EXTENT_SHIFT;
    long[] leaf = leaf(index);
    if (leaf == null) {
      return 0;
    }
    int inLeaf = (int) index & (ExtentTable.LEAF - 1);
    long word = leaf[inLeaf];
    if (word == 0) {
      int extent = memory.takeExtent();
      if (extent == Pieces.NONE) {
        return 0;
      }
      word = (extent + 1L) << 16;
    }
    int within = inExtent(at);
    int end = within + count;
    long wanted = pagesOf(within >>> PAGE_SHIFT, (end + PAGE_BYTES - 1) >>> PAGE_SHIFT);
    long base = base(word);
    if ((word & wanted) != wanted) {
      zeroAround(word, base, within, end);
      pages += Long.bitCount(wanted & ~word);
      word |= wanted;
    }
    leaf[inLeaf] = word;
    return base + within;
  }

  private static void zeroAround(long word, long base, int within, int end) {
    int before = within & (PAGE_BYTES - 1);
    if (before != 0 && (word >>> (within >>> PAGE_SHIFT) & 1) == 0) {
      Libc.zero(base + within - before, before);
    }
    int after = -end & (PAGE_BYTES - 1);
    if (after != 0 && (word >>> (end >>> PAGE_SHIFT) & 1) == 0) {
      Libc.zero(base + end, after);
    }
  }

  private long claimSingle(int at, int count) {
    if (single == Pieces.NONE) {
      int page = memory.takePage();
      if (page == Pieces.NONE) {
        return 0;
      }
      long address = memory.pageAddress(page);
      Libc.zero(address, at);
      Libc.zero(address + at + count, PAGE_BYTES - at - count);
      single = page;
      pages = 1;
    }
    return memory.pageAddress(single) + at;
  }

  /** The file outgrows its single page; false if there is no room. */
  private boolean leaveSingle() {
    if (single == Pieces.NONE) {
      return true;
    }
    long[] leaf = leaf(0);
    int extent = leaf == null ? Pieces.NONE : memory.takeExtent();
    if (leaf == null || extent == Pieces.NONE) {
      return false;
    }
    Libc.copy(memory.extentAddress(extent), memory.pageAddress(single), PAGE_BYTES);
    leaf[0] = (extent + 1L) << 16 | 1;
    memory.givePage(single);
    single = Pieces.NONE;
    return true;
  }

  /** The leaf of the table that holds the word of an extent; null if there is no room. */
  private long @Nullable [] leaf(long index) {
    if (table == ExtentTable.NONE) {
      table = new ExtentTable(memory.heap());
    }
    return table.leaf(index);
  }

  private void punchSingle(long offset, long end) {
    if (offset >= PAGE_BYTES || offset >= end) {
      return;
    }
    if (offset == 0 && end >= PAGE_BYTES) {
      memory.givePage(single);
      single = Pieces.NONE;
      pages = 0;
    } else {
      Libc.zero(memory.pageAddress(single) + offset, Math.min(end, PAGE_BYTES) - offset);
    }
  }

  private void punchExtent(long index, int from, int end) {
    long word = table.word(index);
    if (word == 0) {
      return;
    }
    int first = (from + PAGE_BYTES - 1) >>> PAGE_SHIFT;
    int last = end >>> PAGE_SHIFT;
    zeroIfThere(word, from, Math.min(end, first << PAGE_SHIFT));
    if (last >= first) {
      zeroIfThere(word, last << PAGE_SHIFT, end);
      long gone = pagesOf(first, last);
      pages -= Long.bitCount(word & gone);
      word &= ~gone;
    }
    if ((word & ALL_PAGES) == 0) {
      memory.giveExtent(extent(word));
      word = 0;
    }
    table.set(index, word);
  }

  /** Both ends lie in one page. */
  private void zeroIfThere(long word, int from, int end) {
    if (end > from && (word >>> (from >>> PAGE_SHIFT) & 1) != 0) {
      Libc.zero(base(word) + from, end - from);
    }
  }

  private long base(long word) {
    return memory.extentAddress(extent(word));
  }

  private static int extent(long word) {
    return (int) (word >>> 16) - 1;
  }

  /** A bit for each page from {@code first} to the one before {@code end}. */
  private static long pagesOf(int first, int end) {
    return (1L << end) - (1L << first);
  }

  private static int inExtent(long at) {
    return (int) at & (EXTENT_BYTES - 1);
  }
}
