package dev.slabmount.vfs.prefetch;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The streams that are followed: a table of fixed size, in which newer ones take the place of older
 * ones.
 *
 * <p>A stream is filed under a key, that of its file handle or of its inode; a key has room for a
 * few streams, since several programs may read one file at once. The key decides on the set of
 * places that the stream may take; one look at the set's keys, which share a cache line, tells
 * whether it is there.
 *
 * <p>Any thread; nothing waits or allocates.
 */
final class StreamTable {

  private static final int SETS = 128;
  private static final int PLACES = 8;
  private static final int PLACES_PER_KEY = 4;

  /** 2^64 divided by the golden ratio, odd: Knuth's multiplicative hashing. */
  private static final long SCATTER = 0x9e3779b97f4a7c15L;

  private static final int SET_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(SETS);

  private final AtomicLongArray keys = new AtomicLongArray(SETS * PLACES);
  private final ReadStream[] streams = new ReadStream[SETS * PLACES];

  StreamTable(final Prefetcher prefetcher) {
    for (int i = 0; i < streams.length; i++) {
      streams[i] = new ReadStream(prefetcher);
    }
  }

  /**
   * Finds the stream that a read continues, or starts one where that read begins.
   *
   * @param key not 0
   * @param inOrder whether only streams that the read follows are meant; else any of this key
   * @return a claimed stream, or null: another thread has it, and will hear of the read
   */
  @Nullable ReadStream claim(
      final long key, final long ino, final long offset, final int count, final boolean inOrder) {
    final int place = placeOf(key, offset, count, inOrder);
    if (place < 0) {
      return start(key, ino, offset + count);
    }
    final ReadStream stream = streams[place];
    if (!stream.tryClaim()) {
      stream.leaveNote(offset, count);
      return null;
    }
    if (keys.get(place) == key) {
      return stream;
    }
    stream.unclaim(); // It was taken away meanwhile.
    return null;
  }

  /** Where the stream is that a read continues most closely; -1 if there is none. */
  private int placeOf(final long key, final long offset, final int count, final boolean inOrder) {
    final int first = firstPlace(key);
    int nearest = -1;
    long least = ReadStream.FAR;
    for (int i = first; i < first + PLACES; i++) {
      if (keys.get(i) == key) {
        final long distance = inOrder ? streams[i].distance(offset, count) : 0;
        if (distance < least) {
          least = distance;
          nearest = i;
        }
      }
    }
    return nearest;
  }

  private @Nullable ReadStream start(final long key, final long ino, final long end) {
    final int place = placeFor(key);
    final ReadStream stream = streams[place];
    if (!stream.tryClaim()) {
      return null;
    }
    final long before = keys.get(place);
    stream.abandon();
    final int caution = before == key ? stream.caution() : 0;
    keys.set(place, key);
    stream.begin(ino, end, Math.max(caution, cautionOf(key, place)));
    return stream;
  }

  /** The place whose stream is missed least: if the key has its share, one of its own. */
  private int placeFor(final long key) {
    final int first = firstPlace(key);
    int oldest = first;
    int own = 0;
    int leastOwn = first;
    for (int i = first; i < first + PLACES; i++) {
      final ReadStream stream = streams[i];
      if (stream.lastUse() - streams[oldest].lastUse() < 0) {
        oldest = i;
      }
      if (keys.get(i) == key) {
        if (own == 0 || stream.isLessThan(streams[leastOwn])) {
          leastOwn = i;
        }
        own++;
      }
    }
    return own < PLACES_PER_KEY ? oldest : leastOwn;
  }

  /**
   * What other streams of this key have learnt, and one step more for each that has blocks loaded
   * which nobody has come for: perhaps it was one jump among many. Read while others change it.
   */
  private int cautionOf(final long key, final int except) {
    final int first = firstPlace(key);
    int most = 0;
    int unread = 0;
    for (int i = first; i < first + PLACES; i++) {
      if (i != except && keys.get(i) == key) {
        most = Math.max(most, streams[i].caution());
        unread += streams[i].hasUnread() ? 1 : 0;
      }
    }
    return most + unread;
  }

  /** Ends all streams of a key. */
  void end(final long key) {
    final int first = firstPlace(key);
    for (int i = first; i < first + PLACES; i++) {
      if (keys.get(i) == key) {
        streams[i].requestEnd();
      }
    }
  }

  /** Ends all streams that have had no read for long. Looks at all of them. */
  void endIdle() {
    for (final ReadStream stream : streams) {
      if (stream.isIdle() && stream.tryClaim()) {
        stream.abandon();
        stream.unclaim();
      }
    }
  }

  private static int firstPlace(final long key) {
    return (int) ((key * SCATTER) >>> SET_SHIFT) * PLACES;
  }
}
