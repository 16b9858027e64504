package dev.slabmount.core.state;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the versions of new blocks start. Every block starts 2^33 above the one before, and each
 * write to a block adds two, so a block that takes another's place never shows a version that a
 * flusher of the old one may still hold.
 *
 * <p>Any thread.
 */
public final class Versions {
  private static final long STRIDE = 1L << 33;

  private final AtomicLong last = new AtomicLong();

  /** The version that the next new block starts with. */
  public long next() {
    return last.addAndGet(STRIDE);
  }
}
