package dev.slabmount.core.index;

import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Hash → the first of the slots that have it. It grows when it is asked to make room, and not when
 * something is put into it: so whoever has made room can put, though the heap is full.
 *
 * <p>For one thread at a time.
 */
final class RefMap {
  /** With which a map begins. */
  private static final int PLACES_MIN = 8;

  /** Less heap for each block; a vain search looks at 13 places, at the fullest. */
  private static final float LOAD_FACTOR = 0.8f;

  private Long2ObjectHashMap<SlotRef> map = new Long2ObjectHashMap<>(PLACES_MIN, LOAD_FACTOR);

  /** Sees to it that the next {@link #put} needs no heap. */
  void makeRoom() {
    if (map.size() >= map.resizeThreshold()) { // Or it would grow after the next put.
      final Long2ObjectHashMap<SlotRef> grown =
          new Long2ObjectHashMap<>(2 * map.capacity(), LOAD_FACTOR);
      map.forEachLong(grown::put);
      map = grown;
    }
  }

  @Nullable SlotRef get(final long hash) {
    return map.get(hash);
  }

  /** Puts a slot in front; returns the one that was. */
  @Nullable SlotRef put(final long hash, final SlotRef ref) {
    return map.put(hash, ref);
  }

  void remove(final long hash) {
    map.remove(hash);
  }

  /** Goes through all that is here, by hash. */
  void forEach(final HeadConsumer action) {
    map.forEachLong(action::accept);
  }

  /** Takes a hash and the first slot that has it. */
  interface HeadConsumer {
    void accept(long hash, SlotRef head);
  }
}
