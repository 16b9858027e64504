package dev.slabmount.core.index;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.HeaderWords;
import dev.slabmount.core.block.KeyProof;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Hints where keys may be found, read without a lock: a table of hash → slot for each shard.
 *
 * <p>A hint proves nothing. It may be of a block that has gone, of another key, or missing; whoever
 * follows one has it proved by the slot's header ({@link KeyProof}), and otherwise asks the shard's
 * map under its lock. So no read of a table needs an ordering edge.
 *
 * <pre>
 *  63                  32+b 32+b−1               32 31                               0
 *  +-----------------------+-----------------------+---------------------------------+
 *  | bits 32+b… of the hash|    slot number + 1    |    generation of the slot       |
 *  +-----------------------+-----------------------+---------------------------------+
 *  b: as many bits as the pool's largest slot number + 1 needs; an empty place is 0
 * </pre>
 *
 * <p>The generation is there for speed: what a hit does next need not wait for the header to come
 * from memory, because all of it is known from the hint, and the header only confirms it.
 *
 * <p><b>Places.</b> A hint lies in one of {@link #WINDOW} places that begin where the low bits of
 * the hash say, the first that was empty when it was put there. A search that finds nothing has
 * looked at all of them, so taking a hint away leaves a hole and no tombstone, and however many
 * blocks come and go, the cost of a search stays the same.
 *
 * <p><b>Size.</b> A table is doubled when it is half full, so it has 16 to 32 bytes for each block
 * that the shard has held at once, on the heap; it does not shrink. A key whose window is full
 * before that gets no hint and is found under the lock: about one in 100 000, or what somebody has
 * chosen to be so.
 *
 * <p>Any thread may search. {@link #add}, {@link #remove} and {@link #rebuild} need the shard's
 * lock for writing.
 */
final class SlotHints {
  /** No hint. */
  static final long NONE = 0L;

  /** Places in which a key's hint may lie; it mostly lies in the first or the second. */
  static final int WINDOW = 32;

  private static final int PLACES_MIN = 64;
  private static final int PLACES_MAX = 1 << 30;

  private static final VarHandle PLACE =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();
  private static final VarHandle TABLE =
      MethodHandles.arrayElementVarHandle(long[][].class).withInvokeExactBehavior();

  private final HeaderWords words;
  private final int slotMask;
  private final int shardShift;

  /** Replaced when they grow; who still searches an old one finds less, which is no harm. */
  private final long[][] tables;

  /** Hints in each table; under the lock of its shard. */
  private final int[] listed;

  /** Blocks of each shard that have no hint; written under the lock of the shard. */
  private final AtomicIntegerArray unlisted;

  /** No hints yet, for {@code 2^shardBits} shards and slots below {@code slots}. */
  SlotHints(final HeaderWords words, final int shardBits, final int slots) {
    this.words = words;
    slotMask = (1 << (Integer.SIZE - Integer.numberOfLeadingZeros(slots))) - 1;
    shardShift = Long.SIZE - shardBits;
    tables = new long[1 << shardBits][PLACES_MIN];
    listed = new int[1 << shardBits];
    unlisted = new AtomicIntegerArray(1 << shardBits);
  }

  // ---- Any thread ----

  /**
   * Searches for a hint.
   *
   * @return the first, to be read with {@link #slot}, or {@link #NONE}
   */
  long first(final long hash) {
    final long[] places = (long[]) TABLE.getAcquire(tables, shard(hash));
    final int mask = places.length - 1;
    final int home = (int) hash;
    final int tag = tag(hash);
    for (int step = 0; step < WINDOW; step++) {
      final long hint = untagged((long) PLACE.getOpaque(places, (home + step) & mask), tag);
      if (isHint(hint)) {
        return hint;
      }
    }
    return NONE;
  }

  /** Searches for the hint after one that has led nowhere, if that one is still there. */
  long next(final long hash, final long last) {
    final long[] places = (long[]) TABLE.getAcquire(tables, shard(hash));
    boolean passed = false;
    for (int step = 0; step < WINDOW; step++) {
      final int at = ((int) hash + step) & (places.length - 1);
      final long hint = untagged((long) PLACE.getOpaque(places, at), tag(hash));
      if (passed && isHint(hint)) {
        return hint;
      }
      passed |= hint == last;
    }
    return NONE;
  }

  /** The slot that a hint names. */
  static int slot(final long hint) {
    return (int) (hint >>> Integer.SIZE) - 1;
  }

  /** Whether every block of the shard has its hint. */
  boolean isComplete(final int shard) {
    return unlisted.get(shard) == 0;
  }

  /** How many places the shard's table has. */
  int places(final int shard) {
    return ((long[]) TABLE.getAcquire(tables, shard)).length;
  }

  // ---- Under the shard's lock ----

  /** Whether the shard's table should be {@linkplain #rebuild rebuilt} before more is added. */
  boolean isFull(final int shard) {
    final int places = tables[shard].length;
    return 2 * listed[shard] >= places && places < PLACES_MAX;
  }

  /** Puts a hint to a live slot into its table. */
  void add(final long hash, final int slot) {
    final int shard = shard(hash);
    if (put(tables[shard], hash, slot)) {
      listed[shard]++;
    } else {
      unlisted.incrementAndGet(shard);
    }
  }

  /** Takes a hint out of its table. */
  void remove(final long hash, final int slot) {
    final int shard = shard(hash);
    final long[] places = tables[shard];
    final int upper = tag(hash) | (slot + 1);
    for (int step = 0; step < WINDOW; step++) {
      final int at = ((int) hash + step) & (places.length - 1);
      if ((int) (places[at] >>> Integer.SIZE) == upper) {
        PLACE.setOpaque(places, at, 0L);
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
    private final long[] places;
    private int put;
    private int left;

    private Rebuild(final int shard) {
      this.shard = shard;
      this.places = new long[2 * tables[shard].length];
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

  private boolean put(final long[] places, final long hash, final int slot) {
    for (int step = 0; step < WINDOW; step++) {
      final int at = ((int) hash + step) & (places.length - 1);
      if (places[at] == 0) {
        final long generation = words.wordAcquire(slot) & BlockWord.GENERATION_MASK;
        PLACE.setOpaque(places, at, ((long) (tag(hash) | (slot + 1)) << Integer.SIZE) + generation);
        return true;
      }
    }
    return false;
  }

  /** With the tag of the hash taken off: a hint, unless it is empty or has another tag. */
  private static long untagged(final long place, final int tag) {
    return place ^ ((long) tag << Integer.SIZE);
  }

  private boolean isHint(final long untagged) {
    return Integer.compareUnsigned(slot(untagged), slotMask) < 0;
  }

  private int shard(final long hash) {
    return (int) (hash >>> shardShift);
  }

  private int tag(final long hash) {
    return (int) (hash >>> Integer.SIZE) & ~slotMask;
  }
}
