package dev.slabmount.bench.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That threads are counted, and that what goes wrong in one is told. */
@Timeout(60)
class CrewTest {
  private static final int[] DRAWS = new int[Draws.LENGTH];

  @Test
  void shouldCountWhatEachThreadDoes() throws Exception {
    AtomicLong done = new AtomicLong();
    Work work = (_, _) -> done.addAndGet(Work.BATCH);
    long total;
    try (Crew crew = new Crew(List.of(work, work), DRAWS)) {
      Tally tally = crew.sample(50);
      assertEquals(2, tally.operations().length);
      assertTrue(tally.operations()[0] > 0 && tally.operations()[1] > 0, tally.toWords());
      assertTrue(tally.nanos() >= 50_000_000, tally.toWords());
      total = crew.total();
    }
    assertTrue(total > 0 && total <= done.get(), total + " of " + done.get());
  }

  @Test
  void shouldTellThatAThreadFailed() {
    Work broken =
        (_, _) -> {
          throw new IllegalStateException("planted");
        };
    try (Crew crew = new Crew(List.of(broken), DRAWS)) {
      IllegalStateException told = assertThrows(IllegalStateException.class, () -> crew.sample(20));
      assertTrue(String.valueOf(told.getMessage()).contains("planted"), told.getMessage());
    }
  }
}
