package dev.slabmount.fuse.inode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.FileSystem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LookupCountsTest {
  private final LookupCounts counts = new LookupCounts();

  @Test
  void shouldCountWhatTheKernelTakesAndGivesBack() {
    counts.add(7, 1);
    counts.add(7, 2);
    counts.add(8, 1);
    assertEquals(3, counts.count(7));
    assertEquals(2, counts.inodes());
    assertEquals(4, counts.total());
    counts.remove(7, 3);
    assertEquals(0, counts.count(7));
    assertEquals(1, counts.inodes());
    counts.clear();
    assertEquals(0, counts.inodes());
    assertEquals(0, counts.total());
  }

  @Test
  void shouldNeverGoBelowZero() {
    counts.remove(7, 5);
    assertEquals(0, counts.count(7));
    assertEquals(0, counts.inodes());
    counts.add(7, 2);
    counts.remove(7, 3);
    assertEquals(0, counts.count(7));
    counts.add(7, 1);
    assertEquals(1, counts.count(7));
  }

  @Test
  void shouldCountNeitherTheRootNorNothing() {
    counts.add(FileSystem.ROOT, 1);
    counts.add(0, 1);
    counts.remove(FileSystem.ROOT, 1);
    counts.remove(0, 1);
    assertEquals(0, counts.inodes());
    assertEquals(0, counts.total());
  }

  @Test
  void shouldKeepAnyNumberAnInodeCanHave() {
    long[] inos = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 2, 1L << 32, -(1L << 32)};
    for (long ino : inos) {
      counts.add(ino, 5);
    }
    for (long ino : inos) {
      assertEquals(5, counts.count(ino), () -> "inode " + ino);
    }
    assertEquals(inos.length, counts.inodes());
  }

  @Test
  void shouldTellNeighboursApart() {
    for (long ino = 2; ino < 200; ino++) {
      counts.add(ino, ino);
    }
    counts.remove(100, 99);
    counts.remove(101, 101);
    for (long ino = 2; ino < 200; ino++) {
      long left = ino == 100 ? 1 : ino == 101 ? 0 : ino;
      assertEquals(left, counts.count(ino), "inode " + ino);
    }
    assertEquals(197, counts.inodes());
  }

  /** Far apart, so that each has a run of its own: some 60 in every stripe, which grows by then. */
  @Test
  void shouldKeepEveryCountWhileTheBooksGrow() {
    int inodes = 60_000;
    for (long i = 1; i <= inodes; i++) {
      counts.add(i << 10, i);
    }
    for (long i = 1; i <= inodes; i++) {
      assertEquals(i, counts.count(i << 10), "inode " + (i << 10));
    }
    assertEquals(inodes, counts.inodes());
    assertEquals(inodes * (inodes + 1L) / 2, counts.total());
    for (long i = 1; i <= inodes; i++) {
      counts.remove(i << 10, i);
    }
    assertEquals(0, counts.inodes());
    assertEquals(0, counts.runs());
  }

  @Test
  void shouldKeepNothingOfWhatIsForgotten() {
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      counts.add(random.nextLong(), 2);
      counts.add(2 + i, 1);
    }
    assertTrue(counts.runs() > 1000);
    random.setSeed(7);
    for (int i = 0; i < 1000; i++) {
      counts.remove(random.nextLong(), 2);
      counts.remove(2 + i, 1);
    }
    assertEquals(0, counts.runs());
    assertEquals(0, counts.inodes());
    counts.add(9, 1);
    assertEquals(1, counts.total(), "what is used again begins with nothing");
  }

  /**
   * Threads with inodes that they share take and give back at random; each gives back at most what
   * it took, as the kernel does, so the sum of their own books is the truth.
   */
  @Test
  void shouldAgreeWithAModelThatManyThreadsWrite() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("LookupCountsTest seed " + seed);
    int threads = 4;
    List<Future<Map<Long, Long>>> books = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int t = 0; t < threads; t++) {
        Random random = new Random(seed + t);
        books.add(executor.submit(() -> play(random)));
      }
      Map<Long, Long> model = new HashMap<>();
      for (Future<Map<Long, Long>> book : books) {
        book.get(50, TimeUnit.SECONDS).forEach((ino, held) -> model.merge(ino, held, Long::sum));
      }
      model.forEach(
          (ino, held) -> assertEquals(held, counts.count(ino), () -> ino + ", seed " + seed));
      assertEquals(model.values().stream().mapToLong(held -> held).sum(), counts.total());
      assertEquals(model.values().stream().filter(held -> held > 0).count(), counts.inodes());
    }
  }

  private Map<Long, Long> play(Random random) {
    Map<Long, Long> mine = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      long ino = random.nextLong(2, 5_000);
      long held = mine.getOrDefault(ino, 0L);
      if (random.nextInt(5) < 3) {
        long taken = random.nextLong(1, 4);
        counts.add(ino, taken);
        mine.put(ino, held + taken);
      } else if (held > 0) {
        long given = random.nextInt(2) == 0 ? held : random.nextLong(held) + 1;
        counts.remove(ino, given);
        mine.put(ino, held - given);
      }
    }
    return mine;
  }
}
