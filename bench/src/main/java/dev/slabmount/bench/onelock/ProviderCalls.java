package dev.slabmount.bench.onelock;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.PageProvider;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;

/**
 * Calls providers, checks what they answer, and turns what they throw into the pool's exceptions.
 *
 * <p>Any thread, without the lock.
 */
final class ProviderCalls {
  /** In place of a length: ask the provider. */
  static final int ASK_PROVIDER = -1;

  private final BuddyMemory memory;
  private final int blockSize;

  ProviderCalls(final PoolState state) {
    this.memory = state.memory;
    this.blockSize = state.config.blockSize();
  }

  /** How many bytes to claim for this block. */
  int capacity(final BlockKey key, final int lengthOrAsk, final BlockContentProvider provider) {
    final int length = lengthOrAsk == ASK_PROVIDER ? provider.maxLength(key) : lengthOrAsk;
    if (length < 0) {
      throw new MemoryPoolException.RetrievalFailed(
          key, new IllegalArgumentException("the provider's maxLength is " + length));
    }
    return Math.min(length, blockSize);
  }

  /** Runs the provider. What it throws becomes {@code RetrievalFailed}, except an {@link Error}. */
  int load(
      final BlockKey key,
      final Extent extent,
      final int capacity,
      final BlockContentProvider provider) {
    final int length;
    try {
      length = provider.load(key, memory.writable(extent, capacity));
    } catch (final Exception e) {
      if (isInterruption(e)) {
        Thread.currentThread().interrupt();
      }
      throw new MemoryPoolException.RetrievalFailed(key, e);
    }
    if (length < 0 || length > capacity) {
      throw new MemoryPoolException.RetrievalFailed(
          key,
          new IllegalStateException(
              "the provider says it wrote " + length + " bytes into " + capacity));
    }
    return length;
  }

  /** The same for a provider of pages. */
  static void loadPages(
      final BlockKey key,
      final int offset,
      final MemorySegment pages,
      final PageProvider provider) {
    try {
      provider.load(key, offset, pages);
    } catch (final Exception e) {
      if (isInterruption(e)) {
        Thread.currentThread().interrupt();
      }
      throw new MemoryPoolException.RetrievalFailed(key, e);
    }
  }

  private static boolean isInterruption(final Exception e) {
    return e instanceof ClosedByInterruptException
        || e instanceof MemoryPoolException.WaitInterrupted
        || e.getClass() == InterruptedIOException.class;
  }
}
