package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.OperationStats;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void shouldKnowEveryDurationToAnEighth() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200_000; i++) {
      long nanos = random.nextLong(1L << (1 + random.nextInt(40)));
      long end = Latencies.endOf(Latencies.bucketOf(nanos));
      assertTrue(end >= nanos && end - nanos <= nanos / 8, nanos + " in a bucket to " + end);
    }
    assertEquals(0, Latencies.bucketOf(-5));
    assertEquals(Latencies.bucketOf((1L << 41) - 1), Latencies.bucketOf(Long.MAX_VALUE));
  }

  @Test
  void shouldFindQuantilesAndTheLongest() {
    for (int i = 1; i <= 1000; i++) {
      latencies.record(Operation.READ, i * 1000L);
    }
    latencies.record(Operation.LOOKUP, 3);
    List<OperationStats> stats = latencies.stats();
    assertEquals(new OperationStats("lookup", 1, 3, 3, 3, 3, 3), stats.getFirst());
    OperationStats read = stats.getLast();
    assertEquals("read", read.operation());
    assertEquals(1000, read.count());
    assertEquals(500_000, (double) read.medianNanos(), 500_000 / 8.0);
    assertEquals(900_000, (double) read.p90Nanos(), 900_000 / 8.0);
    assertEquals(990_000, (double) read.p99Nanos(), 990_000 / 8.0);
    assertTrue(read.p999Nanos() >= 999_000 && read.p999Nanos() <= 1_000_000);
    assertEquals(1_000_000, read.maxNanos());
    assertEquals(2, stats.size());
  }

  @Test
  void shouldLoseNoCountOfManyThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 100_000; n++) {
                  latencies.record(Operation.READ, n);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(400_000, latencies.stats().getFirst().count());
    assertEquals(99_999, latencies.stats().getFirst().maxNanos());
  }
}
