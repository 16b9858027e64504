package dev.slabmount.core.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
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
 * to be given back, and a sum looks at all cells and at nothing else. Owners are referred to
 * weakly, so a thread that has ended is not kept, nor what hangs on it.
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
  private static final VarHandle OWNER = MethodHandles.arrayElementVarHandle(Owner[].class);

  /** The thread that adds to a cell. Ids of threads are not used again. */
  private static final class Owner extends WeakReference<Thread> {
    final long id;

    Owner(final Thread thread) {
      super(thread);
      id = thread.threadId();
    }

    /** Whether the thread has ended. If it has, all that it added is visible. */
    boolean hasEnded() {
      final Thread thread = get();
      return thread == null || !thread.isAlive(); // One that is alive is never collected.
    }
  }

  private final @Nullable Owner[] owners;

  /** The ids of the owners, each written by its owner alone: where a thread looks first. */
  private final long[] ids;

  private final long[] cells;
  private final LongAdder[] shared;

  /** Cells with {@code sums} sums, which begin at 0; at most 8. */
  ThreadCells(final int sums) {
    assert sums <= 1 << (STRIDE_SHIFT - 1);
    final int wanted =
        Math.max(CELLS_MIN, CELLS_PER_CPU * Runtime.getRuntime().availableProcessors());
    final int count = Integer.highestOneBit(2 * wanted - 1);
    owners = new Owner[count];
    ids = new long[count]; // No thread has id 0.
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
    final long id = me.threadId();
    final int place = (int) id & (ids.length - 1);
    return ids[place] == id ? place : mineElsewhere(me, place);
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
      final Owner owner = (Owner) OWNER.getAcquire(owners, place);
      if (owner != null && owner.id == me.threadId()) {
        return place;
      }
      if (vacant < 0 && (owner == null || owner.hasEnded())) {
        vacant = place;
      }
    }
    return vacant >= 0 && take(vacant, me) ? vacant : -1;
  }

  private boolean take(final int place, final Thread me) {
    final Owner owner = (Owner) OWNER.getAcquire(owners, place);
    if ((owner != null && !owner.hasEnded())
        || !OWNER.compareAndSet(owners, place, owner, new Owner(me))) {
      return false;
    }
    ids[place] = me.threadId(); // After the last owner's, which has ended.
    return true;
  }
}
