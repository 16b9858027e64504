package dev.slabmount.fuse.example.memfs;

import dev.slabmount.nativebindings.AnonymousMemory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of pieces of memory outside the heap, all of one size, known by number. It grows by whole
 * chunks and shrinks only at {@link #close}.
 *
 * <p>A chunk begins with a huge page and asks for such, where the system has them; each takes up
 * memory once it is written to. The kernel takes hold of the pages of every answer, and looks each
 * of them up: pieces that lie in one huge page share what it finds, which halves the cost of an
 * answer of 1 MiB.
 *
 * <p>The free pieces are a stack: its head holds the number of the top piece and counts changes, so
 * that a thread which was overtaken finds the head changed even if the same piece is on top again.
 *
 * <pre>
 *   head:  63      changes      32 | 31   number of the top piece + 1, 0: none   0
 * </pre>
 *
 * <p>Thread-safe; no lock but while it grows. Taking and giving allocates nothing.
 */
final class Pieces {
  /** Stands for no piece. */
  static final int NONE = -1;

  private static final long PAGE_BYTES = 1 << 12;
  private static final long HUGE_PAGE_BYTES = 1 << 21; // on x86-64; elsewhere no worse than any

  private final int pieceBytes;
  private final int chunkShift;
  private final AtomicLong head = new AtomicLong();
  private volatile Chunk[] chunks = {};

  /** A stretch of memory; its addresses are set before others see it. */
  private static final class Chunk {
    /** For each free piece, the next one below it plus 1. */
    final AtomicIntegerArray below;

    long address;

    /** Where what was mapped for it begins. */
    long mapped;

    Chunk(int count) {
      below = new AtomicIntegerArray(count);
    }
  }

  /**
   * Creates an empty pool.
   *
   * @param pieceBytes size of a piece, a multiple of 4096
   * @param chunkShift a chunk has {@code 1 << chunkShift} pieces
   */
  Pieces(int pieceBytes, int chunkShift) {
    this.pieceBytes = pieceBytes;
    this.chunkShift = chunkShift;
  }

  /** Takes a piece, whose bytes are anything; {@link #NONE} if the system has no memory. */
  int take() {
    while (true) {
      long seen = head.get();
      int top = (int) seen - 1;
      if (top == NONE) {
        if (!grow()) {
          return NONE;
        }
      } else if (head.compareAndSet(seen, changed(seen, chunk(top).below.get(inChunk(top))))) {
        return top;
      }
    }
  }

  /** Gives a piece back. */
  void give(int piece) {
    long seen;
    do {
      seen = head.get();
      chunk(piece).below.set(inChunk(piece), (int) seen);
    } while (!head.compareAndSet(seen, changed(seen, piece + 1)));
  }

  /** Where a piece lies. */
  long address(int piece) {
    return chunk(piece).address + (long) inChunk(piece) * pieceBytes;
  }

  /** Gives all memory back to the system; no piece may be used any more. */
  synchronized void close() {
    head.set(0);
    for (Chunk chunk : chunks) {
      AnonymousMemory.unmap(chunk.mapped, mappedBytes());
    }
    chunks = new Chunk[0];
  }

  private synchronized boolean grow() {
    if ((int) head.get() != 0) {
      return true; // another thread was faster
    }
    int count = 1 << chunkShift;
    Chunk chunk = new Chunk(count); // before it maps: a full heap shows here
    Chunk[] more = Arrays.copyOf(chunks, chunks.length + 1);
    more[chunks.length] = chunk;
    chunk.mapped = AnonymousMemory.map(mappedBytes());
    if (chunk.mapped == 0) {
      return false;
    }
    chunk.address = (chunk.mapped + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    AnonymousMemory.adviseHugePages(chunk.address, (long) count * pieceBytes);
    int first = chunks.length << chunkShift;
    for (int i = 0; i < count - 1; i++) {
      chunk.below.setPlain(i, first + i + 2);
    }
    chunks = more;
    long seen;
    do {
      seen = head.get();
      chunk.below.set(count - 1, (int) seen);
    } while (!head.compareAndSet(seen, changed(seen, first + 1)));
    return true;
  }

  /** With room to begin the chunk at a huge page. */
  private long mappedBytes() {
    return ((long) pieceBytes << chunkShift) + HUGE_PAGE_BYTES - PAGE_BYTES;
  }

  private static long changed(long before, int topPlusOne) {
    return ((before >>> 32) + 1) << 32 | topPlusOne;
  }

  private Chunk chunk(int piece) {
    return chunks[piece >>> chunkShift];
  }

  private int inChunk(int piece) {
    return piece & ((1 << chunkShift) - 1);
  }
}
