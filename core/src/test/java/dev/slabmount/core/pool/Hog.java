package dev.slabmount.core.pool;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes all the room that a pool has left and pins everything that is in it, so that the next claim
 * fails as it does when the pool is exhausted: for that reason, and not because a test said so.
 */
final class Hog implements AutoCloseable {
  private static final long HIGH = 0xB0A;

  private final MemoryPool pool;
  private final List<Long> pins = new ArrayList<>();
  private long next;

  /** Takes all room of the pool, whose present blocks are among these. */
  Hog(final MemoryPool pool, final Iterable<BlockKey> present) {
    this.pool = pool;
    for (final BlockKey key : present) {
      final long token =
          key.inodeKeyed()
              ? pool.pinDirty(key.inode(), key.block())
              : pool.pin(key.high(), key.low(), key.block());
      if (token != MemoryPool.NO_BLOCK) {
        pins.add(token);
      }
    }
    for (int bytes = pool.config().blockSize(); bytes >= Blocks.SLOT; bytes -= Blocks.SLOT) {
      takeAll(bytes);
    }
  }

  private void takeAll(final int bytes) {
    try {
      while (true) {
        pins.add(pool.pinOrLoad(HIGH, next++, 0, bytes, (key, slot) -> bytes));
      }
    } catch (final MemoryPoolException.PoolExhausted e) {
      // All of this size is taken.
    }
  }

  /** Gives everything back, and leaves nothing of its own behind. */
  @Override
  public void close() {
    pins.forEach(pool::unpin);
    for (long low = 0; low < next; low++) {
      pool.removeContentBlocks(HIGH, low);
    }
  }
}
