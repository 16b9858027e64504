package dev.slabmount.fuse.example.memfs;

import java.time.Instant;

/**
 * The time of day in nanoseconds, without the objects that {@link Instant} costs: {@link
 * System#nanoTime} counts on from a moment that is known. Once a millisecond it is held against
 * {@link System#currentTimeMillis}, and follows if the system's clock was set.
 *
 * <p>It goes back only if the system's clock was put back: a thread that is kept from running
 * between two looks at clocks takes that for no difference. Thread-safe. About 25 ns, one look at a
 * clock.
 */
final class WallClock {
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  // Races only choose among equals: each is whole, and of several that were found at about the same
  // time any will do.
  /** What {@link System#nanoTime} lacks to the time of day. */
  private volatile long offset;

  /** When the system's clock was last looked at, by {@link System#nanoTime}. */
  private volatile long lookedAt;

  WallClock() {
    Instant now = Instant.now();
    long counter = System.nanoTime();
    offset = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - counter;
    lookedAt = counter;
  }

  /** Nanoseconds since 1970. */
  long now() {
    long counter = System.nanoTime();
    if (counter - lookedAt >= NANOS_PER_MILLI) {
      look(counter);
    }
    return counter + offset;
  }

  /** The system's clock showed its millisecond somewhen between {@code before} and after it. */
  void look(long before) {
    long first = System.currentTimeMillis() * NANOS_PER_MILLI;
    long after = System.nanoTime();
    long last = first + NANOS_PER_MILLI - 1;
    long known = offset;
    if (after + known < first) {
      offset = first - after;
    } else if (before + known > last) {
      offset = last - before;
    }
    lookedAt = after;
  }
}
