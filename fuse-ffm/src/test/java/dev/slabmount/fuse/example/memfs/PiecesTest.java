package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PiecesTest {
  private static final int BYTES = 4096;
  private static final int THREADS = 4;
  private static final int ROUNDS = 2_000_000;

  private final CyclicBarrier together = new CyclicBarrier(THREADS);
  private final Pieces pieces = new Pieces(BYTES, 3);

  @AfterEach
  void close() {
    pieces.close();
  }

  @Test
  void shouldGivePiecesThatDoNotTouch() {
    Set<Integer> numbers = new HashSet<>();
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int piece = pieces.take();
      assertTrue(numbers.add(piece), "given twice: " + piece);
      assertEquals(0, pieces.address(piece) % BYTES);
      addresses.add(pieces.address(piece));
      fill(piece, i);
    }
    addresses.sort(null);
    for (int i = 1; i < addresses.size(); i++) {
      assertTrue(addresses.get(i) - addresses.get(i - 1) >= BYTES);
    }
    for (int piece : numbers) {
      long seen = word(piece, 0);
      assertEquals(seen, word(piece, BYTES - 8), "written over");
    }
  }

  @Test
  void shouldTakeNoNewMemoryForWhatComesBack() {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      numbers.add(pieces.take());
    }
    for (int round = 0; round < 1000; round++) {
      numbers.forEach(pieces::give);
      Set<Integer> again = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        again.add(pieces.take());
      }
      assertEquals(numbers, again);
    }
    assertTrue(!numbers.contains(pieces.take()), "all of them are out");
  }

  @Test
  void shouldNeverGiveAPieceToTwoThreads() throws Exception {
    AtomicIntegerArray owners = new AtomicIntegerArray(1024);
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> working = new ArrayList<>();
      for (int thread = 1; thread <= THREADS; thread++) {
        int own = thread;
        working.add(
            pool.submit(() -> {
              takeAndGive(own, owners);
              return null;
            }));
      }
      for (Future<?> each : working) {
        each.get();
      }
    }
    for (int i = 0; i < owners.length(); i++) {
      assertEquals(0, owners.get(i));
    }
    int highest = 0;
    for (int i = 0; i < THREADS * 2; i++) {
      highest = Math.max(highest, pieces.take());
    }
    assertTrue(highest < THREADS * 2 + 8, "pieces were lost: " + highest);
  }

  /**
   * Two are taken, and the first comes back while the second is out: it is on top again, but what
   * lies below it has changed, which an overtaken thread has to notice.
   */
  private void takeAndGive(int own, AtomicIntegerArray owners) throws Exception {
    together.await();
    for (int i = 0; i < ROUNDS; i++) {
      int first = take(own, owners);
      int second = take(own, owners);
      owners.set(first, 0);
      pieces.give(first);
      int third = take(own, owners);
      owners.set(third, 0);
      pieces.give(third);
      owners.set(second, 0);
      pieces.give(second);
    }
  }

  private int take(int own, AtomicIntegerArray owners) {
    int piece = pieces.take();
    if (owners.getAndSet(piece, own) != 0) {
      throw new AssertionError("piece " + piece + " belongs to somebody");
    }
    return piece;
  }

  @Test
  void shouldBeginAnewAfterItWasClosed() {
    int before = pieces.take();
    pieces.close();
    int first = pieces.take();
    assertEquals(before, first);
    fill(first, 7);
    assertNotEquals(first, pieces.take());
  }

  private MemorySegment memory(int piece) {
    return MemorySegment.ofAddress(pieces.address(piece)).reinterpret(BYTES);
  }

  private void fill(int piece, long value) {
    MemorySegment memory = memory(piece);
    memory.set(ValueLayout.JAVA_LONG, 0, value);
    memory.set(ValueLayout.JAVA_LONG, BYTES - 8, value);
  }

  private long word(int piece, long at) {
    return memory(piece).get(ValueLayout.JAVA_LONG, at);
  }
}
