package dev.slabmount.core.slab;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Hands out slots and takes them back. Knows nothing of what lies in them.
 *
 * <p>A slot is a run of pages within one slab, as many as its size class has. There are as many
 * pages as the pool's limit allows and never more, and no page is in two slots, so the capacity of
 * all slots in use cannot exceed the limit at any instant, whatever races.
 *
 * <p>Where no run of free pages is long enough, a <em>stretch</em> of a slab can be emptied on
 * purpose: {@link #beginStretch} reserves it, the caller frees what lies there, and {@link
 * #endStretch} makes a slot of it. So memory changes from many small slots to few large ones, by
 * just as much as is needed, and back by itself, because small slots fit anywhere.
 *
 * <p><b>Any thread.</b> The slabs are divided among stripes, each with a lock that is held for less
 * than a microsecond, and no other lock of ours is taken under it. A thread begins at the stripe of
 * its own number and passes over stripes that are busy as long as others may serve it. A look
 * without a lock tells it of a stripe that there is nothing to be had, so a claim in a full pool
 * takes no lock at all. Claiming and freeing are O(1).
 *
 * <p>Memory that was used before comes first: a slab that nobody ever touched is opened only when
 * no other slab of any stripe has a place, and within a slab the lowest place is taken.
 */
public final class SlabAllocator {
  /** The number of no slot. */
  public static final int NO_SLOT = -1;

  private static final int SLABS_PER_STRIPE_MIN = 8;
  private static final int STRIPES_PER_CPU = 4;

  /** Told, under the stripe's lock, how many slots a slab may have. */
  @FunctionalInterface
  public interface AssignListener {
    /** Slab {@code slab} hands out none but its first {@code slots} slot numbers. */
    void assigned(int slab, int slots);
  }

  private final SizeClasses classes;
  private final long regionBytes;
  private final SlotExtents extents;
  private final @Nullable Slab[] slabs;
  private final SlabStripe[] stripes;

  /**
   * An allocator of the largest multiple of 4096 bytes in {@code poolBytes}, all free.
   *
   * @param books where it writes down where slots lie: {@link #bookBytes} of memory, 4-byte
   *     aligned, of anything, that stays as long as any slot is in use
   * @param listener told how many slots a slab may have, before the first beyond the number told
   *     last is handed out, and whenever else that is convenient
   */
  public SlabAllocator(
      final long poolBytes,
      final SizeClasses classes,
      final MemorySegment books,
      final AssignListener listener) {
    this(
        poolBytes,
        classes,
        books,
        listener,
        STRIPES_PER_CPU * Runtime.getRuntime().availableProcessors());
  }

  /** With at most so many stripes. */
  SlabAllocator(
      final long poolBytes,
      final SizeClasses classes,
      final MemorySegment books,
      final AssignListener listener,
      final int stripesMax) {
    this.classes = classes;
    regionBytes = regionBytes(poolBytes);
    final int slabCount = slabCount(poolBytes, classes);
    slabs = new Slab[slabCount];
    extents = new SlotExtents(books);
    final int wanted = Math.max(1, Math.min(stripesMax, slabCount / SLABS_PER_STRIPE_MIN));
    stripes = new SlabStripe[Integer.highestOneBit(wanted)];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] =
          new SlabStripe(
              slabs,
              extents,
              i,
              stripes.length,
              regionBytes / SizeClasses.SLOT_BYTES_MIN,
              classes,
              listener);
    }
  }

  /** Bytes of block memory that the slots of a pool with this limit lie in. */
  public static long regionBytes(final long poolBytes) {
    return poolBytes & -SizeClasses.SLOT_BYTES_MIN;
  }

  /** How many slabs a pool with this limit has; the last may be shorter than the others. */
  public static int slabCount(final long poolBytes, final SizeClasses classes) {
    return Math.toIntExact(Math.ceilDiv(regionBytes(poolBytes), (long) classes.slabBytes()));
  }

  /** Bytes that the allocator of a pool with this limit writes down where slots lie in. */
  public static long bookBytes(final long poolBytes, final SizeClasses classes) {
    return SlotExtents.bytesFor((long) slabCount(poolBytes, classes) << classes.slotBits());
  }

  /** How many slabs there are. */
  public int slabCount() {
    return slabs.length;
  }

  /** How many pages of 4 KiB this slab has. */
  public int slabPages(final int slab) {
    final long from = (long) slab * classes.slabBytes();
    return (int) (Math.min(classes.slabBytes(), regionBytes - from) / SizeClasses.SLOT_BYTES_MIN);
  }

  /** The sizes that slots come in. */
  public SizeClasses classes() {
    return classes;
  }

  /** The slab that a slot lies in. */
  public int slabOf(final int slot) {
    return slot >>> classes.slotBits();
  }

  /** Bytes in this slot, which must be taken. */
  public int slotBytes(final int slot) {
    return extents.pages(slot) * SizeClasses.SLOT_BYTES_MIN;
  }

  /** Where in the region this slot starts; it must be taken. */
  public long offset(final int slot) {
    return (long) slabOf(slot) * classes.slabBytes()
        + (long) extents.firstPage(slot) * SizeClasses.SLOT_BYTES_MIN;
  }

  /**
   * Takes a free slot.
   *
   * @return its number; {@link #NO_SLOT} if no run of free pages is long enough, or the allocator
   *     is closed
   */
  public int claim(final int sizeClass) {
    boolean touched = false;
    boolean untouched = false;
    for (final SlabStripe stripe : stripes) {
      touched |= stripe.mayHave(sizeClass);
      untouched |= stripe.hasUntouched();
    }
    final int slot = touched ? claim(sizeClass, false) : NO_SLOT;
    return slot == NO_SLOT && untouched ? claim(sizeClass, true) : slot;
  }

  private int claim(final int sizeClass, final boolean untouched) {
    final int home = (int) Thread.currentThread().threadId();
    boolean busy = false;
    for (int i = 0; i < stripes.length; i++) {
      final SlabStripe stripe = stripe(home + i);
      if (stripe.mayHave(sizeClass) || (untouched && stripe.hasUntouched())) {
        if (!stripe.lock.tryLock()) {
          busy = true;
          continue;
        }
        final int slot = claimAndUnlock(stripe, sizeClass, untouched);
        if (slot != NO_SLOT) {
          return slot;
        }
      }
    }
    return busy ? claimPatiently(home, sizeClass, untouched) : NO_SLOT;
  }

  private int claimPatiently(final int home, final int sizeClass, final boolean untouched) {
    for (int i = 0; i < stripes.length; i++) {
      final SlabStripe stripe = stripe(home + i);
      if (stripe.mayHave(sizeClass) || (untouched && stripe.hasUntouched())) {
        stripe.lock.lock();
        final int slot = claimAndUnlock(stripe, sizeClass, untouched);
        if (slot != NO_SLOT) {
          return slot;
        }
      }
    }
    return NO_SLOT;
  }

  private static int claimAndUnlock(
      final SlabStripe stripe, final int sizeClass, final boolean untouched) {
    try {
      return stripe.claim(sizeClass, untouched);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Gives a slot back. */
  public void free(final int slot) {
    final SlabStripe stripe = stripeOf(slabOf(slot));
    stripe.lock.lock();
    try {
      stripe.free(slab(slot), index(slot));
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Makes a taken slot smaller: the pages at its end that this class does not need are free. */
  public void trim(final int slot, final int sizeClass) {
    final SlabStripe stripe = stripeOf(slabOf(slot));
    stripe.lock.lock();
    try {
      stripe.trim(slab(slot), index(slot), SizeClasses.pages(sizeClass));
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * Begins to empty a stretch of a slab: from now on its free pages, and those that become free,
   * are handed out to nobody. Must be followed by {@link #endStretch} for the same slab.
   *
   * @param firstPage where in the slab it begins; all of it must lie in the slab
   * @param sizeClass of the slot that is wanted there
   * @return the slots that have a page there; null if another thread is emptying a stretch of this
   *     slab, if nothing of the slab was ever used, or if the allocator is closed
   */
  public int @Nullable [] beginStretch(final int slab, final int firstPage, final int sizeClass) {
    final int[] taken;
    final SlabStripe stripe = stripeOf(slab);
    stripe.lock.lock();
    try {
      final Slab books = slabs[slab];
      taken =
          books == null
              ? null
              : stripe.beginStretch(books, firstPage, SizeClasses.pages(sizeClass));
    } finally {
      stripe.lock.unlock();
    }
    return taken == null ? null : slotNumbers(slab, taken);
  }

  /**
   * Ends what {@link #beginStretch} began. If the stretch is free by now it becomes a slot, which
   * is taken; otherwise its free pages can be had by everybody.
   *
   * @return the slot, or {@link #NO_SLOT}
   */
  public int endStretch(final int slab) {
    final SlabStripe stripe = stripeOf(slab);
    stripe.lock.lock();
    try {
      final Slab books = slabs[slab];
      assert books != null && books.hasStretch() : "nobody empties a stretch of slab " + slab;
      return stripe.endStretch(books);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The slots of a slab that are taken now. Costs what there are. */
  public int[] takenSlots(final int slab) {
    final SlabStripe stripe = stripeOf(slab);
    stripe.lock.lock();
    try {
      final Slab books = slabs[slab];
      return books == null ? new int[0] : slotNumbers(slab, books.takenIndexes());
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Hands out nothing from now on. */
  public void close() {
    for (final SlabStripe stripe : stripes) {
      stripe.lock.lock();
      try {
        stripe.close();
      } finally {
        stripe.lock.unlock();
      }
    }
  }

  /**
   * How much is taken.
   *
   * @param slots slots that are taken
   * @param capacity bytes in them
   * @param slabs slabs with at least one of them
   */
  public record Usage(long slots, long capacity, long slabs) {}

  /**
   * How much is taken: exact while nobody claims or frees, and never more than there is. If nothing
   * can be claimed any more, it is never too little.
   */
  public Usage usage() {
    long slots = 0;
    long pages = 0;
    long inUse = 0;
    for (final SlabStripe stripe : stripes) {
      stripe.lock.lock();
      try {
        slots += stripe.slotsInUse();
        pages += stripe.pagesInUse();
        inUse += stripe.slabsInUse();
      } finally {
        stripe.lock.unlock();
      }
    }
    return new Usage(slots, pages * SizeClasses.SLOT_BYTES_MIN, inUse);
  }

  private int[] slotNumbers(final int slab, final int[] indexes) {
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] |= slab << classes.slotBits();
    }
    return indexes;
  }

  private SlabStripe stripe(final int number) {
    return stripes[number & (stripes.length - 1)];
  }

  private SlabStripe stripeOf(final int slab) {
    return stripes[slab & (stripes.length - 1)];
  }

  private Slab slab(final int slot) {
    final Slab slab = slabs[slabOf(slot)];
    assert slab != null : "slot " + slot + " was never taken";
    return slab;
  }

  private int index(final int slot) {
    return slot & ((1 << classes.slotBits()) - 1);
  }
}
