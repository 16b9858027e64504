package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to a load that several wait for, in every way that it can end. */
public abstract class SingleFlightContract extends PoolFixture {
  private static final BlockKey KEY = BlockKey.ofContent(1, 2, 3);

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private MemoryPool pool;

  /** For pools of this kind. */
  protected SingleFlightContract(final PoolKind kind) {
    super(kind);
  }

  @BeforeEach
  void createPool() {
    pool = poolThatWaitsForLoads(Duration.ofSeconds(30));
  }

  private MemoryPool poolThatWaitsForLoads(final Duration loadTimeout) {
    return pool(slots(8).roomWait(Duration.ofMillis(50)).loadTimeout(loadTimeout));
  }

  @AfterEach
  void allThreadsEnd() throws InterruptedException {
    executor.shutdown();
    assertTrue(executor.awaitTermination(20, TimeUnit.SECONDS));
  }

  /** A load that tells when it has begun and goes on when it is told to. */
  private static final class SlowLoad implements BlockContentProvider {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final AtomicInteger loads = new AtomicInteger();
    private final BlockContentProvider rest;

    SlowLoad(final BlockContentProvider rest) {
      this.rest = rest;
    }

    @Override
    public int load(final BlockKey key, final java.lang.foreign.MemorySegment slot)
        throws IOException {
      loads.incrementAndGet();
      begun.countDown();
      try {
        if (!goOn.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("nobody let the load go on");
        }
      } catch (final InterruptedException e) {
        throw new InterruptedIOException("interrupted");
      }
      return rest.load(key, slot);
    }
  }

  private Callable<byte[]> reading(final BlockContentProvider provider) {
    return () -> {
      try (BlockHandle handle = pool.acquire(KEY, provider)) {
        return array(handle.data());
      }
    };
  }

