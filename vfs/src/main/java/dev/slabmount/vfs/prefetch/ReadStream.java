package dev.slabmount.vfs.prefetch;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads of one file that follow each other, and the blocks that are loaded ahead of them.
 *
 * <p><b>Order.</b> The kernel splits what programs read and sends the pieces side by side, so a
 * read follows if it begins at most its own length beyond the end of the furthest one, or a few
 * lengths before it.
 *
 * <p><b>Threads.</b> Whoever {@link #tryClaim claims} it may call everything; nobody waits for a
 * claim. What else may be called at any time says so.
 */
final class ReadStream {

  /** How many of its own lengths behind the end a read may begin and still follow. */
  private static final int LENGTHS_BEHIND = 4;

  /** A stream without a read for so long is over. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Beginning again this often is as good as giving up: 64 blocks read in order. */
  private static final int CAUTION_MAX = 6;

  /** A run that used so many times what it wasted was worth it. */
  private static final int WORTH_IT = 16;

  private final Prefetcher prefetcher;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final ArrayDeque<AheadBlock> ahead = new ArrayDeque<>(0);

  private volatile boolean endWanted;

  // Guarded by the claim, but looked at without it to find out whether to claim.
  private volatile long lastUse;
  private volatile long end;
  private volatile long run;
  private volatile int caution;
  private volatile int unread;

  // Guarded by the claim.
  private long ino;
  private long cursor;
  private long used;
  private long wasted;

  ReadStream(final Prefetcher prefetcher) {
    this.prefetcher = prefetcher;
    this.lastUse = System.nanoTime() - IDLE_NANOS;
  }

  // ---- Any time ----

  boolean tryClaim() {
    return !claimed.get() && claimed.compareAndSet(false, true);
  }

  /** Gives the claim up. */
  void unclaim() {
    claimed.set(false);
    if (endWanted && tryClaim()) {
      endIfWanted();
      claimed.set(false);
    }
  }

  /** Ends the stream now, or when whoever has claimed it gives it up. */
  void requestEnd() {
    endWanted = true;
    if (tryClaim()) {
      endIfWanted();
      unclaim();
    }
  }

  private void endIfWanted() {
    if (endWanted) {
      endWanted = false;
      abandon();
    }
  }

  /** Whether a read of {@code count} bytes at {@code offset} is a continuation. */
  boolean isFollowedBy(final long offset, final int count) {
    final long furthest = end;
    return offset <= furthest + count && offset >= furthest - (long) LENGTHS_BEHIND * count;
  }

  /** Bytes that were read in order. */
  long run() {
    return run;
  }

  /** Whether it had a shorter run, or as short a one longer ago. */
  boolean isLessThan(final ReadStream other) {
    final long mine = run;
    final long others = other.run;
    return mine < others || (mine == others && lastUse - other.lastUse < 0);
  }

  /** When it was last read, as {@link System#nanoTime}. */
  long lastUse() {
    return lastUse;
  }

  /** Whether there has been no read for so long that none is expected. */
  boolean isIdle() {
    return System.nanoTime() - lastUse >= IDLE_NANOS;
  }

  /** How much longer than a block a run has to be, as a power of two, before it is followed. */
  int caution() {
    return caution;
  }

  /** Whether it left blocks unread so far. */
  boolean hasUnread() {
    return unread > 0;
  }

  // ---- Under the claim ----

  /** Starts a new stream after the old one was abandoned. */
  void begin(final long file, final long furthest, final int inheritedCaution) {
    ino = file;
    end = furthest;
    run = 0;
    caution = Math.min(CAUTION_MAX, inheritedCaution);
    cursor = 0;
    used = 0;
    wasted = 0;
    endWanted = false;
    lastUse = System.nanoTime();
  }

  /** Notes a read, which may release blocks. */
  void read(final long offset, final int count) {
    lastUse = System.nanoTime();
    final long furthest = end;
    if (offset + count > furthest) {
      run = run + offset + count - furthest;
      end = offset + count;
    }
    if (!ahead.isEmpty()) {
      final int shift = prefetcher.blockShift();
      arriveAt(offset >>> shift, (offset + count - 1) >>> shift);
    }
  }

  private void arriveAt(final long first, final long last) {
    if (prefetcher.followsOrder()) {
      while (!ahead.isEmpty() && ahead.getFirst().number() <= last) {
        final AheadBlock block = ahead.removeFirst();
        count(block.number() >= first, block.release());
      }
    } else {
      ahead.removeIf(block -> {
        final boolean here = block.number() >= first && block.number() <= last;
        if (here) {
          count(true, block.release());
        }
        return here;
      });
    }
    unread = ahead.size();
  }

  private void count(final boolean arrived, final AheadBlock.End end) {
    if (end == AheadBlock.End.LOADED) {
      used += arrived ? 1 : 0;
      wasted += arrived ? 0 : 1;
    }
  }

  /** The block after the furthest one read. */
  long nextBlock() {
    return ((end - 1) >>> prefetcher.blockShift()) + 1;
  }

  /** Has blocks loaded up to block {@code limit}, exclusive, as far as the budget goes. */
  void loadUpTo(final long limit, final long from) {
    cursor = Math.max(cursor, from);
    while (cursor < limit) {
      if (!prefetcher.isPresent(ino, cursor)) {
        final AheadBlock block = prefetcher.reserve(ino, cursor);
        if (block == null) {
          return;
        }
        if (prefetcher.start(block, ino)) {
          ahead.add(block);
          unread = ahead.size();
        }
      }
      cursor++;
    }
  }

  /** Takes back what was loaded ahead of reads that will not come, and learns from it. */
  void abandon() {
    for (final AheadBlock block : ahead) {
      count(false, block.release());
    }
    ahead.clear();
    unread = 0;
    if (wasted * WORTH_IT > used) {
      caution = Math.min(CAUTION_MAX, caution + 1);
    } else if (used > 0) {
      caution = Math.max(0, caution - 1);
    }
    used = 0;
    wasted = 0;
    run = 0;
  }
}
