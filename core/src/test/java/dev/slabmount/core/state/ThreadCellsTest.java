package dev.slabmount.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadCellsTest {
  private static final int STEPS = 20_000;

  private final ThreadCells cells = new ThreadCells(2);

  private int addMany() {
    for (int i = 0; i < STEPS; i++) {
      final int cell = cells.mine();
      cells.add(cell, 0, 1);
      cells.add(cell, 1, -3);
    }
    return cells.mine();
  }

  @Test
  void shouldGiveNoTwoLivingThreadsOneCellAndSumExactlyWhatTheyAdd() throws Exception {
    final int count = 300;
    final CyclicBarrier allAlive = new CyclicBarrier(count);
    final AtomicIntegerArray owners = new AtomicIntegerArray(count);
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  allAlive.await();
                  final int cell = addMany();
                  if (cell >= 0) {
                    owners.incrementAndGet(cell);
                  }
                  allAlive.await(); // None gives its cell up before all have added.
                } catch (final Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    for (final Thread thread : threads) {
      thread.join();
    }
    for (int cell = 0; cell < count; cell++) {
      assertTrue(owners.get(cell) <= 1, owners.get(cell) + " living threads add to cell " + cell);
    }
    assertEquals((long) count * STEPS, cells.sum(0));
    assertEquals(-3L * count * STEPS, cells.sum(1));
  }

  @Test
  void shouldKeepTheSumsOfThreadsThatEndedAndGiveTheirCellsToOthers() throws Exception {
    final int count = 1000;
    int withCell = 0;
    for (int i = 0; i < count; i++) {
      final int[] cell = new int[1];
      final Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                cell[0] = cells.mine();
                cells.add(cell[0], 0, 1);
              });
      thread.join();
      withCell += cell[0] >= 0 ? 1 : 0;
    }
    assertEquals(count, cells.sum(0));
    assertTrue(withCell == count, withCell + " of " + count + " threads had a cell of their own");
  }

  @Test
  void shouldLetThreadsGoThatHaveEndedAndKeepWhatTheyAdded() throws Exception {
    final List<WeakReference<Thread>> ended = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ended.add(new WeakReference<>(addOnce()));
    }
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (ended.stream().anyMatch(thread -> !thread.refersTo(null))) {
      assertTrue(System.nanoTime() < deadline, "threads that have ended are kept");
      System.gc();
    }
    assertEquals(20, cells.sum(0));
    addOnce();
    assertEquals(21, cells.sum(0));
  }

  private Thread addOnce() throws InterruptedException {
    final Thread thread = Thread.ofPlatform().start(() -> cells.add(cells.mine(), 0, 1));
    thread.join();
    return thread;
  }
}
