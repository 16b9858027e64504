package dev.slabmount.core.stress;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/**
 * Blocks that are replaced, grown, shrunk and removed all the time, also under the hands of their
 * holders. All bytes of one are equal, whatever happens. One thread.
 */
final class VolatileBlocks {
  private static final int INODES = 6;
  private static final int BLOCKS = 4;

  private final MemoryPool pool;
  private final int blockSize;
  private long cleared;
  private long refused;

  VolatileBlocks(final MemoryPool pool) {
    this.pool = pool;
    this.blockSize = pool.config().blockSize();
  }

  void trouble(final Random random) {
    final int inode = random.nextInt(INODES);
    final int block = random.nextInt(BLOCKS);
    switch (random.nextInt(7)) {
      case 0, 1, 2 -> replaceAndGrow(inode, block, random);
      case 3 -> pool.shrinkDirtyBlock(inode, block);
      case 4 -> pool.removeInodeBlocks(inode);
      case 5 -> removeHeld(inode, block);
      default -> clear();
    }
  }

  /** How often it asked for everything to be cleared. */
  long clears() {
    return cleared + refused;
  }

  private void replaceAndGrow(final int inode, final int block, final Random random) {
    final byte fill = (byte) random.nextInt();
    final byte[] bytes = new byte[random.nextInt(blockSize / 2)];
    Arrays.fill(bytes, fill);
    try (MutableBlockHandle handle = pool.insertDirty(inode, block, MemorySegment.ofArray(bytes))) {
      try {
        final int end = random.nextInt(blockSize);
        pool.modifyDirtyInPlace(inode, block, end, (memory, length) -> grow(memory, end, fill));
      } finally {
        handle.withData(memory -> requireEqual(memory, fill));
      }
    } finally {
      pool.markFlushed(inode, block);
    }
  }

  private void removeHeld(final int inode, final int block) {
    try (MutableBlockHandle handle = pool.getDirty(inode, block)) {
      if (handle != null) {
        pool.removeInodeBlocks(inode);
        handle.withData(memory ->
            memory.byteSize() == 0
                ? memory
                : requireEqual(memory, memory.get(ValueLayout.JAVA_BYTE, 0)));
      }
    }
  }

  private void clear() {
    try {
      pool.clear();
      cleared++;
    } catch (final MemoryPoolException.PoolExhausted e) {
      refused++;
    }
  }

  private static int grow(final MemorySegment memory, final int end, final byte fill) {
    memory.asSlice(0, end).fill(fill);
    return end;
  }

  private static MemorySegment requireEqual(final MemorySegment memory, final byte fill) {
    final byte[] expected = new byte[(int) memory.byteSize()];
    Arrays.fill(expected, fill);
    final long mismatch = MemorySegment.ofArray(expected).mismatch(memory);
    if (mismatch >= 0) {
      throw new AssertionError("a volatile block is torn at " + mismatch);
    }
    return memory;
  }
}
