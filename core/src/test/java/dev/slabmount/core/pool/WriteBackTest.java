package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's own threads that write back when there is no room but for what needs flushing. */
@Timeout(120)
class WriteBackTest {
  private static final int SLOTS = 64;
  private static final int BLOCK = 4 * SLOT;

  private final ConcurrentHashMap<BlockKey, byte[]> store = new ConcurrentHashMap<>();
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  /** Threads of this test's pool that have written back. */
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  private MemoryPoolConfig.Builder config(final BlockWriteBack writeBack) {
    return MemoryPoolConfig.builder()
        .maxSize(SLOTS * (long) SLOT)
        .blockSize(BLOCK)
        .roomWait(Duration.ofSeconds(60))
        .writeBack((inode, block, runs) -> {
          threads.add(Thread.currentThread());
          writeBack.writeBack(inode, block, runs);
        });
  }

  private void save(final long inode, final int block, final DirtyRuns runs) {
    store.compute(
        BlockKey.ofInode(inode, block),
        (key, old) -> {
          final byte[] bytes = old == null ? new byte[runs.blockLength()] : old;
          for (int run = 0; run < runs.count(); run++) {
            MemorySegment.copy(
                runs.bytes(run),
                ValueLayout.JAVA_BYTE,
                0,
                bytes,
                runs.offset(run),
                runs.length(run));
          }
          return bytes;
        });
  }

  private void hang(final long inode, final int block, final DirtyRuns runs)
      throws InterruptedException {
    inside.countDown();
    release.await();
  }

  /** Four times what fits, from several threads; afterwards everything is here or there. */
  private void writeFourTimesWhatFits(final MemoryPool pool) throws Exception {
    final int blocks = 4 * SLOTS * SLOT / BLOCK;
    final CompletableFuture<?>[] writers = new CompletableFuture<?>[4];
    for (int i = 0; i < writers.length; i++) {
      final int writer = i;
      writers[i] =
          CompletableFuture.runAsync(() -> {
            for (int block = 0; block < blocks / writers.length; block++) {
              final byte[] bytes = bytes(1000L * writer + block, BLOCK - 100 * writer);
              if (block % 2 == 0) {
                pool.insertDirty(writer, block, segment(bytes)).close();
              } else {
                final long token = pool.claimDirty(writer, block, 0, BLOCK);
                pool.write(token, 0, segment(bytes), 0, bytes.length);
                pool.unpin(token);
              }
              assertTrue(pool.stats().capacityInUse() <= pool.config().maxSize());
            }
          });
    }
    CompletableFuture.allOf(writers).get(100, TimeUnit.SECONDS);
    for (int writer = 0; writer < writers.length; writer++) {
      for (int block = 0; block < blocks / writers.length; block++) {
        final byte[] expected = bytes(1000L * writer + block, BLOCK - 100 * writer);
        try (MutableBlockHandle handle = pool.getDirty(writer, block)) {
          assertArrayEquals(
              expected,
              handle == null ? store.get(BlockKey.ofInode(writer, block)) : array(handle.data()),
              writer + " " + block);
        }
      }
    }
    PoolAudit.audit(pool);
  }

  @Test
  void shouldTakeFourTimesWhatFitsWithASlowWriteBack() throws Exception {
    final MemoryPool pool =
        MemoryPool.create(
            config(
                    (inode, block, runs) -> {
                      LockSupport.parkNanos(2_000_000);
                      save(inode, block, runs);
                    })
                .build());
    writeFourTimesWhatFits(pool);
    assertTrue(pool.stats().bytesWrittenBack() >= 3L * SLOTS * SLOT - 1600L * SLOTS);
    pool.close();
  }

  @Test
  void shouldTakeFourTimesWhatFitsWithAWriteBackThatFailsEveryThirdTime() throws Exception {
    final AtomicInteger calls = new AtomicInteger();
    final MemoryPool pool =
        MemoryPool.create(
            config(
                    (inode, block, runs) -> {
                      if (calls.incrementAndGet() % 3 == 0) {
                        throw new IOException("planned");
                      }
                      save(inode, block, runs);
                    })
                .build());
    writeFourTimesWhatFits(pool);
    assertTrue(pool.stats().writeBackFailures() > 0);
    pool.close();
  }

  @Test
  void shouldTakeFourTimesWhatFitsThoughOneOfItsThreadsHangs() throws Exception {
    final AtomicInteger calls = new AtomicInteger();
    final MemoryPool pool =
        MemoryPool.create(
            config(
                    (inode, block, runs) -> {
                      if (calls.getAndIncrement() == 0) {
                        hang(inode, block, runs);
                      }
                      save(inode, block, runs);
                    })
                .writeBackThreads(2)
                .build());
    final CompletableFuture<Void> burst =
        CompletableFuture.runAsync(() -> {
          try {
            writeFourTimesWhatFits(pool);
          } catch (final Exception e) {
            throw new AssertionError(e);
          }
        });
    try {
      assertTrue(inside.await(60, TimeUnit.SECONDS));
      while (store.size() < 2 * SLOTS * SLOT / BLOCK && !burst.isDone()) {
        Thread.onSpinWait(); // The other thread goes on alone.
      }
    } finally {
      release.countDown();
    }
    burst.get(100, TimeUnit.SECONDS);
    pool.close();
  }

