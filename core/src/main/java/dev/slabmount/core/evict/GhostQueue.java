package dev.slabmount.core.evict;

import org.agrona.collections.Long2LongHashMap;

/**
 * Remembers the key hashes of the last blocks that were dropped after one use, oldest forgotten
 * first.
 *
 * <p>Two keys with one hash are taken for one: that may send a block to the wrong queue and does no
 * other harm.
 */
final class GhostQueue {
  private static final long MISSING = -1;
  private static final int CAPACITY_MIN = 16;

  private final Long2LongHashMap sequenceOf = new Long2LongHashMap(MISSING);
  private long[] ring = new long[CAPACITY_MIN];

  /** Sequence numbers of the oldest entry and of the next; their places are these modulo length. */
  private long oldest;

  private long next;

  /** Remembers a hash, and forgets the oldest ones beyond {@code limit} entries. */
  void add(final long keyHash, final int limit) {
    while (next - oldest >= Math.max(1, limit)) {
      forgetOldest();
    }
    if (next - oldest == ring.length) {
      grow();
    }
    ring[place(next)] = keyHash;
    sequenceOf.put(keyHash, next);
    next++;
  }

  /** Whether the hash is remembered; then it is forgotten. */
  boolean remove(final long keyHash) {
    return sequenceOf.remove(keyHash) != MISSING;
  }

  /** How many hashes are remembered. */
  int count() {
    return sequenceOf.size();
  }

  private void forgetOldest() {
    final long keyHash = ring[place(oldest)];
    if (sequenceOf.get(keyHash) == oldest) { // Otherwise it was removed, or added again later.
      sequenceOf.remove(keyHash);
    }
    oldest++;
  }

  private void grow() {
    final long[] larger = new long[ring.length * 2];
    for (long sequence = oldest; sequence < next; sequence++) {
      larger[(int) (sequence & (larger.length - 1))] = ring[place(sequence)];
    }
    ring = larger;
  }

  private int place(final long sequence) {
    return (int) (sequence & (ring.length - 1));
  }
}
