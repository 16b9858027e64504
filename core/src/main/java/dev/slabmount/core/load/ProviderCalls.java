package dev.slabmount.core.load;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.PageProvider;
import dev.slabmount.core.slot.SlotTable;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;

/**
 * Calls providers, believes nothing that they say without a check, and turns what they throw into
 * the pool's exceptions.
 *
 * <p>Any thread.
 */
public final class ProviderCalls {
  /** In place of a length: ask the provider. */
  public static final int ASK_PROVIDER = -1;

  private final SlotTable table;
  private final int blockSize;

  ProviderCalls(final SlotTable table, final int blockSize) {
    this.table = table;
    this.blockSize = blockSize;
  }

  /** How many bytes the slot for this block must hold. */
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
      final BlockKey key, final int slot, final int capacity, final BlockContentProvider provider) {
    final int length;
    try {
      length = provider.load(key, table.writable(slot, capacity));
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

  /** Runs a provider of pages; what it throws becomes {@code RetrievalFailed} likewise. */
  public static void loadPages(
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

  /** Whether the loading thread was told to stop; a timeout of a socket does not count. */
  private static boolean isInterruption(final Exception e) {
    return e instanceof ClosedByInterruptException
        || e instanceof MemoryPoolException.WaitInterrupted
        || e.getClass() == InterruptedIOException.class;
  }
}