  /** Starts callers that all come to wait for the load that is under way. */
  private List<Future<byte[]>> waiters(final int count, final BlockContentProvider provider)
      throws InterruptedException {
    final List<Future<byte[]>> futures = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      final CountDownLatch started = new CountDownLatch(1);
      futures.add(
          executor.submit(() -> {
            threads.add(Thread.currentThread());
            started.countDown();
            return reading(provider).call();
          }));
      assertTrue(started.await(10, TimeUnit.SECONDS));
      awaitSleeping(threads.getLast());
    }
    return futures;
  }

  @Test
  void shouldGiveEveryWaiterAPinOfItsOwn() throws Exception {
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    final BlockContentProvider never = new Blocks.Fixed();
    final List<Future<byte[]>> waiting = waiters(4, never);
    assertEquals(1, pool.stats().pendingLoads());
    slow.goOn.countDown();
    assertArrayEquals(bytes(1, 100), leader.get());
    for (final Future<byte[]> future : waiting) {
      assertArrayEquals(bytes(1, 100), future.get());
    }
    assertEquals(1, slow.loads.get());
    assertEquals(4, pool.hitCount());
    assertEquals(0, pool.stats().pins());
  }

  @Test
  void shouldFailAllWaitersWithTheLeadersCause() throws Exception {
    final SlowLoad slow =
        new SlowLoad((key, slot) -> {
          throw new SocketTimeoutException("a timeout is a failure and no interruption");
        });
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    final List<Future<byte[]>> waiting = waiters(3, new Blocks.Fixed());
    slow.goOn.countDown();
    final List<Throwable> failures = new ArrayList<>(List.of(failureOf(leader)));
    for (final Future<byte[]> future : waiting) {
      failures.add(failureOf(future));
    }
    for (final Throwable failure : failures) {
      final MemoryPoolException.RetrievalFailed failed =
          assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failure);
      assertInstanceOf(SocketTimeoutException.class, failed.getCause());
      assertEquals(KEY, failed.key());
    }
    assertEquals(4, failures.stream().distinct().count(), "each has an exception of its own");
    assertEquals(1, pool.stats().loadFailures());
    assertArrayEquals(bytes(2, 9), reading(new Blocks.Fixed(bytes(2, 9))).call());
  }

  @Test
  void shouldPassAnErrorOnToTheLeaderAndFailTheWaiters() throws Exception {
    final SlowLoad slow =
        new SlowLoad((key, slot) -> {
          throw new StackOverflowError("planned");
        });
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    final List<Future<byte[]>> waiting = waiters(1, new Blocks.Fixed());
    slow.goOn.countDown();
    assertInstanceOf(StackOverflowError.class, failureOf(leader));
    assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failureOf(waiting.getFirst()));
  }

  @Test
  void shouldHandTheLoadOverWhenTheLeaderIsInterrupted() throws Exception {
    final SlowLoad interrupted = new SlowLoad(new Blocks.Fixed());
    final Thread[] leaderThread = new Thread[1];
    final Future<Boolean> leader =
        executor.submit(() -> {
          leaderThread[0] = Thread.currentThread();
          assertThrows(
              MemoryPoolException.RetrievalFailed.class, () -> pool.acquire(KEY, interrupted));
          return Thread.interrupted();
        });
    interrupted.begun.await();
    final Blocks.Fixed healthy = new Blocks.Fixed(bytes(1, 100));
    final List<Future<byte[]>> waiting = waiters(3, healthy);
    leaderThread[0].interrupt();
    assertTrue(leader.get(), "the interrupt is not swallowed");
    for (final Future<byte[]> future : waiting) {
      assertArrayEquals(bytes(1, 100), future.get(20, TimeUnit.SECONDS));
    }
    assertEquals(1, healthy.loads(), "exactly one waiter took over");
  }

  @Test
  void shouldLetAnInterruptedWaiterGoWithoutHarmToTheOthers() throws Exception {
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    final CountDownLatch started = new CountDownLatch(1);
    final Thread[] impatient = new Thread[1];
    final Future<Boolean> waiter =
        executor.submit(() -> {
          impatient[0] = Thread.currentThread();
          started.countDown();
          assertThrows(MemoryPoolException.WaitInterrupted.class, () -> pool.acquire(KEY, slow));
          return Thread.interrupted();
        });
    started.await();
    awaitSleeping(impatient[0]);
    impatient[0].interrupt();
    assertTrue(waiter.get(), "the interrupt is not swallowed");
    slow.goOn.countDown();
    assertArrayEquals(bytes(1, 100), leader.get());
    assertEquals(0, pool.stats().pins(), "no pin was taken for the one who left");
  }

  /** Two wait for the load that is under way, or come too late for that and load themselves. */
  private void assertTwoTimeOut() throws Exception {
    final BlockContentProvider tooLate =
        (key, slot) -> {
          throw new IOException("came after the timeout", new TimeoutException());
        };
    final Future<byte[]> one = executor.submit(reading(tooLate));
    final Future<byte[]> two = executor.submit(reading(tooLate));
    for (final Future<byte[]> future : List.of(one, two)) {
      final Throwable cause =
          assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failureOf(future)).getCause();
      assertInstanceOf(
          TimeoutException.class, cause instanceof TimeoutException ? cause : cause.getCause());
    }
  }

  @Test
  void shouldFailTheWaitersWhenALoadTakesTooLongAndStartAfreshNextTime() throws Exception {
    pool = poolThatWaitsForLoads(Duration.ofMillis(300));
    final SlowLoad hanging = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(reading(hanging));
    hanging.begun.await();
    assertTwoTimeOut();
    assertEquals(0, pool.stats().pendingLoads());
    assertArrayEquals(bytes(2, 9), reading(new Blocks.Fixed(bytes(2, 9))).call());
    hanging.goOn.countDown();
    assertArrayEquals(bytes(2, 9), leader.get(), "the block that came first is the block");
    assertArrayEquals(bytes(2, 9), reading(new Blocks.Fixed()).call());
  }

  @Test
  void shouldKeepContentThatCameTooLateForItsWaiters() throws Exception {
    pool = poolThatWaitsForLoads(Duration.ofMillis(300));
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    assertTwoTimeOut();
    slow.goOn.countDown();
    assertArrayEquals(bytes(1, 100), leader.get(), "its own load did succeed");
    assertArrayEquals(bytes(1, 100), reading(new Blocks.Fixed()).call(), "loaded again");
    assertEquals(0, pool.stats().pins());
  }

  @Test
  void shouldFailEveryoneWhenThereIsNoRoom() throws Exception {
    final List<BlockHandle> pins = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pins.add(pool.acquire(BlockKey.ofContent(9, 9, i), new Blocks.Fixed(bytes(i, SLOT))));
    }
    final Future<byte[]> one = executor.submit(reading(new Blocks.Fixed((byte) 1)));
    final Future<byte[]> two = executor.submit(reading(new Blocks.Fixed((byte) 1)));
    for (final Future<byte[]> future : List.of(one, two)) {
      final MemoryPoolException.PoolExhausted exhausted =
          assertInstanceOf(MemoryPoolException.PoolExhausted.class, failureOf(future));
      assertEquals(8, exhausted.pinned());
    }
    pins.forEach(BlockHandle::close);
    assertArrayEquals(bytes(2, 9), reading(new Blocks.Fixed(bytes(2, 9))).call());
  }

  @Test
  void shouldPreferABlockThatWasInsertedDuringTheLoad() throws Exception {
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(() -> readDirty(slow));
    slow.begun.await();
    pool.insertDirty(42, 0, segment(bytes(2, 50))).close();
    slow.goOn.countDown();
    assertArrayEquals(bytes(2, 50), leader.get());
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldLoadAgainWhenTheInodesBlocksAreRemovedDuringTheLoad() throws Exception {
    final byte[][] current = {bytes(1, 100)};
    final SlowLoad slow = new SlowLoad((key, slot) -> new Blocks.Fixed(current[0]).load(key, slot));
    final byte[] old = current[0];
    final BlockContentProvider stale =
        (key, slot) -> {
          final byte[] seen = slow.loads.get() == 0 ? old : current[0];
          slow.load(key, slot);
          return new Blocks.Fixed(seen).load(key, slot);
        };
    final Future<byte[]> leader = executor.submit(() -> readDirty(stale));
    slow.begun.await();
    current[0] = bytes(2, 100);
    assertEquals(0, pool.removeInodeBlocks(42), "none was there yet");
    slow.goOn.countDown();
    assertArrayEquals(bytes(2, 100), leader.get(), "not what was read before the removal");
    assertEquals(2, slow.loads.get());
  }

  @Test
  void shouldLoadAgainWhenTheBlockWasWrittenFlushedAndEvictedDuringTheLoad() throws Exception {
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final BlockContentProvider provider =
        (key, slot) ->
            slow.loads.get() == 0
                ? slow.load(key, slot)
                : new Blocks.Fixed(bytes(2, 100)).load(key, slot);
    final Future<byte[]> leader = executor.submit(() -> readDirty(provider));
    slow.begun.await();
    pool.insertDirty(42, 0, segment(bytes(2, 100))).close();
    assertTrue(pool.markFlushed(42, 0));
    for (int i = 0; pool.hasDirty(42, 0); i++) {
      put(pool, i);
    }
    slow.goOn.countDown();
    assertArrayEquals(bytes(2, 100), leader.get(), "not what was there before the write");
    assertArrayEquals(bytes(2, 100), readDirty(new Blocks.Fixed()));
  }

  @Test
  void shouldLoadAgainWhenTheContentIsRemovedDuringTheLoad() throws Exception {
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final BlockContentProvider provider =
        (key, slot) ->
            slow.loads.get() == 0
                ? slow.load(key, slot)
                : new Blocks.Fixed(bytes(2, 100)).load(key, slot);
    final Future<byte[]> leader = executor.submit(reading(provider));
    slow.begun.await();
    final List<Future<byte[]>> waiters = waiters(2, provider);
    assertEquals(0, pool.removeContentBlocks(1, 2), "none was there yet");
    slow.goOn.countDown();
    assertArrayEquals(bytes(2, 100), leader.get(), "not what was read before the removal");
    for (final Future<byte[]> waiter : waiters) {
      assertArrayEquals(bytes(2, 100), waiter.get());
    }
  }

  @Test
  void shouldNotKeepContentThatCameTooLateIfItWasRemovedMeanwhile() throws Exception {
    pool = poolThatWaitsForLoads(Duration.ofMillis(50));
    final SlowLoad slow = new SlowLoad(new Blocks.Fixed(bytes(1, 100)));
    final Future<byte[]> leader = executor.submit(reading(slow));
    slow.begun.await();
    assertTwoTimeOut();
    assertEquals(0, pool.removeContentBlocks(1, 2), "none was there yet");
    slow.goOn.countDown();
    assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failureOf(leader));
    assertArrayEquals(bytes(3, 100), reading(new Blocks.Fixed(bytes(3, 100))).call());
  }

  private byte[] readDirty(final BlockContentProvider provider) {
    try (MutableBlockHandle handle = pool.acquireDirty(42, 0, provider)) {
      return array(handle.data());
    }
  }

  @Test
  void shouldNotHangWhenAProviderAsksForItsOwnBlock() throws Exception {
    final MemoryPoolException.RetrievalFailed failed =
        assertThrows(
            MemoryPoolException.RetrievalFailed.class,
            () ->
                pool.acquire(
                    KEY,
                    (key, slot) -> {
                      pool.acquire(KEY, new Blocks.Fixed()).close();
                      return 0;
                    }));
    assertInstanceOf(IllegalStateException.class, failed.getCause());
    assertArrayEquals(bytes(2, 9), reading(new Blocks.Fixed(bytes(2, 9))).call());
  }

  @Test
  void shouldLoadEachKeyOnceHoweverManyRaceForIt() throws Exception {
    final AtomicInteger loads = new AtomicInteger();
    final int keys = 2_000;
    pool = pool(slots(keys));
    final List<Future<?>> futures = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      futures.add(
          executor.submit(() -> {
            for (int i = 0; i < keys; i++) {
              pool.unpin(
                  pool.pinOrLoad(
                      i,
                      i,
                      0,
                      8,
                      (key, slot) -> {
                        loads.incrementAndGet();
                        return 8;
                      }));
            }
          }));
    }
    for (final Future<?> future : futures) {
      future.get(30, TimeUnit.SECONDS);
    }
    assertEquals(keys, loads.get());
    assertEquals(keys, pool.allocationCount());
    assertEquals(3L * keys, pool.hitCount());
  }
}
