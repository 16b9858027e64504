package dev.slabmount.core.slab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The address space of one pool: block memory, and an array of its own for the headers. Reserved at
 * creation, backed by pages when touched, given back in one piece at {@link #close}.
 *
 * <p>Any thread.
 */
public final class SlabRegion implements AutoCloseable {
  /** Huge pages are 2 MiB on x86-64, and on aarch64 with 4 KiB pages. */
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private static final long PAGE_BYTES = 4096;

  private final Arena arena;
  private final MemorySegment blocks;
  private final MemorySegment headers;

  /**
   * Reserves both ranges.
   *
   * @param blockBytes block memory, a multiple of 4096
   * @param headerBytes memory for headers
   * @param hugePages whether to ask for huge pages under the blocks
   * @throws ReservationException if the system refuses
   */
  @SuppressWarnings("MustBeClosedChecker") // Closed by close(), with this.
  public SlabRegion(final long blockBytes, final long headerBytes, final boolean hugePages) {
    final long alignment =
        hugePages && blockBytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : PAGE_BYTES;
    arena = Arena.ofShared();
    try {
      blocks = NativeMemory.reserve(blockBytes, alignment, arena);
      headers = NativeMemory.reserve(roundUpToPage(headerBytes), PAGE_BYTES, arena);
      if (alignment == HUGE_PAGE_BYTES) {
        NativeMemory.adviseHugePages(blocks);
      }
    } catch (final Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** All block memory. Its first byte is 4 KiB-aligned. */
  public MemorySegment blocks() {
    return blocks;
  }

  /** All headers; zero until written. */
  public MemorySegment headers() {
    return headers;
  }

  /**
   * Unmaps both ranges. Java code that still holds a segment of them gets an {@link
   * IllegalStateException} from then on; a raw address must not be used any more.
   *
   * @throws IllegalStateException if closed already
   */
  @Override
  public void close() {
    arena.close();
  }

  private static long roundUpToPage(final long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }
}
