package dev.slabmount.vfs.prefetch;

import dev.slabmount.vfs.prefetch.PrefetchStrategy.Eager;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.None;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.OnOpen;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Sequential;
import dev.slabmount.vfs.read.BackgroundLoads;
import dev.slabmount.vfs.tree.InodeTree;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Watches reads and has blocks loaded before they are asked for; see the package.
 *
 * <p>Reads are told apart by a key: one for each open file, or, where the kernel opens files
 * without asking, one for each inode. Keys are not 0.
 *
 * <p><b>Threads.</b> Any; nothing here waits. {@link #read} allocates only when it has a block
 * loaded.
 */
public final class Prefetcher {

  /** How often at most streams that are over are looked for. */
  private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How many blocks a run may have loaded ahead for each that was read. */
  private static final int STEP = 2;

  /** A run is at least a block long, and so long: twice what the kernel itself reads ahead. */
  private static final long RUN_BYTES_MIN = 256 << 10;

  private final PrefetchStrategy strategy;
  private final InodeTree tree;
  private final BackgroundLoads loads;
  private final int blockShift;
  private final int lookAhead;
  private final PrefetchBudget budget;
  private final StreamTable table;
  private final AtomicLong lastSearch = new AtomicLong(System.nanoTime() - SEARCH_NANOS);

  /**
   * Makes a prefetcher.
   *
   * @param budgetBytes how many bytes may be loaded or being loaded and not yet read; less than a
   *     block switches prefetching off
   * @param tree what is read
   * @param loads how blocks are loaded
   */
  @SuppressWarnings("exports") // The module exports strategies; prefetchers are its own.
  public Prefetcher(
      final PrefetchStrategy strategy,
      final long budgetBytes,
      final InodeTree tree,
      final BackgroundLoads loads) {
    this.strategy = budgetBytes < loads.blockSize() ? new None() : strategy;
    this.tree = tree;
    this.loads = loads;
    this.blockShift = Integer.numberOfTrailingZeros(loads.blockSize());
    this.lookAhead =
        strategy instanceof final Sequential sequential ? sequential.blocks(loads.blockSize()) : 0;
    this.budget = new PrefetchBudget(budgetBytes);
    this.table = new StreamTable(this);
  }

  /** Whether {@link #opened} and {@link #closed} have to be called. */
  public boolean needsOpens() {
    return strategy.needsOpens();
  }

  /** A file was opened. */
  public void opened(final long key, final long ino) {
    final long limit =
        switch (strategy) {
          case OnOpen(final int blocks) -> blocks;
          case Eager _ -> Long.MAX_VALUE;
          case None _, Sequential _ -> 0;
        };
    if (limit > 0) {
      final ReadStream stream = table.claim(key, ino, 0, 0, false);
      if (stream != null) {
        stream.loadUpTo(Math.min(limit, blocksOf(ino)), 0);
        stream.unclaim();
      }
    }
  }

  /**
   * A read was answered, or is on its way to a store thread.
   *
   * @param offset in bytes, less than the file's size
   * @param count bytes, at least 1; ends within the file
   */
  public void read(final long key, final long ino, final long offset, final int count) {
    if (strategy instanceof None) {
      return;
    }
    final ReadStream stream = table.claim(key, ino, offset, count, followsOrder());
    if (stream == null) {
      return;
    }
    stream.read(offset, count);
    switch (strategy) {
      case Sequential(final int _) -> follow(stream, ino);
      case OnOpen(final int blocks) -> stream.loadUpTo(Math.min(blocks, blocksOf(ino)), 0);
      case Eager _ -> stream.loadUpTo(blocksOf(ino), 0);
      case None _ -> {}
    }
    stream.unclaim();
  }

  private void follow(final ReadStream stream, final long ino) {
    final long run = stream.run();
    if (run >>> stream.caution() >= Math.max(1L << blockShift, RUN_BYTES_MIN)) {
      final long next = stream.nextBlock();
      final long window = Math.min(lookAhead, STEP * (run >>> blockShift));
      stream.loadUpTo(Math.min(next + window, blocksOf(ino)), next);
    }
  }

  /** Nobody will read under this key any more. */
  public void closed(final long key) {
    if (!(strategy instanceof None)) {
      table.end(key);
    }
  }

  /** Bytes that were prefetched, or are just being, and that nobody has read yet. */
  public long pendingBytes() {
    return budget.taken();
  }

  // ---- For streams ----

  int blockShift() {
    return blockShift;
  }

  /** Whether a stream is only what is read in order, and not whatever its handle reads. */
  boolean followsOrder() {
    return strategy instanceof Sequential;
  }

  boolean isPresent(final long ino, final long block) {
    return loads.isPresent(ino, block);
  }

  /** Takes a block's bytes from the budget; null if it has not got them, or too many wait. */
  @Nullable AheadBlock reserve(final long ino, final long number) {
    endIdleStreams();
    final int length = (int) Math.min(loads.blockSize(), tree.size(ino) - (number << blockShift));
    return loads.hasRoom() && budget.take(length) ? new AheadBlock(number, length, budget) : null;
  }

  /** Has a block loaded; false if there is nothing to do. */
  boolean start(final AheadBlock block, final long ino) {
    return block.start(loads, ino);
  }

  private void endIdleStreams() {
    final long now = System.nanoTime();
    final long last = lastSearch.get();
    if (now - last >= SEARCH_NANOS && lastSearch.compareAndSet(last, now)) {
      table.endIdle();
    }
  }

  private long blocksOf(final long ino) {
    return (tree.size(ino) + (1L << blockShift) - 1) >>> blockShift;
  }
}
