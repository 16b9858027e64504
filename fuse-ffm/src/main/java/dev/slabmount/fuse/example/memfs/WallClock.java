package dev.slabmount.fuse.example.memfs;

/**
 * The time of day in nanoseconds, without the objects that {@link java.time.Instant} costs: {@link
 * System#nanoTime} counts on from a moment that is known, and {@link System#currentTimeMillis}, at
 * which it looks every millisecond, keeps it to the millisecond that the system's clock shows,
 * however that is set.
 *
 * <p>Thread-safe. About 25 ns, one look at a clock.
 */
final class WallClock {
  private static final long NANOS_PER_MILLI = 1_000_000;

  // Races only choose among equals: each is whole, and any of several that were found at about the
  // same time is as good as another.
  /** What {@link System#nanoTime} lacks to the time of day. */
  private volatile long offset;

  /** When the system's clock was last looked at, by {@link System#nanoTime}. */
  private volatile long lookedAt;

  WallClock() {
    long counter = System.nanoTime();
    offset = System.currentTimeMillis() * NANOS_PER_MILLI - counter;
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

  /** Takes the time that is nearest to what we show, of those that the system's clock may mean. */
  private void look(long counter) {
    long first = System.currentTimeMillis() * NANOS_PER_MILLI;
    long last = first + NANOS_PER_MILLI - 1;
    offset = Math.clamp(counter + offset, first, last) - counter;
    lookedAt = counter;
  }
}
