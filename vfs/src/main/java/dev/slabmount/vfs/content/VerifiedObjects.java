package dev.slabmount.vfs.content;

import java.util.Arrays;

/**
 * Remembers which objects were found to be whole, and in which {@linkplain ObjectVersion version}.
 *
 * <p>An entry is four longs in an open-addressing table: the whole hash and the version's digest.
 * That is 43 to 86 bytes for each object, nothing of it garbage, where a map of objects would take
 * about 150. A later version replaces the earlier one; nothing is ever removed, so the table is
 * bounded by the number of different objects read.
 *
 * <p><b>Threads:</b> any. Sixteen stripes with a lock each, held for one probe.
 */
final class VerifiedObjects {

  private static final int STRIPES = 16;

  private final Stripe[] stripes = new Stripe[STRIPES];

  VerifiedObjects() {
    Arrays.setAll(stripes, i -> new Stripe());
  }

  /** Whether the object was whole in exactly this version. */
  boolean contains(final ContentHash hash, final ObjectVersion version) {
    return stripe(hash).contains(hash, version);
  }

  /** From now on the object counts as whole in this version and in no other. */
  void remember(final ContentHash hash, final ObjectVersion version) {
    stripe(hash).put(hash, version);
  }

  /** How many objects are remembered. */
  long count() {
    long count = 0;
    for (final Stripe stripe : stripes) {
      count += stripe.count();
    }
    return count;
  }

  private Stripe stripe(final ContentHash hash) {
    return stripes[(int) hash.high() & (STRIPES - 1)];
  }

  private static final class Stripe {

    private static final int ENTRY = 4;
    private static final int FIRST_CAPACITY = 16;

    // hash high, hash low, version high, version low; a version of two zeros marks a free entry.
    private long[] entries = new long[FIRST_CAPACITY * ENTRY];
    private int used;

    synchronized boolean contains(final ContentHash hash, final ObjectVersion version) {
      final int at = find(entries, hash.high(), hash.low());
      return !isFree(entries, at)
          && entries[at + 2] == version.high()
          && entries[at + 3] == version.low();
    }

    synchronized void put(final ContentHash hash, final ObjectVersion version) {
      final int at = find(entries, hash.high(), hash.low());
      if (isFree(entries, at)) {
        used++;
      }
      entries[at] = hash.high();
      entries[at + 1] = hash.low();
      entries[at + 2] = version.high();
      entries[at + 3] = version.low();
      if (used * ENTRY > entries.length / 4 * 3) {
        grow();
      }
    }

    synchronized int count() {
      return used;
    }

    private void grow() {
      final long[] larger = new long[entries.length * 2];
      for (int from = 0; from < entries.length; from += ENTRY) {
        if (!isFree(entries, from)) {
          final int to = find(larger, entries[from], entries[from + 1]);
          System.arraycopy(entries, from, larger, to, ENTRY);
        }
      }
      entries = larger;
    }

    /** Where the hash is, or the free entry where it belongs; there always is a free one. */
    private static int find(final long[] entries, final long high, final long low) {
      final int mask = entries.length - 1;
      int at = (int) low * ENTRY & mask;
      while (!isFree(entries, at) && (entries[at] != high || entries[at + 1] != low)) {
        at = at + ENTRY & mask;
      }
      return at;
    }

    private static boolean isFree(final long[] entries, final int at) {
      return (entries[at + 2] | entries[at + 3]) == 0;
    }
  }
}
