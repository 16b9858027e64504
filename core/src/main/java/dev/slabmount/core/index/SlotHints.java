package dev.slabmount.core.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Hints where keys may be found, read without a lock: a table of hash → slot for each shard.
 *
 * <p>A hint proves nothing. It may be of a block that has gone, of another key, or missing; whoever
 * follows one has it proved by the slot's header, and otherwise asks the shard's map under its
 * lock. So no read of a table needs an ordering edge.
 *
 * <pre>
 *  31                           b b−1                           0
 *  +-----------------------------+-------------------------------+
 *  |  bits b+32… of the hash     |        slot number + 1        |
 *  +-----------------------------+-------------------------------+
 *  b: as many bits as the pool's largest slot number + 1 needs; an empty place is 0
 * </pre>
 *
 * <p><b>Places.</b> A hint lies in one of {@link #WINDOW} places that begin where the low bits of
 * the hash say, the first that was empty when it was put there. A search that finds nothing has
 * looked at all of them, so taking a hint away leaves a hole and no tombstone, and however many
 * blocks come and go, the cost of a search stays the same.
 *
 * <p><b>Size.</b> A table is doubled when it is half full or a window is full, so it has 8 to 16
 * bytes for each block that the shard has held at once, on the heap; it does not shrink. If a
 * window is full although the table is nearly empty, then somebody chose the keys so: such a key
 * gets no hint, and is found under the lock.
 *
 * <p>Any thread may search. {@link #add}, {@link #remove} and {@link #rebuild} need the shard's
 * lock for writing.
 */
final class SlotHints {
  /** No hint. */
  static final long NONE = -1L;

  /** Places that are searched for one key: a cache line or two. */
  static final int WINDOW = 16;

  private static final int PLACES_MIN = 64;
  private static final int PLACES_MAX = 1 << 30;

  /** Below this part of the table in use a full window is no reason to double it. */
  private static final int CROWDED_FRACTION = 8;

  private static final VarHandle PLACE =
      MethodHandles.arrayElementVarHandle(int[].class).withInvokeExactBehavior();
  private static final VarHandle TABLE =
      MethodHandles.arrayElementVarHandle(int[][].class).withInvokeExactBehavior();

  private final int slotMask;
  private final int shardShift;

  /** Replaced when they grow; who still searches an old one finds less, which is no harm. */
  private final int[][] tables;

  /** Hints in each table; under the lock of its shard. */
  private final int[] listed;

  /** Blocks of each shard that have no hint; written under the lock of the shard. */
  private final AtomicIntegerArray unlisted;

  /** No hints yet, for slots below {@code slots}. */
  SlotHints(final int shardBits, final int slots) {
    slotMask = (1 << (Integer.SIZE - Integer.numberOfLeadingZeros(slots))) - 1;
    shardShift = Long.SIZE - shardBits;
    tables = new int[1 << shardBits][PLACES_MIN];
    listed = new int[1 << shardBits];
    unlisted = new AtomicIntegerArray(1 << shardBits);
  }

  // ---- Any thread ----

  /**
   * Searches for a hint.
   *
   * @param last {@link #NONE} to begin with, then what the last call returned
   * @return the hint, to be read with {@link #slot}, or {@link #NONE}
   */
  long next(final long hash, final long last) {
    final int[] places = table(hash);
    final int mask = places.length - 1;
    final int home = (int) hash;
    final int tag = tag(hash);
    for (int step = (int) (last >>> Integer.SIZE) + 1; step < WINDOW; step++) {
      final int untagged = (int) PLACE.getOpaque(places, (home + step) & mask) ^ tag;
      if (Integer.compareUnsigned(untagged - 1, slotMask) < 0) { // Neither empty nor of other tag.
        return ((long) step << Integer.SIZE) | (untagged - 1);
      }
    }
    return NONE;
  }

  /** The slot that a hint names. */
  static int slot(final long hint) {
    return (int) hint;
  }

  /** Whether every block of the shard has its hint. */
  boolean isComplete(final int shard) {
    return unlisted.get(shard) == 0;
  }

  /** How many places the shard's table has. */
  int places(final int shard) {
    return ((int[]) TABLE.getAcquire(tables, shard)).length;
  }

  // ---- Under the shard's lock ----

  /**
   * Puts a hint into its table.
   *
   * @return false if the table should be {@linkplain #rebuild rebuilt} first; nothing was changed
   */
  boolean add(final long hash, final int slot) {
    final int shard = shard(hash);
    final int[] places = tables[shard];
    if (2 * listed[shard] < places.length && put(places, hash, slot)) {
      listed[shard]++;
      return true;
    }
    if (places.length < PLACES_MAX && listed[shard] >= places.length / CROWDED_FRACTION) {
      return false;
    }
    unlisted.incrementAndGet(shard);
    return true;
  }

  /** Takes a hint out of its table. */
  void remove(final long hash, final int slot) {
    final int shard = shard(hash);
    final int[] places = tables[shard];
    final int hint = tag(hash) | (slot + 1);
    for (int step = 0; step < WINDOW; step++) {
      final int at = ((int) hash + step) & (places.length - 1);
      if (places[at] == hint) {
        PLACE.setOpaque(places, at, 0);
        listed[shard]--;
        return;
      }
    }
    final int left = unlisted.decrementAndGet(shard);
    assert left >= 0 : "slot " + slot + " has no hint";
  }

  /** Begins a table of twice the size, which nobody sees before {@link Rebuild#finish}. */
  Rebuild rebuild(final int shard) {
    return new Rebuild(shard);
  }

  /** To be given every block of the shard. */
  final class Rebuild {
    private final int shard;
    private final int[] places;
    private int put;
    private int left;

    private Rebuild(final int shard) {
      this.shard = shard;
      this.places = new int[2 * tables[shard].length];
    }

    void add(final long hash, final int slot) {
      if (SlotHints.this.put(places, hash, slot)) {
        put++;
      } else {
        left++;
      }
    }

    void finish() {
      listed[shard] = put;
      unlisted.set(shard, left);
      TABLE.setRelease(tables, shard, places);
    }
  }

  private boolean put(final int[] places, final long hash, final int slot) {
    for (int step = 0; step < WINDOW; step++) {
      final int at = ((int) hash + step) & (places.length - 1);
      if (places[at] == 0) {
        PLACE.setOpaque(places, at, tag(hash) | (slot + 1));
        return true;
      }
    }
    return false;
  }

  private int[] table(final long hash) {
    return (int[]) TABLE.getAcquire(tables, shard(hash));
  }

  private int shard(final long hash) {
    return (int) (hash >>> shardShift);
  }

  private int tag(final long hash) {
    return (int) (hash >>> Integer.SIZE) & ~slotMask;
  }
}
