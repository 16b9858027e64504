package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.vfs.FakeRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads that come while the keeper falls asleep, or while everything ends. */
@Timeout(60)
class PendingReadsTest extends HangingFiles {

  private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int LOOKS_BEFORE_SLEEP = 40;
  private static final int SPINS_MAX = 100;

  private ReadLimits limits;
  private Fetches fetches;
  private ReadCounters counters;

  @BeforeEach
  void makeParts() throws Exception {
    limits = limits(2, 10, LONG);
    make(1, 100, limits, true);
    counters = new ReadCounters();
    final FileLayout layout = new FileLayout(tree, pool.config().blockSize());
    final StoreThreads none = new StoreThreads("unused-", 1, Duration.ofSeconds(1));
    none.close();
    fetches = new Fetches(tree, layout, pool, (a, b, c, d) -> 0, none, none, counters);
  }

  private Miss miss(final PendingReads pending, final FakeRequest request) {
    final FileLayout layout = new FileLayout(tree, pool.config().blockSize());
    final PoolReplies replies = new PoolReplies(tree, layout, pool);
    final ReadContext context =
        new ReadContext(
            tree, layout, pool, replies, fetches, pending, counters, new ReadLog(tree, log));
    return new Miss(context, request, ino(0), 0, 100);
  }

  /** Edge V3. A read whose caller gives up is ended by the keeper, or by nobody. */
  @Test
  void shouldLookAfterAReadThatComesWhileTheKeeperFallsAsleep() throws Exception {
    final Random random = new Random();
    try (PendingReads pending = new PendingReads(limits, fetches, counters)) {
      pending.start();
      final Thread keeper = newestKeeper();
      final long end = System.nanoTime() + RUN_NANOS;
      int rounds = 0;
      while (System.nanoTime() - end < 0) {
        while (keeper.getState() != Thread.State.WAITING) {
          letLook(keeper);
        }
        LockSupport.unpark(keeper);
        for (int look = 1; look < LOOKS_BEFORE_SLEEP - 1; look++) {
          letLook(keeper);
        }
        final FakeRequest request = new FakeRequest();
        request.interrupted = true;
        final Miss miss = miss(pending, request);
        assertTrue(pending.enter(request));
        letLook(keeper); // The last one before it sleeps.
        for (int i = random.nextInt(SPINS_MAX); i > 0; i--) {
          Thread.onSpinWait();
        }
        pending.add(miss);
        assertEquals(new FakeRequest.Failed(Errno.EINTR), request.answer(), "round " + rounds);
        rounds++;
      }
      assertTrue(rounds > 10, "rounds: " + rounds);
    }
  }

  /** Wakes the keeper out of the rest between two looks, and sees it begin to look. */
  private static void letLook(final Thread keeper) {
    final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    while (keeper.getState() == Thread.State.RUNNABLE && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
    if (keeper.getState() == Thread.State.TIMED_WAITING) {
      LockSupport.unpark(keeper);
      final long seen = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(300);
      while (keeper.getState() == Thread.State.TIMED_WAITING && System.nanoTime() - seen < 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static Thread newestKeeper() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("slabmount-read-keeper"))
        .max(Comparator.comparingLong(Thread::threadId))
        .orElseThrow();
  }

  /** Edge V4. A read that nobody looks after any more answers itself. */
  @Test
  void shouldAnswerAReadThatComesWhileEverythingEnds() throws Exception {
    final Random random = new Random();
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    for (int round = 0; System.nanoTime() - end < 0; round++) {
      final PendingReads pending = new PendingReads(limits, fetches, counters);
      final FakeRequest request = new FakeRequest();
      assertTrue(pending.enter(request));
      pending.leaveUnused(); // So that closing does not wait for it.
      final Miss miss = miss(pending, request);
      final AtomicInteger arrived = new AtomicInteger();
      final int spins = random.nextInt(SPINS_MAX);
      final CountDownLatch closed = new CountDownLatch(1);
      final Thread closer =
          Thread.ofPlatform()
              .start(() -> {
                meet(arrived);
                pending.close();
                closed.countDown();
              });
      meet(arrived);
      for (int i = 0; i < spins; i++) {
        Thread.onSpinWait();
      }
      pending.add(miss);
      assertTrue(closed.await(20, TimeUnit.SECONDS));
      closer.join();
      assertTrue(request.isAnswered(), "round " + round);
      assertEquals(0, pending.count());
    }
  }

  private static void meet(final AtomicInteger arrived) {
    arrived.incrementAndGet();
    while (arrived.get() < 2) {
      Thread.onSpinWait();
    }
  }
}
