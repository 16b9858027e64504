package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Blocks of one inode that are always written whole, with ever another length, and count how often:
 * the version of their {@linkplain Stamps stamp}. Beside them the figures of what was acknowledged
 * and a store that one thread flushes them to. No acknowledged write may ever be missing, and no
 * reader may see half of one.
 */
final class CountedBlocks {
  static final long INODE = 77;

  private final MemoryPool pool;
  private final AtomicLongArray acknowledged;
  private final AtomicReferenceArray<byte[]> store;

  CountedBlocks(final MemoryPool pool, final int count) {
    this.pool = pool;
    acknowledged = new AtomicLongArray(count);
    store = new AtomicReferenceArray<>(count);
    for (int block = 0; block < count; block++) {
      final byte[] first = new byte[Stamps.BYTES_MIN];
      Stamps.fill(MemorySegment.ofArray(first), 0, first.length, block, 0);
      store.set(block, first);
    }
  }

  long writes() {
    long sum = 0;
    for (int block = 0; block < acknowledged.length(); block++) {
      sum += acknowledged.get(block);
    }
    return sum;
  }

  /**
   * Adds one to the version of some block and gives it another length; fails on purpose at times.
   */
  void write(final Random random) {
    final int block = random.nextInt(acknowledged.length());
    final int longs = random.nextInt((pool.config().blockSize() - Stamps.BYTES_MIN) / 8);
    final int length = Stamps.BYTES_MIN + 8 * longs;
    final boolean fails = random.nextInt(50) == 0;
    final BlockModifier modifier =
        (memory, before) -> {
          final long version = Stamps.check(memory, 0, before, block);
          if (fails) {
            throw new Planned();
          }
          Stamps.fill(memory, 0, length, block, version + 1);
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
  void read(final Random random) {
    final int block = random.nextInt(acknowledged.length());
    final long before = acknowledged.get(block);
    try (MutableBlockHandle handle = pool.acquireDirty(INODE, block, this::load)) {
      final long version = handle.withData(memory -> check(memory, block));
      if (version < before) {
        throw lost(block, version, before);
      }
    }
  }

  /** Copies a block to the store, and marks the version flushed that was copied. One thread. */
  void flush(final Random random) {
    final int block = random.nextInt(acknowledged.length());
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
    for (int block = 0; block < acknowledged.length(); block++) {
      final int number = block;
      try (MutableBlockHandle handle = pool.getDirty(INODE, block)) {
        final long version =
            handle == null
                ? check(MemorySegment.ofArray(store.get(block)), block)
                : handle.withData(memory -> check(memory, number));
        if (version != acknowledged.get(block)) {
          throw lost(block, version, acknowledged.get(block));
        }
      }
    }
  }

  private int load(final BlockKey key, final MemorySegment slot) {
    final byte[] bytes = store.get(key.block());
    MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes.length;
  }

  private static long check(final MemorySegment memory, final int block) {
    return Stamps.check(memory, 0, (int) memory.byteSize(), block);
  }

  private static AssertionError lost(final int block, final long shown, final long acknowledged) {
    return new AssertionError(
        "lost: block " + block + " shows " + shown + " of " + acknowledged + " writes");
  }

  /** A modifier's failure, before it changed anything. */
  private static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planned() {
      super("planned", null, false, false);
    }
  }
}
