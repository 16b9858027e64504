package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Loads that nobody asked for, and loads that nobody waits for any longer. */
public abstract class LoadAheadContract extends PoolFixture {
  private static final BlockKey KEY = BlockKey.ofContent(1, 2, 3);

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private MemoryPool pool;

  /** For pools of this kind. */
  protected LoadAheadContract(final PoolKind kind) {
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
  void allIsAccountedFor() throws InterruptedException {
    executor.shutdown();
    assertTrue(executor.awaitTermination(20, TimeUnit.SECONDS));
    audit(pool);
    final long used = pool.stats().bytesAheadUsed();
    pool.clear();
    final MemoryPoolStats stats = pool.stats();
    assertEquals(used, stats.bytesAheadUsed());
    assertEquals(stats.bytesLoadedAhead(), used + stats.bytesAheadWasted(), "all is accounted for");
  }

  /** Hangs, whatever interrupts it, until it is released. */
  private static final class Hanging implements BlockContentProvider {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    private final byte[] content;

    Hanging(final byte... content) {
      this.content = content;
    }

    @Override
    public int load(final BlockKey key, final MemorySegment slot) {
      begun.countDown();
      boolean released = false;
      while (!released) {
        try {
          released = goOn.await(30, TimeUnit.SECONDS);
        } catch (final InterruptedException _) {
          // That is what hanging means.
        }
      }
      return new Blocks.Fixed(content).load(key, slot);
    }
  }

  private boolean ahead(final int block, final BlockContentProvider provider) {
    return pool.loadAhead(KEY.high(), KEY.low(), block, SLOT, provider);
  }

  private byte[] read(final int block, final BlockContentProvider provider) {
    final long token = pool.pinOrLoad(KEY.high(), KEY.low(), block, SLOT, provider);
    try {
      return array(pool.view(token));
    } finally {
      pool.unpin(token);
    }
  }

  private static final BlockContentProvider NEVER =
      (key, slot) -> {
        throw new AssertionError("loaded again");
      };

  @Test
  void shouldKeepWhatWasLoadedAheadOfALongRun() {
    final int ahead = 4;
    try (MemoryPool small = unwatchedPool(slots(64))) {
      for (int block = 0; block < 1000; block++) {
        small.loadAhead(1, 2, block + ahead, SLOT, new Blocks.Fixed(bytes(block, SLOT)));
        // As a kernel does, which reads a block in pieces: every block was used more than once.
        for (int piece = 0; piece < 3; piece++) {
          small.unpin(small.pinOrLoad(1, 2, block, SLOT, new Blocks.Fixed(bytes(block, SLOT))));
        }
      }
      assertEquals(0, small.stats().bytesAheadWasted());
      assertEquals((1000 - ahead) * SLOT, small.stats().bytesAheadUsed());
    }
  }

  @Test
  void shouldTellWhatWasUsedFromWhatWasWasted() {
    for (int block = 0; block < 8; block++) {
      assertTrue(ahead(block, new Blocks.Fixed(bytes(block, 1000 + block))));
    }
    assertEquals(8 * 1000 + 28, pool.stats().bytesLoadedAhead());
    assertEquals(0, pool.stats().bytesAheadUsed());
    assertEquals(0, pool.stats().pins());
    for (int pass = 0; pass < 3; pass++) {
      assertArrayEquals(bytes(2, 1002), read(2, NEVER));
      assertArrayEquals(bytes(5, 1005), read(5, NEVER));
    }
    assertEquals(2007, pool.stats().bytesAheadUsed(), "once, however often it is used");
    assertEquals(0, pool.stats().bytesAheadWasted());
    for (int block = 100; block < 200; block++) {
      read(block, new Blocks.Fixed(bytes(block, 10)));
      read(block, NEVER); // Or it would have to go before those that were loaded ahead.
    }
    assertEquals(2007, pool.stats().bytesAheadUsed());
    assertEquals(8 * 1000 + 28 - 2007, pool.stats().bytesAheadWasted());
  }

  @Test
  void shouldNotCountALookAsAUse() {
    assertFalse(pool.contains(KEY.high(), KEY.low(), 1));
    ahead(1, new Blocks.Fixed(bytes(1, 10)));
    assertTrue(pool.contains(KEY.high(), KEY.low(), 1));
    assertEquals(0, pool.stats().bytesAheadUsed());
    assertEquals(0, pool.hitCount());
  }

  @Test
  void shouldLeaveAloneWhatIsThereOrUnderWay() throws Exception {
    read(1, new Blocks.Fixed(bytes(1, 10)));
    assertFalse(ahead(1, NEVER));
    final Hanging hanging = new Hanging(bytes(2, 20));
    final Future<byte[]> leader = executor.submit(() -> read(2, hanging));
    hanging.begun.await();
    assertFalse(ahead(2, NEVER), "and does not wait for it");
    hanging.goOn.countDown();
    assertArrayEquals(bytes(2, 20), leader.get());
    assertEquals(0, pool.stats().bytesLoadedAhead());
  }

  @Test
  void shouldServeWhoAsksDuringTheLoad() throws Exception {
    final Hanging hanging = new Hanging(bytes(1, 100));
    final Future<Boolean> loader = executor.submit(() -> ahead(1, hanging));
    hanging.begun.await();
    final Future<byte[]> reader = executor.submit(() -> read(1, NEVER));
    while (pool.stats().pendingLoads() == 0) {
      Thread.onSpinWait();
    }
    hanging.goOn.countDown();
    assertArrayEquals(bytes(1, 100), reader.get(20, TimeUnit.SECONDS));
    assertTrue(loader.get());
    assertEquals(100, pool.stats().bytesLoadedAhead());
    assertEquals(100, pool.stats().bytesAheadUsed());
  }

  @Test
  void shouldFailAndLeaveNothingBehind() {
    assertThrows(
        MemoryPoolException.RetrievalFailed.class,
        () ->
            ahead(
                1,
                (key, slot) -> {
                  throw new java.io.IOException("on purpose");
                }));
    assertEquals(0, pool.stats().slotsInUse());
    assertTrue(ahead(1, new Blocks.Fixed(bytes(1, 10))));
  }

  @Test
  void shouldEndALoadForAllWhoWaitWhenItIsGivenUp() throws Exception {
    final Hanging hanging = new Hanging(bytes(1, 100));
    final Future<byte[]> leader = executor.submit(() -> read(1, hanging));
    hanging.begun.await();
    final Thread[] waiting = new Thread[1];
    final Future<byte[]> waiter =
        executor.submit(() -> {
          waiting[0] = Thread.currentThread();
          return read(1, NEVER);
        });
    while (waiting[0] == null || waiting[0].getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertTrue(pool.giveUpLoad(KEY.high(), KEY.low(), 1));
    final Throwable failure = failureOf(waiter);
    assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failure);
    assertInstanceOf(TimeoutException.class, failure.getCause());
    assertEquals(0, pool.stats().pendingLoads());
    assertFalse(pool.giveUpLoad(KEY.high(), KEY.low(), 1), "there is none any more");
    assertArrayEquals(bytes(2, 9), read(1, new Blocks.Fixed(bytes(2, 9))), "a load of its own");
    hanging.goOn.countDown();
    assertArrayEquals(bytes(2, 9), leader.get(), "the block that came first is the block");
  }

  @Test
  void shouldKeepWhatComesAfterTheLoadWasGivenUp() throws Exception {
    final Hanging hanging = new Hanging(bytes(1, 100));
    final Future<Boolean> loader = executor.submit(() -> ahead(1, hanging));
    hanging.begun.await();
    assertTrue(pool.giveUpLoad(KEY.high(), KEY.low(), 1));
    assertFalse(pool.contains(KEY.high(), KEY.low(), 1));
    hanging.goOn.countDown();
    assertTrue(loader.get());
    assertArrayEquals(bytes(1, 100), read(1, NEVER));
  }

  @Test
  void shouldStartAfreshInsteadOfJoiningALoadThatIsOverdue() throws Exception {
    pool = poolThatWaitsForLoads(Duration.ofMillis(100));
    final Hanging hanging = new Hanging(bytes(1, 100));
    final Future<byte[]> leader = executor.submit(() -> read(1, hanging));
    hanging.begun.await();
    final long begun = System.nanoTime();
    while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(150)) {
      Thread.onSpinWait();
    }
    assertEquals(1, pool.stats().pendingLoads());
    assertArrayEquals(bytes(2, 9), read(1, new Blocks.Fixed(bytes(2, 9))));
    assertEquals(1, pool.stats().loadFailures());
    hanging.goOn.countDown();
    assertArrayEquals(bytes(2, 9), leader.get(20, TimeUnit.SECONDS));
  }
}
