package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockModifier;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.DirtyRuns;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Blocks of one inode that are always written whole, with ever another length, and count how often:
 * the version of their {@linkplain Stamps stamp}. Beside them the figures of what was acknowledged
 * and a store that they are flushed to. No acknowledged write may ever be missing, and no reader
 * may see half of one.
 */
final class CountedBlocks implements BlockWriteBack {
  static final long INODE = 77;

  private static final int COUNT = 12;

  private final AtomicLongArray acknowledged = new AtomicLongArray(COUNT);
  private final byte[][] store;
  private final boolean backed;
  private MemoryPool pool;

  /**
   * Such blocks of at most {@code blockSize} bytes.
   *
   * @param backed whether the pool writes back by itself; then the flusher asks it to as well, for
   *     only one of them may write the store at a time
   */
  CountedBlocks(final int blockSize, final boolean backed) {
    this.backed = backed;
    store = new byte[COUNT][blockSize];
    for (int block = 0; block < COUNT; block++) {
      Stamps.fill(MemorySegment.ofArray(store[block]), 0, Stamps.BYTES_MIN, block, 0);
    }
  }

  /** To be called before anything else but {@link #writeBack}. */
  void use(final MemoryPool used) {
    pool = used;
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

  /** Has a block stored, and marked flushed in the version that was. One thread. */
  void flush(final Random random) {
    final int block = random.nextInt(COUNT);
    if (backed) {
      pool.flush(INODE, block, this);
      return;
    }
    try (MutableBlockHandle handle = pool.getDirty(INODE, block)) {
      if (handle != null) {
        final long[] version = new long[1];
        handle.withData(memory -> {
          check(memory, block);
          version[0] = handle.version();
          synchronized (store[block]) {
            MemorySegment.copy(
                memory, ValueLayout.JAVA_BYTE, 0, store[block], 0, (int) memory.byteSize());
          }
          return version;
        });
        pool.markFlushed(INODE, block, version[0]);
      }
    }
  }

  /** What is written meanwhile may be stored half old and half new; then it is stored again. */
  @Override
  public void writeBack(final long inode, final int block, final DirtyRuns runs) {
    for (int run = 0; run < runs.count(); run++) {
      synchronized (store[block]) {
        MemorySegment.copy(
            runs.bytes(run),
            ValueLayout.JAVA_BYTE,
            0,
            store[block],
            runs.offset(run),
            runs.length(run));
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
                ? check(stored(block), block)
                : handle.withData(memory -> check(memory, number));
        if (version != acknowledged.get(block)) {
          throw lost(block, version, acknowledged.get(block));
        }
      }
      pool.markFlushed(INODE, block); // Makes room for the checks that follow.
    }
  }

  private int load(final BlockKey key, final MemorySegment slot) {
    final MemorySegment bytes = stored(key.block());
    MemorySegment.copy(bytes, 0, slot, 0, bytes.byteSize());
    return (int) bytes.byteSize();
  }

  private MemorySegment stored(final int block) {
    synchronized (store[block]) {
      final MemorySegment bytes = MemorySegment.ofArray(store[block].clone());
      return bytes.asSlice(0, Stamps.length(bytes));
    }
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
