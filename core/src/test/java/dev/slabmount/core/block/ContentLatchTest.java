package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContentLatchTest {
  private static final int SLOT = 5;

  private static HeaderWords offHeap() {
    return new SegmentWords(Arena.ofAuto().allocate(8L * BlockHeaderDescriptor.HEADER_BYTES, 64));
  }

  @Test
  void shouldLetManyReadersInAtOnce() {
    final ContentLatch latch = new ContentLatch(offHeap());
    latch.lockShared(SLOT);
    latch.lockShared(SLOT);
    assertFalse(latch.isIdle(SLOT));
    latch.unlockShared(SLOT);
    latch.unlockShared(SLOT);
    assertTrue(latch.isIdle(SLOT));
  }

  @Test
  void shouldNotMixUpSlots() {
    final ContentLatch latch = new ContentLatch(offHeap());
    latch.lockExclusive(SLOT);
    latch.lockExclusive(SLOT + 1);
    latch.unlockExclusive(SLOT);
    assertTrue(latch.isIdle(SLOT));
    assertFalse(latch.isIdle(SLOT + 1));
    latch.unlockExclusive(SLOT + 1);
  }

  @Test
  void shouldKeepAWriterOutUntilTheLastReaderLeavesAndNewReadersBehindIt() throws Exception {
    final ArrayWords words = new ArrayWords(8);
    final ContentLatch latch = new ContentLatch(words);
    latch.lockShared(SLOT);
    final CountDownLatch written = new CountDownLatch(1);
    final CountDownLatch readAgain = new CountDownLatch(1);
    final Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              latch.lockExclusive(SLOT);
              written.countDown();
              latch.unlockExclusive(SLOT);
            });
    awaitWaiters(words);
    final Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              latch.lockShared(SLOT);
              readAgain.countDown();
              latch.unlockShared(SLOT);
            });
    assertFalse(written.await(20, TimeUnit.MILLISECONDS));
    assertFalse(readAgain.await(20, TimeUnit.MILLISECONDS), "it queues behind the writer");
    latch.unlockShared(SLOT);
    assertTrue(written.await(10, TimeUnit.SECONDS));
    assertTrue(readAgain.await(10, TimeUnit.SECONDS));
    writer.join();
    reader.join();
    assertTrue(latch.isIdle(SLOT));
  }

  @Test
  void shouldLetASleeperInThoughOthersAreAlwaysFaster() throws Exception {
    final ContentLatch latch = new ContentLatch(offHeap());
    final AtomicBoolean over = new AtomicBoolean();
    final List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      final boolean writes = i % 2 == 0;
      busy.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!over.get()) {
                  if (writes) {
                    latch.lockExclusive(SLOT);
                    latch.unlockExclusive(SLOT);
                  } else {
                    latch.lockShared(SLOT);
                    latch.unlockShared(SLOT);
                  }
                }
              }));
    }
    final long deadline = System.nanoTime() + 20_000_000_000L;
    int entered = 0;
    while (entered < 400 && System.nanoTime() < deadline) {
      latch.lockExclusive(SLOT);
      latch.unlockExclusive(SLOT);
      latch.lockShared(SLOT);
      latch.unlockShared(SLOT);
      entered++;
    }
    over.set(true);
    for (final Thread thread : busy) {
      assertTrue(thread.join(Duration.ofSeconds(10)), "a thread is never woken");
    }
    assertEquals(400, entered);
    assertTrue(latch.isIdle(SLOT), "bits are left behind");
  }

  @Test
  void shouldGoBeforeEverybodyOnceItWasOvertakenForLong() throws Exception {
    final ArrayWords words = new ArrayWords(8);
    final ContentLatch latch = new ContentLatch(words);
    final AtomicBoolean over = new AtomicBoolean();
    final AtomicInteger entered = new AtomicInteger();
    latch.lockExclusive(SLOT);
    final Thread sleeper =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (!over.get()) {
                latch.lockExclusive(SLOT);
                entered.incrementAndGet();
                latch.unlockExclusive(SLOT);
              }
            });
    final long deadline = System.nanoTime() + 20_000_000_000L;
    boolean urgent = false;
    while (!urgent && System.nanoTime() < deadline) {
      latch.unlockExclusive(SLOT); // Wakes it, if it sleeps,
      latch.lockExclusive(SLOT); // and overtakes it, mostly.
      final long until = System.nanoTime() + 20_000_000L;
      while (!urgent && System.nanoTime() < until) {
        urgent = (words.latches.get(SLOT) & ContentLatch.URGENT) != 0;
      }
    }
    assertTrue(urgent, "it lets itself be overtaken for ever");
    final int before = entered.get();
    latch.unlockExclusive(SLOT);
    latch.lockExclusive(SLOT);
    assertTrue(entered.get() > before, "it was overtaken again");
    over.set(true);
    latch.unlockExclusive(SLOT);
    assertTrue(sleeper.join(Duration.ofSeconds(10)));
    assertTrue(latch.isIdle(SLOT));
  }

  @Test
  void shouldPutAnInterruptOffUntilTheThreadIsIn() throws Exception {
    final ContentLatch latch = new ContentLatch(offHeap());
    latch.lockExclusive(SLOT);
    final AtomicBoolean interrupted = new AtomicBoolean();
    final Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              latch.lockExclusive(SLOT);
              interrupted.set(Thread.currentThread().isInterrupted());
              latch.unlockExclusive(SLOT);
            });
    writer.interrupt();
    assertFalse(writer.join(Duration.ofMillis(20)), "it must wait all the same");
    latch.unlockExclusive(SLOT);
    writer.join();
    assertTrue(interrupted.get());
  }

  private static void awaitWaiters(final ArrayWords words) {
    while (words.latches.get(SLOT) == 1) { // One reader and nobody asleep.
      Thread.onSpinWait();
    }
  }

  @Test
  void shouldShowEveryWriteWholeOrNotAtAll() throws Exception {
    assertTrue(new WholeWrites(new ContentLatch(offHeap())).passes());
    assertTrue(new WholeWrites(new ContentLatch(new ArrayWords(8))).passes());
  }

  @Test
  void shouldRejectALatchThatLetsTwoIn() throws Exception {
    final long deadline = System.nanoTime() + 20_000_000_000L;
    boolean rejected = false;
    while (!rejected && System.nanoTime() < deadline) {
      rejected =
          !new WholeWrites(
                  new ContentLatch(
                      new ArrayWords(8) {
                        @Override
                        boolean casLatch(final int slot, final int expected, final int next) {
                          if (latches.get(slot) != expected) {
                            return false;
                          }
                          latches.set(slot, next); // The bug: two steps.
                          return true;
                        }
                      }))
              .passes();
    }
    assertTrue(rejected);
  }

  /** Writers count up two numbers, readers compare them; in the end no step is missing. Edge E4. */
  private static final class WholeWrites extends ConcurrentCheck {
    private static final int STEPS = 20_000;

    private final ContentLatch latch;
    private final long[] content = new long[16];

    WholeWrites(final ContentLatch latch) {
      this.latch = latch;
    }

    @Override
    void run(final int thread) {
      for (int i = 0; i < STEPS && !hasFailed(); i++) {
        if (thread % 2 == 0) {
          latch.lockExclusive(SLOT);
          content[0]++;
          content[15]++;
          latch.unlockExclusive(SLOT);
        } else {
          latch.lockShared(SLOT);
          if (content[0] != content[15]) {
            fail("torn");
          }
          latch.unlockShared(SLOT);
        }
      }
    }

    @Override
    boolean endsWell() {
      return content[0] == 2 * STEPS && content[15] == 2 * STEPS && latch.isIdle(SLOT);
    }
  }
}
