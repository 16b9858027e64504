package dev.slabmount.core.slab;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A share of the slabs, with a lock of its own.
 *
 * <p>Each slab with free pages is in the <em>bin</em> of the largest slot that its longest run of
 * free pages may hold. A claim takes the first slab of the lowest bin that is not empty and large
 * enough, so long runs are kept for those who need them. That run is only a bound: a slab whose
 * bound proves too high is put into its true bin, and the search goes on. Each claim leads to at
 * most one such correction later, so a claim is O(1), amortized: the work on one slab is bounded by
 * the words of its bitmap.
 *
 * <p>Any thread. No other lock of ours is taken under this one.
 */
final class SlabStripe {
  final ShortLock lock = new ShortLock();

  private final SlabAllocator.AssignListener listener;
  private final SizeClasses classes;

  /** All slabs of the pool, of which this stripe opens and uses its own. */
  private final @Nullable Slab[] slabs;

  private final SlotExtents extents;
  private final int step;
  private final long poolPages;

  private final int[] bins;
  private final long[] binsInUse;

  /** The next slab of ours that nobody has touched yet. */
  private volatile int nextUntouched;

  /** The highest bin in use, or -1; written under the lock. */
  private volatile int highestBin = Slab.NONE;

  private boolean closed;
  private long slotsInUse;
  private long pagesInUse;
  private long slabsInUse;

  /** The slabs {@code first}, {@code first + step}, and so on. */
  SlabStripe(
      final @Nullable Slab[] slabs,
      final SlotExtents extents,
      final int first,
      final int step,
      final long poolPages,
      final SizeClasses classes,
      final SlabAllocator.AssignListener listener) {
    this.slabs = slabs;
    this.extents = extents;
    this.step = step;
    this.poolPages = poolPages;
    this.classes = classes;
    this.listener = listener;
    nextUntouched = first;
    bins = new int[classes.count()];
    Arrays.fill(bins, Slab.NONE);
    binsInUse = new long[(bins.length + Long.SIZE - 1) / Long.SIZE];
  }

  /** Whether a slab in use may have a place for such a slot; a look without the lock. */
  boolean mayHave(final int sizeClass) {
    return highestBin >= sizeClass;
  }

  /** Whether there is a slab that was never used; a look without the lock. */
  boolean hasUntouched() {
    return nextUntouched < slabs.length;
  }

  /** Takes a free slot, if need be and allowed in a slab that was never used; or -1. */
  int claim(final int sizeClass, final boolean untouched) {
    if (closed) {
      return Slab.NONE;
    }
    final int pages = SizeClasses.pages(sizeClass);
    for (; ; ) {
      final int bin = lowestBin(sizeClass);
      if (bin == Slab.NONE && !(untouched && open())) {
        return Slab.NONE;
      }
      if (bin != Slab.NONE) {
        final Slab slab = slab(bins[bin]);
        final int index = slab.take(pages);
        if (index != Slab.NONE) {
          return taken(slab, index);
        }
        put(slab);
      }
    }
  }

  void free(final Slab slab, final int index) {
    final int pages = slab.pagesOf(index);
    slab.giveBack(index);
    slotsInUse--;
    pagesInUse -= pages;
    slabsInUse -= slab.slots() == 0 ? 1 : 0;
    put(slab);
  }

  void trim(final Slab slab, final int index, final int pages) {
    pagesInUse -= slab.pagesOf(index) - pages;
    slab.trim(index, pages);
    put(slab);
  }

  int @Nullable [] beginStretch(final Slab slab, final int from, final int pages) {
    if (closed || slab.hasStretch()) {
      return null;
    }
    return slab.beginStretch(from, from + pages);
  }

  int endStretch(final Slab slab) {
    final int index = slab.endStretch(!closed);
    if (index == Slab.NONE) {
      put(slab);
      return Slab.NONE;
    }
    return taken(slab, index);
  }

  void close() {
    closed = true;
  }

  long slotsInUse() {
    return slotsInUse;
  }

  long pagesInUse() {
    return pagesInUse;
  }

  long slabsInUse() {
    return slabsInUse;
  }

  private int taken(final Slab slab, final int index) {
    slabsInUse += slab.slots() == 1 ? 1 : 0;
    slotsInUse++;
    pagesInUse += slab.pagesOf(index);
    if (slab.slotLimit() != slab.slotLimitTold) {
      tell(slab, index);
    }
    put(slab);
    return slab.number << classes.slotBits() | index;
  }

  /** Tells of slots that there were not before; if there is no heap for that, takes none. */
  private void tell(final Slab slab, final int index) {
    boolean told = false;
    try {
      listener.assigned(slab.number, slab.slotLimit());
      slab.slotLimitTold = slab.slotLimit();
      told = true;
    } finally {
      if (!told) {
        free(slab, index);
      }
    }
  }

  private boolean open() {
    final int number = nextUntouched;
    if (number >= slabs.length) {
      return false;
    }
    final int pagesPerSlab = classes.slabBytes() / SizeClasses.SLOT_BYTES_MIN;
    final long before = (long) number * pagesPerSlab;
    final int pages = (int) Math.min(pagesPerSlab, poolPages - before);
    final Slab slab = new Slab(number, pages, extents, number << classes.slotBits());
    slabs[number] = slab;
    nextUntouched = number + step;
    put(slab);
    return true;
  }

  /** Puts a slab into the bin that it belongs to now. */
  private void put(final Slab slab) {
    final int bin = classes.classWithin(slab.longestBound());
    if (bin != slab.bin) {
      remove(slab);
      add(slab, bin);
      highestBin = highestBin();
    }
  }

  private void add(final Slab slab, final int bin) {
    slab.bin = bin;
    if (bin == Slab.NONE) {
      return;
    }
    slab.next = bins[bin];
    if (slab.next != Slab.NONE) {
      slab(slab.next).previous = slab.number;
    }
    bins[bin] = slab.number;
    binsInUse[bin / Long.SIZE] |= 1L << bin;
  }

  private void remove(final Slab slab) {
    if (slab.bin == Slab.NONE) {
      return;
    }
    if (slab.next != Slab.NONE) {
      slab(slab.next).previous = slab.previous;
    }
    if (slab.previous != Slab.NONE) {
      slab(slab.previous).next = slab.next;
    } else {
      bins[slab.bin] = slab.next;
      if (slab.next == Slab.NONE) {
        binsInUse[slab.bin / Long.SIZE] &= ~(1L << slab.bin);
      }
    }
    slab.next = Slab.NONE;
    slab.previous = Slab.NONE;
  }

  private int lowestBin(final int from) {
    for (int i = from / Long.SIZE; i < binsInUse.length; i++) {
      final long bits = i == from / Long.SIZE ? binsInUse[i] & (-1L << from) : binsInUse[i];
      if (bits != 0) {
        return i * Long.SIZE + Long.numberOfTrailingZeros(bits);
      }
    }
    return Slab.NONE;
  }

  private int highestBin() {
    for (int i = binsInUse.length - 1; i >= 0; i--) {
      if (binsInUse[i] != 0) {
        return i * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(binsInUse[i]);
      }
    }
    return Slab.NONE;
  }

  private Slab slab(final int number) {
    final Slab slab = slabs[number];
    assert slab != null : "slab " + number + " was never used";
    return slab;
  }
}
