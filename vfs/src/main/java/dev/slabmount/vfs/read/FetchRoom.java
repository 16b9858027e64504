package dev.slabmount.vfs.read;

import java.util.concurrent.Semaphore;

/**
 * How much of the pool fetches under way may hold, so that those that hang leave room for others:
 * blocks of up to 64 KiB a quarter of the pool, larger ones half of it, and each at least one
 * block. The rest is left to blocks that were fetched. So a store that hangs for many large objects
 * keeps small ones from nothing, and blocks that are in the pool stay there.
 *
 * <p>Any thread.
 */
final class FetchRoom {

  private static final int SMALL_BYTES = 64 << 10;

  /** What is counted: the smallest slot of a pool. */
  private static final int UNIT_BYTES = 4 << 10;

  private final Semaphore small;
  private final Semaphore large;

  /** The room that a pool of so many bytes gives. */
  FetchRoom(final long poolBytes, final int blockSize) {
    small = new Semaphore(units(Math.max(SMALL_BYTES, poolBytes / 4)));
    large = new Semaphore(units(Math.max(blockSize, poolBytes / 2)));
  }

  /** Takes room for a block, waiting for it if need be; to be given back by {@link #leave}. */
  void enter(final int bytes) throws InterruptedException {
    of(bytes).acquire(units(bytes));
  }

  /** Takes room for a block if there is some and nobody waits for it. */
  boolean tryEnter(final int bytes) {
    return !of(bytes).hasQueuedThreads() && of(bytes).tryAcquire(units(bytes));
  }

  void leave(final int bytes) {
    of(bytes).release(units(bytes));
  }

  private Semaphore of(final int bytes) {
    return bytes <= SMALL_BYTES ? small : large;
  }

  /** At most 2^29 for the largest pool there may be. */
  private static int units(final long bytes) {
    return Math.toIntExact((bytes + UNIT_BYTES - 1) / UNIT_BYTES);
  }
}
