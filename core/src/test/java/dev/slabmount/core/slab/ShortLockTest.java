package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ShortLockTest {
  private final ShortLock lock = new ShortLock();
  private int count;

  private void countUnderLock() {
    lock.lock();
    try {
      count++;
    } finally {
      lock.unlock();
    }
  }

  @Test
  void shouldSleepIfTheHolderDoesNotComeToAnEnd() throws Exception {
    final Thread other;
    lock.lock();
    try {
      other = Thread.ofPlatform().start(this::countUnderLock);
      final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (other.getState() != Thread.State.WAITING) {
        assertTrue(System.nanoTime() < deadline, "it does not sleep: " + other.getState());
        Thread.onSpinWait();
      }
      assertEquals(0, count, "it is not let in");
    } finally {
      lock.unlock();
    }
    other.join();
    assertEquals(1, count);
    assertFalse(lock.isLocked());
  }

  @Test
  void shouldLetOneInAtATime() throws Exception {
    final int rounds = 100_000;
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int round = 0; round < rounds; round++) {
                  countUnderLock();
                }
              }));
    }
    for (final Thread thread : threads) {
      thread.join();
    }
    assertEquals(threads.size() * rounds, count);
  }

  @Test
  void shouldGiveUpAfterAFewLooks() {
    int looks = 0;
    while (looks < 1000 && ShortWait.pause(looks)) {
      looks++;
    }
    assertTrue(looks > 1 && looks < 100, looks + " looks");
    assertFalse(ShortWait.pause(Integer.MAX_VALUE));
  }
}
