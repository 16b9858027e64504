package dev.slabmount.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.bench.report.MeasuringException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What threads used between two looks. */
class ProcessorTimeTest {

  @Test
  void shouldAddUpWhatEachThreadUsedSince() {
    ProcessorTime before = ProcessorTime.of(Map.of("1", 100L, "2", 5L));
    ProcessorTime after = ProcessorTime.of(Map.of("1", 130L, "2", 7L));
    assertEquals(Duration.ofNanos(32), after.since(before));
  }

  @Test
  void shouldCountNewThreadsFromTheirBeginningAndEndedOnesNotAtAll() {
    ProcessorTime before = ProcessorTime.of(Map.of("1", 100L, "gone", 5_000L));
    ProcessorTime after = ProcessorTime.of(Map.of("1", 100L, "new", 40L));
    assertEquals(Duration.ofNanos(40), after.since(before));
  }

  @Test
  void shouldSeeThisProcessAtWork() throws MeasuringException {
    long pid = ProcessHandle.current().pid();
    ProcessorTime before = ProcessorTime.of(pid);
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    Duration used = Duration.ZERO;
    while (used.toMillis() < 20 && System.nanoTime() - end < 0) {
      used = ProcessorTime.of(pid).since(before);
    }
    assertTrue(used.toMillis() >= 20, used.toString());
  }
}
