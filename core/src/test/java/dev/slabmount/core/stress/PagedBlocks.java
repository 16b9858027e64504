package dev.slabmount.core.stress;

import static dev.slabmount.core.pool.BlockPages.PAGE_BYTES;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.DirtyRuns;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Blocks of one inode that are written in parts, filled from a store page by page, and flushed to
 * it by whoever comes first: a flusher, or the pool when it wants room. Each is cut into stamped
 * cells, which only the writer of their page writes; the version of a cell is how often that was.
 */
final class PagedBlocks implements BlockWriteBack {
  static final long INODE = 99;
  private static final int BLOCKS = 8;
  private static final int CELL_BYTES = 512;
  private static final int CELLS_PER_PAGE = PAGE_BYTES / CELL_BYTES;
  private static final int WRITERS = 2;

  private final int blockSize;
  private final int cells;
  private final AtomicLongArray acknowledged;
  private final MemorySegment[] store = new MemorySegment[BLOCKS];
  private MemoryPool pool;
  private volatile boolean calm;

  PagedBlocks(final int blockSize) {
    this.blockSize = blockSize;
    cells = blockSize / CELL_BYTES;
    acknowledged = new AtomicLongArray(BLOCKS * cells);
    for (int block = 0; block < BLOCKS; block++) {
      store[block] = MemorySegment.ofArray(new byte[blockSize]);
      for (int cell = 0; cell < cells; cell++) {
        Stamps.fill(store[block], (long) cell * CELL_BYTES, CELL_BYTES, key(block, cell), 0);
      }
    }
  }

  /** To be called before anything else but {@link #writeBack}. */
  void use(final MemoryPool used) {
    pool = used;
  }

  private int key(final int block, final int cell) {
    return block * cells + cell;
  }

  long writes() {
    long sum = 0;
    for (int i = 0; i < acknowledged.length(); i++) {
      sum += acknowledged.get(i);
    }
    return sum;
  }

  /** One of two writers, each of which has every other page. */
  Step writer(final int number) {
    return random -> {
      final int block = random.nextInt(BLOCKS);
      final int page = random.nextInt(blockSize / PAGE_BYTES / WRITERS) * WRITERS + number;
      final boolean whole = random.nextInt(3) == 0;
      final int first = page * CELLS_PER_PAGE + (whole ? 0 : random.nextInt(CELLS_PER_PAGE));
      final int last = whole ? first + CELLS_PER_PAGE - 1 : first;
      write(block, first, last);
    };
  }

  private void write(final int block, final int first, final int last) {
    final MemorySegment source = MemorySegment.ofArray(new byte[(last - first + 1) * CELL_BYTES]);
    for (int cell = first; cell <= last; cell++) {
      final int key = key(block, cell);
      Stamps.fill(
          source, (long) (cell - first) * CELL_BYTES, CELL_BYTES, key, acknowledged.get(key) + 1);
    }
    final int offset = first * CELL_BYTES;
    final int length = (int) source.byteSize();
    while (true) {
      final long token = pool.claimDirty(INODE, block, blockSize, blockSize);
      try {
        pool.write(token, offset, source, 0, length);
        break;
      } catch (final MemoryPoolException.PagesMissing e) {
        pool.fillPages(token, offset, length, this::load);
      } finally {
        pool.unpin(token);
      }
    }
    for (int cell = first; cell <= last; cell++) {
      acknowledged.incrementAndGet(key(block, cell));
    }
  }

  /** Reads a whole block: every cell must be whole and contain all that was acknowledged before. */
  void read(final Random random) {
    final int block = random.nextInt(BLOCKS);
    final long[] before = new long[cells];
    for (int cell = 0; cell < cells; cell++) {
      before[cell] = acknowledged.get(key(block, cell));
    }
    while (true) {
      final long token = pool.claimDirty(INODE, block, blockSize, blockSize);
      try (MutableBlockHandle handle = pool.getDirty(INODE, block)) {
        handle.withData(memory -> check(memory, block, before));
        return;
      } catch (final MemoryPoolException.PagesMissing e) {
        pool.fillPages(token, e.offset(), random.nextInt(blockSize - e.offset()) + 1, this::load);
      } finally {
        pool.unpin(token);
      }
    }
  }

  private MemorySegment check(final MemorySegment memory, final int block, final long[] before) {
    if (memory.byteSize() != blockSize) {
      throw new AssertionError("wrong: paged block " + block + " has " + memory.byteSize() + " B");
    }
    for (int cell = 0; cell < cells; cell++) {
      final int key = key(block, cell);
      final long version = Stamps.check(memory, (long) cell * CELL_BYTES, CELL_BYTES, key);
      if (version < before[cell]) {
        throw new AssertionError(
            "lost: cell " + key + " shows " + version + " of " + before[cell] + " writes");
      }
    }
    return memory;
  }

  /** Flushes a block; the write-back fails on purpose at times. */
  void flush(final Random random) {
    try {
      pool.flush(INODE, random.nextInt(BLOCKS), this);
    } catch (final MemoryPoolException.FlushFailed e) {
      if (!(e.getCause() instanceof IOException)) {
        throw e;
      }
    }
  }

  /** Once all is quiet: every acknowledged write is there, in the pool or in the store. */
  void checkAll() {
    calm = true; // No failures on purpose any more.
    final long exact = writes();
    long found = 0;
    for (int block = 0; block < BLOCKS; block++) {
      pool.flush(INODE, block, this); // Also makes room for what is missing.
      for (int cell = 0; cell < cells; cell++) {
        found += Stamps.check(store[block], (long) cell * CELL_BYTES, CELL_BYTES, key(block, cell));
      }
    }
    if (found != exact) {
      throw new AssertionError("lost: the store has " + found + " of " + exact + " writes");
    }
    final Random random = new Random(exact);
    for (int i = 0; i < 50; i++) {
      read(random);
    }
  }

  @Override
  public void writeBack(final long inode, final int block, final DirtyRuns runs)
      throws IOException {
    final boolean fails = !calm && ThreadLocalRandom.current().nextInt(200) == 0;
    for (int run = 0; run < runs.count(); run++) {
      if (fails && run == runs.count() / 2) {
        throw new IOException("planned");
      }
      synchronized (store[block]) {
        MemorySegment.copy(runs.bytes(run), 0, store[block], runs.offset(run), runs.length(run));
      }
    }
  }

  private void load(final BlockKey key, final int offset, final MemorySegment pages)
      throws IOException {
    if (!calm && ThreadLocalRandom.current().nextInt(100) == 0) {
      throw new IOException("planned");
    }
    synchronized (store[key.block()]) {
      final byte[] bytes =
          store[key.block()].asSlice(offset, pages.byteSize()).toArray(ValueLayout.JAVA_BYTE);
      MemorySegment.copy(bytes, 0, pages, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }
  }
}
