package dev.slabmount.vfs.prefetch;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Reads of one file that follow each other, and the blocks that are loaded ahead of them.
 *
 * <p><b>Order.</b> The kernel splits what programs read and sends the pieces side by side, and
 * several workers take them. So a read follows if it begins not far from where the run ends; what
 * comes early is remembered until the pieces before it have come. Only what was read without a gap
 * makes a run longer: reads that are near each other by chance do not.
 *
 * <p><b>Threads.</b> Whoever {@link #tryClaim claims} it may call everything. Nobody waits for a
 * claim: who does not get it leaves a note for who has it. What else may be called at any time says
 * so.
 */
final class ReadStream {

  /** Of a read that is no continuation. */
  static final long FAR = Long.MAX_VALUE;

  /** By how many of its own lengths a read may come too early, or too late, and still follow. */
  private static final int LENGTHS_EARLY = 8;

  private static final int LENGTHS_LATE = 32;

  /** How many pieces that came early are remembered. */
  private static final int EARLY_MAX = 8;

  // A note: the number of the first page, and below it how many pages.
  private static final int NOTES = 8;
  private static final long NO_NOTE = 0;
  private static final int NOTE_SHIFT = 19;
  private static final int PAGE_SHIFT = 12;

  /** A stream without a read for so long is over. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Beginning again this often is as good as giving up: 64 blocks read in order. */
  private static final int CAUTION_MAX = 6;

  /** A run that used so many times what it wasted was worth it. */
  private static final int WORTH_IT = 16;

  private final Prefetcher prefetcher;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final ArrayDeque<AheadBlock> ahead = new ArrayDeque<>(0);

  private final AtomicLongArray notes = new AtomicLongArray(NOTES);
  private volatile boolean hasNotes;
  private volatile boolean endWanted;

  // Guarded by the claim, but looked at without it to find out whether to claim.
  private volatile long lastUse;
  private volatile long end;
  private volatile long run;
  private volatile int caution;
  private volatile int unread;
  private volatile long aheadEnd;

  // Guarded by the claim.
  private long ino;
  private final long[] earlyStarts = new long[EARLY_MAX];
  private final long[] earlyEnds = new long[EARLY_MAX];
  private int earlyCount;
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

  /**
   * Leaves a note of a read for whoever has claimed this, rounded to pages: a read that nobody
   * hears of would look like a gap. Lost only if there is no room for more notes.
   */
  void leaveNote(final long offset, final int count) {
    final long firstPage = offset >>> PAGE_SHIFT;
    final long pages = ((offset + count - 1) >>> PAGE_SHIFT) + 1 - firstPage;
    final long note = firstPage << NOTE_SHIFT | pages;
    for (int i = 0; i < notes.length(); i++) {
      if (notes.get(i) == NO_NOTE && notes.compareAndSet(i, NO_NOTE, note)) {
        break;
      }
    }
    hasNotes = true;
    if (tryClaim()) {
      unclaim(); // Who had the claim may be gone, and not have seen it.
    }
  }

  private void takeNotes() {
    if (!hasNotes) {
      return;
    }
    hasNotes = false;
    for (int i = 0; i < notes.length(); i++) {
      final long note = notes.getAndSet(i, NO_NOTE);
      if (note != NO_NOTE) {
        final int pages = (int) note & ((1 << NOTE_SHIFT) - 1);
        read(note >>> NOTE_SHIFT << PAGE_SHIFT, pages << PAGE_SHIFT);
      }
    }
  }

  /** Gives the claim up. */
  void unclaim() {
    takeNotes();
    claimed.set(false);
    while ((endWanted || hasNotes) && tryClaim()) { // V7
      endIfWanted();
      takeNotes();
      claimed.set(false);
    }
  }

  /** Ends the stream now, or when whoever has claimed it gives it up. */
  void requestEnd() {
    endWanted = true;
    if (tryClaim()) {
      unclaim();
    }
  }

  private void endIfWanted() {
    if (endWanted) {
      endWanted = false;
      abandon();
    }
  }

  /**
   * How far from the end of this run a read begins, in bytes; or {@link #FAR} if it does not
   * follow. What was loaded ahead for this run belongs to it.
   */
  long distance(final long offset, final int count) {
    final long furthest = end;
    final long behind = (long) LENGTHS_LATE * count;
    final long before = Math.max((long) LENGTHS_EARLY * count, aheadEnd - furthest);
    return offset - furthest <= before && furthest - offset <= behind
        ? Math.abs(offset - furthest)
        : FAR;
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
    earlyCount = 0;
    cursor = 0;
    aheadEnd = 0;
    endWanted = false;
    lastUse = System.nanoTime();
  }

  /** Notes a read, which may release blocks. */
  void read(final long offset, final int count) {
    lastUse = System.nanoTime();
    cover(offset, offset + count);
    if (!ahead.isEmpty()) {
      if (prefetcher.followsOrder()) {
        releaseUpTo((end - 1) >>> prefetcher.blockShift());
      } else {
        release(
            offset >>> prefetcher.blockShift(), (offset + count - 1) >>> prefetcher.blockShift());
      }
      unread = ahead.size();
    }
  }

  private void cover(final long from, final long to) {
    if (from > end) {
      keepEarly(from, to);
      return;
    }
    advance(to);
    takeEarly();
  }

  private void takeEarly() {
    for (int i = 0; i < earlyCount; ) {
      if (earlyStarts[i] > end) {
        i++;
      } else {
        advance(earlyEnds[i]);
        earlyCount--;
        earlyStarts[i] = earlyStarts[earlyCount];
        earlyEnds[i] = earlyEnds[earlyCount];
        i = 0; // What was too early a moment ago may be no more.
      }
    }
  }

  private void advance(final long to) {
    final long from = end;
    if (to > from) {
      run = run + to - from;
      end = to;
    }
  }

  /** Remembers a piece until those before it come; with too many of them, they will not come. */
  private void keepEarly(final long from, final long to) {
    if (earlyCount == EARLY_MAX) {
      long first = from;
      for (final long start : earlyStarts) {
        first = Math.min(first, start);
      }
      end = first;
      takeEarly();
      cover(from, to);
    } else {
      earlyStarts[earlyCount] = from;
      earlyEnds[earlyCount] = to;
      earlyCount++;
    }
  }

  private void releaseUpTo(final long last) {
    while (!ahead.isEmpty() && ahead.getFirst().number() <= last) {
      used += ahead.removeFirst().release() == AheadBlock.End.LOADED ? 1 : 0;
    }
  }

  /** Releases blocks by their numbers; there is at least one. Allocates nothing. */
  private void release(final long first, final long last) {
    if (ahead.getFirst().number() > last || ahead.getLast().number() < first) {
      return; // They are in order.
    }
    for (int left = ahead.size(); left > 0; left--) {
      final AheadBlock block = ahead.removeFirst();
      if (block.number() >= first && block.number() <= last) {
        block.release();
      } else {
        ahead.addLast(block);
      }
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
          aheadEnd = (cursor + 1) << prefetcher.blockShift();
          unread = ahead.size();
        }
      }
      cursor++;
    }
  }

  /** Takes back what was loaded ahead of reads that will not come, and learns from it. */
  void abandon() {
    for (final AheadBlock block : ahead) {
      wasted += block.release() == AheadBlock.End.LOADED ? 1 : 0;
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
