package dev.slabmount.vfs.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimestampsTest {

  @Test
  void shouldRoundDownOnBothSidesOfTheEpoch() {
    assertEquals(1, Timestamps.micros(nanos(1_999)));
    assertEquals(0, Timestamps.micros(nanos(999)));
    assertEquals(-1, Timestamps.micros(nanos(-1)));
    assertEquals(-1, Timestamps.micros(nanos(-1_000)));
    assertEquals(-2, Timestamps.micros(nanos(-1_001)));
    assertEquals(
        1_700_000_000_123_456L,
        Timestamps.micros(FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789))));
  }

  @Test
  void shouldTakeTheNearestTimeThatFits() {
    final FileTime late = FileTime.from(9_300_000_000_000L, TimeUnit.SECONDS);
    final FileTime early = FileTime.from(-9_300_000_000_000L, TimeUnit.SECONDS);
    assertEquals(Long.MAX_VALUE, Timestamps.micros(late));
    assertEquals(Long.MIN_VALUE, Timestamps.micros(early));
    assertFalse(Timestamps.isInRange(late));
    assertFalse(Timestamps.isInRange(early));
    assertTrue(Timestamps.isInRange(nanos(0)));
  }

  private static FileTime nanos(final long nanos) {
    return FileTime.from(nanos, TimeUnit.NANOSECONDS);
  }
}
