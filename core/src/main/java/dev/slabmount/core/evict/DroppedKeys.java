package dev.slabmount.core.evict;

/**
 * Remembers which keys were dropped, and how many bytes were dropped since.
 *
 * <p>An entry is 32 bits of a hash of the key and a clock that counts dropped pages. It lies in a
 * bucket of eight that the hash chooses, where it replaces an entry of the same hash, or an unused
 * one, or else the oldest: so keys are forgotten roughly, not exactly, in the order in which they
 * were dropped. Two keys with one hash are taken for one: that may send a block to the wrong queue
 * and does no other harm.
 *
 * <p>10 to 12 bytes of heap for each block that may be remembered, allocated when the first is
 * dropped. Constant time, except when the number of blocks has changed by an eighth.
 */
final class DroppedKeys {
  /** What {@link #take} returns for a key that is not remembered. */
  static final long UNKNOWN = -1;

  private static final int BUCKET = 8;
  private static final int BUCKETS_MIN = 2;
  private static final int PAGE_SHIFT = 12;
  private static final long HASH_FACTOR = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd.
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  /** Hash in the upper half, clock in the lower; 0 is unused. */
  private long[] entries = {};

  /** Pages dropped so far, modulo 2^32; entries that are older than that are long replaced. */
  private int clock;

  /**
   * Remembers a key.
   *
   * @param bytes what was dropped with it, a multiple of 4096
   * @param blocks about how many keys to remember; memory follows it
   */
  void add(final long keyHash, final int bytes, final int blocks) {
    fit(blocks);
    clock += bytes >>> PAGE_SHIFT;
    put(entries, ((long) short32(keyHash) << Integer.SIZE) | (clock & LOW_HALF));
  }

  /** Bytes dropped since this key was, or {@link #UNKNOWN}; the key is forgotten. */
  long take(final long keyHash) {
    final int hash = short32(keyHash);
    if (entries.length == 0) {
      return UNKNOWN;
    }
    final int first = bucket(entries, hash);
    for (int i = first; i < first + BUCKET; i++) {
      if (hashOf(entries[i]) == hash) {
        final long age = age(entries[i]);
        entries[i] = 0;
        return age << PAGE_SHIFT;
      }
    }
    return UNKNOWN;
  }

  /** Bytes of heap that the entries take. */
  long heapBytes() {
    return (long) entries.length * Long.BYTES;
  }

  private void fit(final int blocks) {
    final int wanted = Math.max(BUCKETS_MIN, blocks / BUCKET + blocks / (BUCKET * 4) + 1);
    final int present = entries.length / BUCKET;
    if (wanted > present || wanted < present / 4) {
      final long[] old = entries;
      entries = new long[(wanted + wanted / BUCKET) * BUCKET];
      for (final long entry : old) {
        if (entry != 0) {
          put(entries, entry);
        }
      }
    }
  }

  private void put(final long[] into, final long entry) {
    final int hash = hashOf(entry);
    final int first = bucket(into, hash);
    int place = first;
    for (int i = first; i < first + BUCKET; i++) {
      if (hashOf(into[i]) == hash) {
        place = i;
        break;
      }
      if (into[place] != 0 && (into[i] == 0 || age(into[i]) > age(into[place]))) {
        place = i;
      }
    }
    into[place] = entry;
  }

  private long age(final long entry) {
    return (clock - (int) entry) & LOW_HALF;
  }

  private static int hashOf(final long entry) {
    return (int) (entry >>> Integer.SIZE);
  }

  /** Not 0, which marks unused entries. */
  private static int short32(final long keyHash) {
    final int hash = (int) ((keyHash * HASH_FACTOR) >>> Integer.SIZE);
    return hash == 0 ? 1 : hash;
  }

  private static int bucket(final long[] entries, final int hash) {
    final long buckets = entries.length / BUCKET;
    return (int) (((hash & LOW_HALF) * buckets) >>> Integer.SIZE) * BUCKET;
  }
}
