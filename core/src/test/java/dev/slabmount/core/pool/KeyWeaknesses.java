package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link KnownWeaknesses} of finding and loading blocks by their keys. */
public abstract class KeyWeaknesses extends PoolFixture {
  /** For pools of this kind. */
  protected KeyWeaknesses(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("W7: racing inserts of one key leave no orphan")
  void shouldHaveNoOrphanAfterRacingInserts() throws Exception {
    final MemoryPool pool = poolOfSlots(32);
    inParallel(
        4,
        () -> {
          for (int i = 0; i < 9_000; i++) {
            pool.insertDirty(42, i / 3_000, segment(bytes(i, 16))).close();
          }
          return null;
        },
        () -> {});
    assertEquals(3, pool.stats().totalBlocks());
    assertEquals(3, pool.stats().slotsInUse(), "a slot that nobody can find");
    assertEquals(3, pool.stats().dirtyBlocks());
    assertEquals(3 * 16, pool.stats().currentSize());
    audit(pool);
    assertEquals(3, pool.removeInodeBlocks(42));
    assertEquals(0, pool.stats().slotsInUse());
  }

  @Test
  @DisplayName("W8: racing loads of one key load it exactly once")
  void shouldLoadEachKeyExactlyOnce() throws Exception {
    final int keys = 3_000;
    final MemoryPool pool = pool(slots(2 * keys));
    final AtomicInteger loads = new AtomicInteger();
    final BlockContentProvider counting =
        (key, slot) -> {
          loads.incrementAndGet();
          return 8;
        };
    inParallel(
        4,
        () -> {
          for (int i = 0; i < keys; i++) {
            pool.unpin(pool.pinOrLoad(i, i, 0, 8, counting));
          }
          return null;
        },
        () -> {});
    assertEquals(keys, loads.get());
    assertEquals(keys, pool.allocationCount());
    assertEquals(keys, pool.stats().totalBlocks());
    audit(pool);
  }

  @Test
  @DisplayName("W9: a load that failed, was cancelled or took too long does not poison its key")
  void shouldLoadAgainAfterALoadThatCameToNothing() throws Exception {
    final MemoryPool pool = pool(slots(4).loadTimeout(Duration.ofMillis(50)));
    final BlockContentProvider failing =
        (key, slot) -> {
          throw new IOException("planned");
        };
    assertThrows(
        MemoryPoolException.RetrievalFailed.class, () -> pool.acquire(content(1), failing));
    put(pool, 1);

    final BlockContentProvider cancelled =
        (key, slot) -> {
          throw new InterruptedIOException("planned");
        };
    assertThrows(
        MemoryPoolException.RetrievalFailed.class, () -> pool.acquire(content(2), cancelled));
    assertTrue(Thread.interrupted(), "cancellation is passed on");
    put(pool, 2);

    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Void> hanging =
        CompletableFuture.runAsync(() ->
            pool.acquire(
                    content(3),
                    (key, slot) -> {
                      begun.countDown();
                      awaitQuietly(goOn);
                      return 0;
                    })
                .close());
    awaitQuietly(begun);
    final MemoryPoolException.RetrievalFailed late =
        assertThrows(MemoryPoolException.RetrievalFailed.class, () -> acquireWaiting(pool));
    final Throwable cause = late.getCause();
    assertInstanceOf(
        TimeoutException.class, cause instanceof IOException ? cause.getCause() : cause);
    put(pool, 3);
    goOn.countDown();
    resultOf(hanging);
    assertEquals(0, pool.stats().pendingLoads());
  }

  /** Waits for the hanging load, or has come too late for that and loads; then again. */
  private static void acquireWaiting(final MemoryPool pool) {
    pool.acquire(
            content(3),
            (key, slot) -> {
              throw new IOException("overdue", new TimeoutException());
            })
        .close();
  }

  @Test
  @DisplayName("W10: asking for an inode's block as if it were content takes no pin")
  void shouldTakeNoPinOnABlockOfTheOtherKind() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    assertNull(pool.tryGet(BlockKey.ofInode(42, 0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.acquire(BlockKey.ofInode(42, 0), new Blocks.Fixed()));
    assertEquals(MemoryPool.NO_BLOCK, pool.pin(0, 42, 0));
    assertEquals(0, pool.stats().pins());
    assertEquals(0, pool.stats().inUseBlocks());
    assertEquals(0, pool.hitCount());
    put(pool, 42);
    assertNull(pool.getDirty(42, 1));
    assertEquals(MemoryPool.NO_BLOCK, pool.pinDirty(~42, 0));
    assertEquals(0, pool.stats().pins());
  }

  @Test
  @DisplayName("W11: keys are compared whole: no other content has the same folded hash")
  void shouldNotTakeOneContentForAnother() {
    final MemoryPool pool = poolOfSlots(64);
    final long high = 0x0123_4567_89ab_cdefL;
    final long low = 0x0f1e_2d3c_4b5a_6978L;
    final long[][] folded = {
      {high, low}, {low, high}, {high ^ low, 0}, {0, high ^ low}, {~high, ~low}, {high + 1, low - 1}
    };
    for (int i = 0; i < folded.length; i++) {
      for (int block = 0; block < 3; block++) {
        final BlockKey key = BlockKey.ofContent(folded[i][0], folded[i][1], block);
        assertNull(pool.tryGet(key), key + " was never loaded");
        pool.acquire(key, new Blocks.Fixed((byte) i, (byte) block)).close();
      }
    }
    for (int i = 0; i < folded.length; i++) {
      for (int block = 0; block < 3; block++) {
        try (BlockHandle handle =
            pool.tryGet(BlockKey.ofContent(folded[i][0], folded[i][1], block))) {
          assertNotNull(handle);
          assertArrayEquals(new byte[] {(byte) i, (byte) block}, array(handle.data()));
        }
      }
    }
    assertEquals(3, pool.invalidateHash(high, low), "no block of any other content");
  }

  @Test
  @DisplayName("R1: no order of operations locks threads out of each other")
  void shouldNotDeadlockWhateverIsDoneAtOnce() throws Exception {
    final MemoryPool pool =
        unwatchedPool( // If they do lock each other out, nothing can be done with it any more.
            MemoryPoolConfig.builder()
                .maxSize(32 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ofMillis(1)));
    final AtomicInteger threads = new AtomicInteger();
    inParallel(
        4,
        () -> {
          final int thread = threads.getAndIncrement();
          for (int i = 0; i < 4_000; i++) {
            try {
              doOneOfAll(pool, i * 4 + thread);
            } catch (final MemoryPoolException.PoolExhausted e) {
              pool.removeInodeBlocks(i % 4);
            } catch (final MemoryPoolException.BlockNotFound e) {
              assertTrue(e.key().inodeKeyed());
            }
          }
          return null;
        },
        () -> {});
    audit(pool);
    pool.close();
  }

  private static void doOneOfAll(final MemoryPool pool, final int i) {
    final int inode = i % 4;
    switch (i * 31 / 7 % 9) {
      case 0, 1 -> put4(pool, i % 24);
      case 2 -> pool.insertDirty(inode, i % 3, segment(bytes(i, 64))).close();
      case 3 -> pool.modifyDirtyInPlace(inode, i % 3, i % 3 * SLOT, segment((byte) i), 0, 1);
      case 4 -> pool.markFlushed(inode, i % 3);
      case 5 -> pool.invalidateHash(i % 24, ~(i % 24));
      case 6 -> pool.shrinkDirtyBlock(inode, i % 3);
      case 7 -> {
        pool.stats();
        pool.removeInodeBlocks(inode);
      }
      default -> pool.clear();
    }
  }

  private static void put4(final MemoryPool pool, final int number) {
    final int length = (1 + number % 4) * SLOT;
    pool.acquire(content(number), new Blocks.Fixed(bytes(number, length))).close();
  }

  @Test
  @DisplayName("R2: a load is announced when its block can be found, not before")
  void shouldFindTheBlockOnceItsLoadIsAnnounced() throws Exception {
    final MemoryPool pool = poolOfSlots(16);
    final int threads = 4;
    final int rounds = 200;
    final AtomicInteger loads = new AtomicInteger();
    final AtomicInteger asking = new AtomicInteger();
    final CyclicBarrier together = new CyclicBarrier(threads);
    inParallel(
        threads,
        () -> {
          for (int round = 0; round < rounds; round++) {
            final int all = threads * (round + 1);
            together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            asking.incrementAndGet();
            final long token =
                pool.pinOrLoad(
                    round,
                    1,
                    0,
                    8,
                    (key, slot) -> {
                      loads.incrementAndGet();
                      awaitThat("all ask at once", () -> asking.get() == all);
                      return 8;
                    });
            assertTrue(pool.contains(round, 1, 0), "announced, and not there");
            assertEquals(8, pool.length(token), "a pin of one's own");
            together.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            pool.unpin(token);
          }
          return null;
        },
        () -> {});
    assertEquals(rounds, loads.get(), "each once, by whoever came first");
    assertEquals(rounds * (threads - 1L), pool.hitCount());
  }
}