  /** What hangs was set aside before there was anything else that needs flushing. */
  @Test
  void shouldFindWhatWasWrittenSinceAWriteBackHangs() throws Exception {
    final MemoryPool pool =
        MemoryPool.create(
            config(
                    (inode, block, runs) -> {
                      if (inode == 1) {
                        hang(inode, block, runs);
                      }
                    })
                .writeBackThreads(2)
                .build());
    final MemorySegment bytes = MemorySegment.ofArray(new byte[BLOCK]);
    pool.insertDirty(1, 0, bytes).close();
    final long[] clean = new long[SLOTS * SLOT / BLOCK - 1];
    for (int i = 0; i < clean.length; i++) {
      clean[i] = pool.claimDirty(2, i, BLOCK, BLOCK);
    }
    final CompletableFuture<Void> waiter =
        CompletableFuture.runAsync(() -> pool.insertDirty(3, 0, bytes).close());
    try {
      assertTrue(inside.await(60, TimeUnit.SECONDS));
      for (final long token : clean) {
        pool.write(token, 0, bytes, 0, BLOCK);
        pool.unpin(token);
      }
      waiter.get(50, TimeUnit.SECONDS);
    } finally {
      release.countDown();
    }
    pool.close();
  }

  @Test
  void shouldFailAtItsDeadlineAndNotHangWhenAllWriteBacksHang() throws Exception {
    final MemoryPool pool =
        MemoryPool.create(
            config(this::hang)
                .roomWait(Duration.ofMillis(200))
                .closeWait(Duration.ofMillis(200))
                .writeBackThreads(1)
                .build());
    for (int block = 0; block < SLOTS * SLOT / BLOCK; block++) {
      pool.insertDirty(1, block, segment(bytes(block, BLOCK))).close();
    }
    PoolFixture.awaitThat(
        "a write-back hangs",
        () -> {
          assertThrows(
              MemoryPoolException.PoolExhausted.class,
              () -> pool.insertDirty(2, 0, segment(bytes(0, BLOCK))).close());
          return inside.getCount() == 0;
        });
    assertThrows(MemoryPoolException.PoolBusy.class, pool::close);
    release.countDown();
    while (!closes(pool)) {
      Thread.onSpinWait();
    }
    assertThreadsEnd();
  }

  @Test
  void shouldFailAtItsDeadlineAndNotSpinWhenAllWriteBacksFail() throws Exception {
    final AtomicInteger calls = new AtomicInteger();
    final MemoryPool pool =
        MemoryPool.create(
            config(
                    (inode, block, runs) -> {
                      calls.incrementAndGet();
                      throw new IOException("planned");
                    })
                .roomWait(Duration.ofMillis(500))
                .writeBackThreads(1)
                .build());
    for (int block = 0; block < SLOTS * SLOT / BLOCK; block++) {
      pool.insertDirty(1, block, segment(bytes(block, BLOCK))).close();
    }
    PoolFixture.awaitThat(
        "it is tried again",
        () -> {
          assertThrows(
              MemoryPoolException.PoolExhausted.class,
              () -> pool.insertDirty(2, 0, segment(bytes(0, BLOCK))).close());
          return calls.get() > 1;
        });
    assertTrue(calls.get() < 20, "but backed off, not " + calls.get() + " times");
    PoolFixture.awaitThat(
        "each failure is counted", () -> calls.get() == pool.stats().writeBackFailures());
    assertEquals(SLOTS * SLOT / BLOCK, pool.stats().dirtyBlocks(), "all is still there");
    PoolAudit.audit(pool);
    pool.close();
    assertThreadsEnd();
  }

  @Test
  void shouldWriteBackWhatBecomesDirtyWhileSomebodyWaits() throws Exception {
    final MemoryPool pool = MemoryPool.create(config(this::save).build());
    final MutableBlockHandle[] handles = new MutableBlockHandle[SLOTS * SLOT / BLOCK];
    for (int block = 0; block < handles.length; block++) {
      handles[block] = pool.acquireDirty(1, block, new Blocks.Fixed(bytes(block, BLOCK)));
    }
    final Thread waiter =
        new Thread(() -> pool.insertDirty(2, 0, segment(bytes(99, BLOCK))).close());
    waiter.start();
    while (pool.stats().waits() == 0) {
      Thread.onSpinWait();
    }
    handles[0].write(0, segment((byte) 1), 0, 1);
    handles[0].close(); // Not evictable: its unpinning tells nobody.
    waiter.join(60_000);
    assertFalse(waiter.isAlive());
    assertEquals(1, store.size());
    for (final MutableBlockHandle handle : handles) {
      handle.close();
    }
    pool.close();
  }

  private static boolean closes(final MemoryPool pool) {
    try {
      pool.close();
      return true;
    } catch (final MemoryPoolException.PoolBusy e) {
      return false;
    }
  }

  private void assertThreadsEnd() throws InterruptedException {
    assertFalse(threads.isEmpty());
    for (final Thread thread : threads) {
      assertTrue(thread.getName().matches("slabmount-write-back-[0-9]+-[0-9]+"), thread.getName());
      thread.join(20_000);
      assertFalse(thread.isAlive(), "left behind: " + thread);
    }
  }
}
