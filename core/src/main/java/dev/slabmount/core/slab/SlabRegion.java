package dev.slabmount.core.slab;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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

  /** What a thread touches before it looks for more: some milliseconds of work. */
  private static final long PREFAULT_CHUNK_BYTES = 32L << 20;

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

  /**
   * Touches every page of the block memory, so that no later write waits for the kernel to find and
   * clear one. To be called before anybody else uses the memory: it writes zeros.
   *
   * <p>Several threads share the work, because clearing pages is what takes the time; each takes
   * the next {@value #PREFAULT_CHUNK_BYTES} bytes, and nobody touches another's. If the system has
   * too little memory it ends the process, as with any other memory that is written to.
   *
   * @param threads how many, at least one; this call returns when all have ended
   */
  public void prefault(final int threads) {
    final AtomicLong next = new AtomicLong();
    final @Nullable Thread[] helpers = new Thread[threads - 1];
    boolean interrupted = false;
    try {
      for (int i = 0; i < helpers.length; i++) {
        helpers[i] =
            Thread.ofPlatform().name("slabmount-prefault-" + i).start(() -> touchChunks(next));
      }
      touchChunks(next);
    } finally { // Also if the system refused one: nobody touches the memory after this call.
      for (final Thread helper : helpers) {
        interrupted |= helper != null && joinUninterruptibly(helper);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void touchChunks(final AtomicLong next) {
    final long bytes = blocks.byteSize();
    for (long from = next.getAndAdd(PREFAULT_CHUNK_BYTES);
        from < bytes;
        from = next.getAndAdd(PREFAULT_CHUNK_BYTES)) {
      final long to = Math.min(bytes, from + PREFAULT_CHUNK_BYTES);
      for (long at = from; at < to; at += PAGE_BYTES) {
        blocks.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
      }
    }
  }

  private static boolean joinUninterruptibly(final Thread thread) {
    boolean interrupted = false;
    for (; ; ) {
      try {
        thread.join();
        return interrupted;
      } catch (final InterruptedException e) {
        interrupted = true;
      }
    }
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
