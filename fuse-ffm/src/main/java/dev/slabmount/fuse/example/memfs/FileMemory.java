package dev.slabmount.fuse.example.memfs;

import dev.slabmount.nativebindings.Libc;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of all files' content: pages for small files, extents for the others, a limit for
 * both, and zeros to answer holes with.
 *
 * <p>Thread-safe; two files meet only in a counter and at the top of a stack.
 */
final class FileMemory {
  /** Bytes in a page: what is there or a hole. */
  static final int PAGE_BYTES = 1 << 12;

  /** Bytes in an extent. */
  static final int EXTENT_BYTES = 1 << 16;

  private static final int PAGES_PER_CHUNK_SHIFT = 10; // 4 MiB
  private static final int EXTENTS_PER_CHUNK_SHIFT = 8; // 16 MiB

  private final Pieces pages = new Pieces(PAGE_BYTES, PAGES_PER_CHUNK_SHIFT);
  private final Pieces extents = new Pieces(EXTENT_BYTES, EXTENTS_PER_CHUNK_SHIFT);
  private final AtomicLong usedBytes = new AtomicLong();
  private final long limitBytes;
  private final HeapRoom heap;
  private final long zeros;

  /**
   * Creates memory that nothing uses.
   *
   * @param limitBytes how much all files together may take
   * @param heap where their tables take room from
   */
  FileMemory(long limitBytes, HeapRoom heap) {
    this.limitBytes = limitBytes;
    this.heap = heap;
    try (Arena arena = Arena.ofConfined()) {
      zeros = Libc.alignedAlloc(Libc.allocateErrno(arena), PAGE_BYTES, EXTENT_BYTES);
    }
    if (zeros == 0) {
      throw new OutOfMemoryError("no " + EXTENT_BYTES + " bytes for zeros");
    }
    Libc.zero(zeros, EXTENT_BYTES);
  }

  /** Takes a page, whose bytes are anything; {@link Pieces#NONE} if there is no room. */
  int takePage() {
    return take(pages, PAGE_BYTES);
  }

  /** Takes an extent, whose bytes are anything; {@link Pieces#NONE} if there is no room. */
  int takeExtent() {
    return take(extents, EXTENT_BYTES);
  }

  /** Gives a page back. */
  void givePage(int page) {
    pages.give(page);
    usedBytes.addAndGet(-PAGE_BYTES);
  }

  /** Gives an extent back. */
  void giveExtent(int extent) {
    extents.give(extent);
    usedBytes.addAndGet(-EXTENT_BYTES);
  }

  /** Where a page lies. */
  long pageAddress(int page) {
    return pages.address(page);
  }

  /** Where an extent lies. */
  long extentAddress(int extent) {
    return extents.address(extent);
  }

  /** {@link #EXTENT_BYTES} zeros that nobody writes to. */
  long zeros() {
    return zeros;
  }

  /** Where files' tables take room from. */
  HeapRoom heap() {
    return heap;
  }

  /** How much all files together may take. */
  long limitBytes() {
    return limitBytes;
  }

  /** How much they may still take. */
  long freeBytes() {
    return Math.max(0, limitBytes - usedBytes.get());
  }

  /** Gives all memory back to the system; none of it may be used any more. */
  void close() {
    pages.close();
    extents.close();
    Libc.free(zeros);
  }

  private int take(Pieces from, int bytes) {
    long used;
    do {
      used = usedBytes.get();
      if (bytes > limitBytes - used) {
        return Pieces.NONE;
      }
    } while (!usedBytes.compareAndSet(used, used + bytes));
    int piece = Pieces.NONE;
    try {
      piece = from.take();
      return piece;
    } finally {
      if (piece == Pieces.NONE) {
        usedBytes.addAndGet(-bytes);
      }
    }
  }
}
