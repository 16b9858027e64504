package dev.slabmount.core.pool;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A real pool for all states of a test, which tell themselves apart by inode number or content id.
 * It is so large that what some ten thousand states hold at a time fits.
 */
final class StressPool {
  private static final int BLOCK_BYTES = 16 << 10;
  private static final AtomicLong IDS = new AtomicLong();

  static final ShardedMemoryPool POOL =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder()
              .maxSize(1L << 30)
              .blockSize(BLOCK_BYTES)
              .roomWait(Duration.ofSeconds(1))
              .build());

  /** A long for each number that a block may be filled with, and one that fills a page. */
  private static final MemorySegment NUMBERS = Arena.global().allocate(ValueLayout.JAVA_LONG, 16);

  private StressPool() {}

  /** An inode number or content id that no other state has. */
  static long newId() {
    return IDS.incrementAndGet();
  }

  /** The eight bytes of a number from 0 to 15. */
  static MemorySegment number(final int number) {
    NUMBERS.setAtIndex(ValueLayout.JAVA_LONG, number, number);
    return NUMBERS.asSlice((long) number * Long.BYTES, Long.BYTES);
  }

  /** Inserts a block of eight bytes for this inode; returns its version. */
  static long insert(final long inode, final int number) {
    try (MutableBlockHandle handle = POOL.insertDirty(inode, 0, number(number))) {
      return handle.version();
    }
  }

  /** What the block of this inode holds, or -1 if there is none. */
  static long read(final long inode) {
    final long token = POOL.pinDirty(inode, 0);
    if (token == MemoryPool.NO_BLOCK) {
      return -1;
    }
    final long number = POOL.view(token).get(ValueLayout.JAVA_LONG, 0);
    POOL.unpin(token);
    return number;
  }

  /** Whether the block of this inode needs flushing. */
  static boolean needsFlush(final long inode) {
    final long token = POOL.pinDirty(inode, 0);
    final int slot = POOL.table().slotOf(token);
    final boolean up = BlockWord.has(POOL.table().words.wordAcquire(slot), BlockWord.NEEDS_FLUSH);
    POOL.unpin(token);
    return up;
  }
}
