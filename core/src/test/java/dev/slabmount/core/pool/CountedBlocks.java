package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Blocks of one inode that count how often they were written, beside the figures of what was
 * acknowledged and a store that they are flushed to. No acknowledged write may ever be missing, and
 * no reader may see half of one.
 *
 * <pre>
 *   0         8            16                     length
 *   | counter | block no.  | mix(block, counter) ... |      every further long the same
 * </pre>
 */
final class CountedBlocks {
  static final long INODE = 77;
  private static final int HEADER = 16;

  private final MemoryPool pool;
  private final AtomicLongArray acknowledged;
  private final AtomicReferenceArray<byte[]> store;

  CountedBlocks(final MemoryPool pool, final int count) {
    this.pool = pool;
    acknowledged = new AtomicLongArray(count);
    store = new AtomicReferenceArray<>(count);
    for (int block = 0; block < count; block++) {
      final byte[] first = new byte[HEADER];
      fill(MemorySegment.ofArray(first), block, 0, HEADER);
      store.set(block, first);
    }
  }

  int count() {
    return acknowledged.length();
  }

  long writes() {
    long sum = 0;
    for (int block = 0; block < count(); block++) {
      sum += acknowledged.get(block);
    }
    return sum;
  }

  /** Adds one to a block's counter and gives it another length. */
  void write(final int block, final int length) {
    final BlockModifier modifier =
        (memory, before) -> {
          final long counter = check(memory.asSlice(0, before), block);
          if (ThreadLocalRandom.current().nextInt(50) == 0) {
            throw new Planned();
          }
          fill(memory, block, counter + 1, length);
          return length;
        };
    while (true) {
      try {
        pool.modifyDirtyInPlace(INODE, block, length, modifier);
        acknowledged.incrementAndGet(block);
        return;
      } catch (final MemoryPoolException.BlockNotFound e) {
        pool.acquireDirty(INODE, block, this::load).close();
      } catch (final Planned e) {
        return;
      }
    }
  }

  /** Reads a block, which must be whole and contain all that was acknowledged before. */
  void read(final int block) {
    final long before = acknowledged.get(block);
    try (MutableBlockHandle handle = pool.acquireDirty(INODE, block, this::load)) {
      final long counter = handle.withData(memory -> check(memory, block));
      if (counter < before) {
        throw new AssertionError(
            "block " + block + " shows " + counter + " of " + before + " acknowledged writes");
      }
    }
  }

  /** Copies a block to the store, and marks the version flushed that was copied. One thread. */
  void flush(final int block) {
    try (MutableBlockHandle handle = pool.getDirty(INODE, block)) {
      if (handle != null) {
        final long[] version = new long[1];
        final byte[] bytes =
            handle.withData(memory -> {
              check(memory, block);
              version[0] = handle.version();
              return memory.toArray(ValueLayout.JAVA_BYTE);
            });
        store.set(block, bytes);
        pool.markFlushed(INODE, block, version[0]);
      }
    }
  }

  /** Once all is quiet: every acknowledged write is there, and nothing else. */
  void checkAll() {
    for (int block = 0; block < count(); block++) {
      final int number = block;
      try (MutableBlockHandle handle = pool.getDirty(INODE, block)) {
        final long counter =
            handle == null
                ? check(MemorySegment.ofArray(store.get(block)), block)
                : handle.withData(memory -> check(memory, number));
        if (counter != acknowledged.get(block)) {
          throw new AssertionError(
              "block "
                  + block
                  + " has counted "
                  + counter
                  + " of "
                  + acknowledged.get(block)
                  + " acknowledged writes");
        }
      }
    }
  }

  private int load(final BlockKey key, final MemorySegment slot) {
    final byte[] bytes = store.get(key.block());
    MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes.length;
  }

  private static void fill(
      final MemorySegment memory, final int block, final long counter, final int length) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, counter);
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, block);
    for (int at = HEADER; at < length; at += 8) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, stamp(block, counter));
    }
  }

  /** Checks that the block is whole and this one; returns its counter. */
  private static long check(final MemorySegment memory, final int block) {
    final long counter = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    if (memory.get(ValueLayout.JAVA_LONG_UNALIGNED, 8) != block) {
      throw new AssertionError("block " + block + " holds another block");
    }
    for (long at = HEADER; at < memory.byteSize(); at += 8) {
      if (memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != stamp(block, counter)) {
        throw new AssertionError("block " + block + " is torn at " + at);
      }
    }
    return counter;
  }

  private static long stamp(final int block, final long counter) {
    return (counter * 31 + block) * 0x9E3779B97F4A7C15L;
  }

  /** A modifier's failure, before it changed anything. */
  private static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planned() {
      super("planned", null, false, false);
    }
  }
}
