package dev.slabmount.vfs.prefetch;

import dev.slabmount.vfs.read.BackgroundLoad;
import dev.slabmount.vfs.read.BackgroundLoads;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One block on its way into the pool ahead of its reader.
 *
 * <p>It holds its bytes of the budget until it is released: by the reader who arrives, by the end
 * of its stream, or because its load came to nothing.
 *
 * <p><b>Threads.</b> {@link #over} is called by any; the rest belongs to whoever has claimed the
 * block's stream.
 */
final class AheadBlock implements BackgroundLoad.Listener {

  /** How it ended. */
  enum End {
    /** It was brought into the pool, or is just being. */
    LOADED,

    /** It was not: its reader came first, or nobody wanted it any more, or it cannot be had. */
    NOT_LOADED
  }

  private final long number;
  private final int length;
  private final PrefetchBudget budget;
  private final AtomicBoolean released = new AtomicBoolean();
  private @Nullable BackgroundLoad load;

  /**
   * A block whose bytes were taken from the budget already.
   *
   * @param number its number in the file
   * @param length its bytes
   */
  AheadBlock(final long number, final int length, final PrefetchBudget budget) {
    this.number = number;
    this.length = length;
    this.budget = budget;
  }

  long number() {
    return number;
  }

  /** Asks for it; false if there is nothing to do, and the block is released. */
  boolean start(final BackgroundLoads loads, final long ino) {
    load = loads.loadAhead(ino, number, this);
    if (load == null) {
      giveBack();
    }
    return load != null;
  }

  @Override
  public void over(final BackgroundLoad.Outcome outcome, final int bytes) {
    if (outcome != BackgroundLoad.Outcome.LOADED) {
      giveBack();
    }
  }

  /** Gives its share of the budget back. If its load has not begun, it never will. */
  End release() {
    final boolean cancelled = load != null && load.cancel();
    return giveBack() && !cancelled ? End.LOADED : End.NOT_LOADED;
  }

  private boolean giveBack() {
    if (released.compareAndSet(false, true)) {
      budget.giveBack(length);
      return true;
    }
    return false;
  }
}
