package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottledLogTest {

  @Test
  void shouldLogSoManyLinesInAPeriodAndCountTheRest() {
    final LineLog lines = new LineLog();
    final AtomicLong clock = new AtomicLong(-5);
    final ThrottledLog log = new ThrottledLog(lines, clock::get);
    for (int i = 0; i < 1000; i++) {
      final int number = i;
      log.log(System.Logger.Level.ERROR, () -> "line " + number, null);
    }
    assertEquals(20, lines.lines.size());
    assertEquals("ERROR line 19", lines.lines.getLast());
    clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
    log.log(System.Logger.Level.ERROR, () -> "later", new Exception("why"));
    assertEquals(
        List.of("ERROR 980 more messages like the last ones were left out", "ERROR later"),
        lines.lines.subList(20, 22));
    assertEquals("why", lines.thrown.getFirst().getMessage());
    clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
    log.log(System.Logger.Level.ERROR, () -> "much later", null);
    assertEquals(23, lines.lines.size(), "nothing was left out in between");
  }
}
