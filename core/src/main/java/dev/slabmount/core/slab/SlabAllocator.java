package dev.slabmount.core.slab;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out slots and takes them back. Knows nothing of what lies in them.
 *
 * <p>There are as many slabs as fit into the pool's limit and never more, so the capacity of all
 * slots in use cannot exceed the limit at any instant, whatever races. A slab has one class while a
 * slot of it is taken; an empty slab belongs to nobody and takes the class of whoever needs it
 * next.
 *
 * <p><b>Any thread.</b> One lock guards everything; it is held for a few instructions (O(1) but for
 * a search through a slab's bitmap), and no other lock of ours is taken under it.
 */
public final class SlabAllocator {
  /** The number of no slot. */
  public static final int NO_SLOT = -1;

  /** Told, under the allocator's lock, that a slab was given a class. */
  @FunctionalInterface
  public interface AssignListener {
    /** Slab {@code slab} will hand out its first {@code slots} slot numbers. */
    void assigned(int slab, int slots);
  }

  private final SizeClasses classes;
  private final AssignListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final @Nullable Slab[] slabs;

  /** Bytes per slot of each slab; constant while a slot of the slab is taken. */
  private final int[] slotBytes;

  private final @Nullable Slab[] withFreeSlots;
  private final int[] emptySlabs;
  private int emptyCount;
  private int neverUsed;
  private boolean closed;

  private long slotsInUse;
  private long capacityInUse;
  private long slabsInUse;

  /**
   * An allocator of {@code poolBytes / classes.slabBytes()} slabs, all empty.
   *
   * @param listener told of every slab that gets a class
   */
  public SlabAllocator(
      final long poolBytes, final SizeClasses classes, final AssignListener listener) {
    this.classes = classes;
    this.listener = listener;
    final int slabCount = Math.toIntExact(poolBytes / classes.slabBytes());
    slabs = new Slab[slabCount];
    slotBytes = new int[slabCount];
    withFreeSlots = new Slab[classes.count()];
    emptySlabs = new int[slabCount];
  }

  /** How many slabs there are. */
  public int slabCount() {
    return slabs.length;
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
    return slotBytes[slabOf(slot)];
  }

  /** Where in the region this slot starts; it must be taken. */
  public long offset(final int slot) {
    final int slab = slabOf(slot);
    final int index = slot & ((1 << classes.slotBits()) - 1);
    return (long) slab * classes.slabBytes() + (long) index * slotBytes[slab];
  }

  /**
   * Takes a free slot.
   *
   * @return its number; {@link #NO_SLOT} if none of this class is free and no slab is empty, or the
   *     allocator is closed
   */
  public int claim(final int sizeClass) {
    lock.lock();
    try {
      if (closed) {
        return NO_SLOT;
      }
      Slab slab = withFreeSlots[sizeClass];
      if (slab == null) {
        slab = emptySlab();
        if (slab == null) {
          return NO_SLOT;
        }
        assign(slab, sizeClass);
      }
      return take(slab);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a slot back. */
  public void free(final int slot) {
    lock.lock();
    try {
      final Slab slab = slabs[slabOf(slot)];
      assert slab != null : "slot " + slot + " was never taken";
      slab.giveBack(slot & ((1 << classes.slotBits()) - 1));
      slotsInUse--;
      capacityInUse -= classes.slotBytes(slab.sizeClass);
      if (slab.used == 0) {
        slabsInUse--;
      }
      if (!slab.draining) {
        putAway(slab);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins to empty a slab so that it can change class: from now on it hands out nothing. Must be
   * followed by {@link #finishDrain}.
   *
   * @return the slots that are taken now, or null if the slab is empty, has class {@code
   *     wantedClass} already, or is being emptied by somebody else
   */
  public int @Nullable [] startDrain(final int slabNumber, final int wantedClass) {
    lock.lock();
    try {
      final Slab slab = slabs[slabNumber];
      if (slab == null || slab.used == 0 || slab.draining || slab.sizeClass == wantedClass) {
        return null;
      }
      slab.draining = true;
      unlist(slab);
      return takenSlots(slab);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends what {@link #startDrain} began. If the slab is empty by now it gets class {@code
   * wantedClass} and its first slot is taken; otherwise it goes on as before.
   *
   * @return the slot, or {@link #NO_SLOT}
   */
  public int finishDrain(final int slabNumber, final int wantedClass) {
    lock.lock();
    try {
      final Slab slab = slabs[slabNumber];
      assert slab != null && slab.draining : "slab " + slabNumber + " is not being emptied";
      slab.draining = false;
      if (slab.used > 0 || closed) {
        putAway(slab);
        return NO_SLOT;
      }
      assign(slab, wantedClass);
      return take(slab);
    } finally {
      lock.unlock();
    }
  }

  /** The slots of a slab that are taken now. */
  public int[] takenSlots(final int slabNumber) {
    lock.lock();
    try {
      final Slab slab = slabs[slabNumber];
      return slab == null ? new int[0] : takenSlots(slab);
    } finally {
      lock.unlock();
    }
  }

  /** The class of a slab that has slots taken, or -1. */
  public int classOf(final int slabNumber) {
    lock.lock();
    try {
      final Slab slab = slabs[slabNumber];
      return slab == null || slab.used == 0 ? Slab.NO_CLASS : slab.sizeClass;
    } finally {
      lock.unlock();
    }
  }

  /** Hands out nothing from now on. */
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
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

  /** How much is taken at this moment. */
  public Usage usage() {
    lock.lock();
    try {
      return new Usage(slotsInUse, capacityInUse, slabsInUse);
    } finally {
      lock.unlock();
    }
  }

  private int take(final Slab slab) {
    if (slab.used == 0) {
      slabsInUse++;
    }
    final int index = slab.take();
    if (slab.hasFree()) {
      list(slab);
    } else {
      unlist(slab);
    }
    slotsInUse++;
    capacityInUse += classes.slotBytes(slab.sizeClass);
    return (slab.number << classes.slotBits()) | index;
  }

  private void assign(final Slab slab, final int sizeClass) {
    slab.assign(sizeClass, classes.slotsPerSlab(sizeClass));
    slotBytes[slab.number] = classes.slotBytes(sizeClass);
    listener.assigned(slab.number, slab.slots);
  }

  private @Nullable Slab emptySlab() {
    if (emptyCount > 0) {
      return slabs[emptySlabs[--emptyCount]];
    }
    if (neverUsed == slabs.length) {
      return null;
    }
    final Slab slab = new Slab(neverUsed);
    slabs[neverUsed++] = slab;
    return slab;
  }

  /** Puts a slab that is not full where the next claim finds it. */
  private void putAway(final Slab slab) {
    if (slab.used == 0) {
      unlist(slab);
      emptySlabs[emptyCount++] = slab.number;
    } else if (slab.hasFree()) {
      list(slab);
    }
  }

  private void list(final Slab slab) {
    if (!slab.listed) {
      final Slab head = withFreeSlots[slab.sizeClass];
      slab.next = head;
      if (head != null) {
        head.previous = slab;
      }
      withFreeSlots[slab.sizeClass] = slab;
      slab.listed = true;
    }
  }

  private void unlist(final Slab slab) {
    if (slab.listed) {
      final Slab next = slab.next;
      final Slab previous = slab.previous;
      if (next != null) {
        next.previous = previous;
      }
      if (previous == null) {
        withFreeSlots[slab.sizeClass] = next;
      } else {
        previous.next = next;
      }
      slab.next = null;
      slab.previous = null;
      slab.listed = false;
    }
  }

  private int[] takenSlots(final Slab slab) {
    final int[] slots = new int[slab.used];
    int count = 0;
    for (int i = 0; count < slots.length; i++) {
      if (slab.isTaken(i)) {
        slots[count++] = (slab.number << classes.slotBits()) | i;
      }
    }
    return slots;
  }
}
