package dev.slabmount.fuse.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * Who watches the requests of a mount besides its filesystem.
 *
 * @param latencies how long they take; null: nobody counts
 * @param log a line for each; null: nobody reads
 */
public record Observation(@Nullable Latencies latencies, @Nullable RequestLog log) {
  /** Nobody. */
  public static final Observation NONE = new Observation(null, null);
}
