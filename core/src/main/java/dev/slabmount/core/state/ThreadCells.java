package dev.slabmount.core.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A few sums that threads add to at every hit. Each thread has a cell of its own to write, so an
 * addition is a load and a store of a line that no other thread writes, and not an atomic
 * operation.
 *
 * <p>A thread looks for its cell where its id says and in a few places after that. It takes one
 * that nobody owns, or whose owner is dead, and keeps it; the cell's sums stay in it. A thread that
 * finds none adds to {@link LongAdder}s instead. So there is a fixed number of cells, nothing has
 * to be given back, and a sum looks at all cells and at nothing else.
 *
 * <p>Sums are exact once those who add have stopped and the reader knows by some other ordering.
 *
 * <p>Any thread.
 */
final class ThreadCells {
  /** Longs per cell: two cache lines, because processors fetch neighbours in pairs. */
  private static final int STRIDE_SHIFT = 4;

  private static final int CELLS_MIN = 64;
  private static final int CELLS_PER_CPU = 8;
  private static final int PLACES_TRIED = 4;

  private static final VarHandle CELL =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Thread[].class);

  private final @Nullable Thread[] owners;
  private final long[] cells;
  private final LongAdder[] shared;

  /** Cells with {@code sums} sums, which begin at 0; at most 8. */
  ThreadCells(final int sums) {
    assert sums <= 1 << (STRIDE_SHIFT - 1);
    final int wanted =
        Math.max(CELLS_MIN, CELLS_PER_CPU * Runtime.getRuntime().availableProcessors());
    final int count = Integer.highestOneBit(2 * wanted - 1);
    owners = new Thread[count];
    cells = new long[(count + 1) << STRIDE_SHIFT]; // One more: the first begins behind a gap.
    shared = new LongAdder[sums];
    for (int i = 0; i < sums; i++) {
      shared[i] = new LongAdder();
    }
  }

  /**
   * Looks for the calling thread's cell, for {@link #add}.
   *
   * @return the cell, or -1 for the shared sums
   */
  int mine() {
    final Thread me = Thread.currentThread();
    final int place = (int) me.threadId() & (owners.length - 1);
    return owners[place] == me ? place : mineElsewhere(me, place);
  }

  /** Adds to a sum, in the cell that {@link #mine} has returned to this thread. */
  void add(final int cell, final int sum, final long delta) {
    if (cell < 0) {
      shared[sum].add(delta);
    } else {
      final int at = ((cell + 1) << STRIDE_SHIFT) + sum;
      CELL.setOpaque(cells, at, (long) CELL.getOpaque(cells, at) + delta);
    }
  }

  /** What was added to this sum. */
  long sum(final int sum) {
    long total = shared[sum].sum();
    for (int i = 1; i <= owners.length; i++) {
      total += (long) CELL.getOpaque(cells, (i << STRIDE_SHIFT) + sum);
    }
    return total;
  }

  private int mineElsewhere(final Thread me, final int first) {
    int vacant = -1;
    for (int i = 0; i < PLACES_TRIED; i++) {
      final int place = (first + i) & (owners.length - 1);
      final Thread owner = (Thread) OWNER.getAcquire(owners, place);
      if (owner == me) {
        return place;
      }
      if (vacant < 0 && (owner == null || !owner.isAlive())) { // Dead: its stores are visible.
        vacant = place;
      }
    }
    if (vacant >= 0) {
      final Thread owner = (Thread) OWNER.getAcquire(owners, vacant);
      if ((owner == null || !owner.isAlive()) && OWNER.compareAndSet(owners, vacant, owner, me)) {
        return vacant;
      }
    }
    return -1;
  }
}
