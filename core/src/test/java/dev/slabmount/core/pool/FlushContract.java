package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flushing: which pages, which writes they contain, and the pool's own write-back threads. */
public abstract class FlushContract extends PoolFixture {
  private static final int BLOCK = 8 * SLOT;

  private final FlushedFile file = new FlushedFile();
  private MemoryPool pool;

  /** For pools of this kind. */
  protected FlushContract(final PoolKind kind) {
    super(kind);
  }

  @BeforeEach
  void createPool() {
    pool = pool(MemoryPoolConfig.builder().maxSize(16 * BLOCK).blockSize(BLOCK));
  }

  private void write(final int offset, final int seed) {
    pool.modifyDirtyInPlace(42, 0, offset, segment(bytes(seed, SLOT)), 0, SLOT);
  }

  @Test
  void shouldFlushTheRunsOfPagesThatNeedItAndNoOthers() {
    pool.acquireDirty(42, 0, new Blocks.Fixed(bytes(1, 6 * SLOT + 50))).close();
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of(), file.runs(), "nothing needs flushing");
    write(SLOT, 2);
    write(2 * SLOT, 3);
    pool.modifyDirtyInPlace(42, 0, 6 * SLOT + 49, segment((byte) 1), 0, 1);
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of(SLOT + "+" + 2 * SLOT + "," + 6 * SLOT + "+50"), file.runs());
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(2 * SLOT + 50, pool.stats().bytesWrittenBack());
    assertFalse(pool.flush(42, 1, file), "no such block");
    assertEquals(0, pool.stats().pins());
  }

  @Test
  void shouldKeepThePageToBeFlushedThatIsWrittenDuringTheFlush() {
    pool.insertDirty(42, 0, segment(bytes(1, 3 * SLOT))).close();
    assertTrue(
        pool.flush(
            42,
            0,
            (inode, block, runs) -> {
              assertEquals(1, runs.count());
              assertEquals(3 * SLOT, runs.bytes(0).byteSize());
              assertTrue(runs.bytes(0).isReadOnly());
              assertTrue(pool.stats().pins() > 0, "the block is pinned meanwhile");
              write(SLOT, 7); // No latch is held, or this would never end.
            }));
    assertEquals(1, pool.stats().dirtyBlocks());
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of(SLOT + "+" + SLOT), file.runs());
    assertEquals(0, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldStillNeedFlushingAfterAFlushThatFailed() {
    pool.acquireDirty(42, 0, new Blocks.Fixed(bytes(1, 3 * SLOT))).close();
    write(0, 2);
    write(2 * SLOT, 3);
    final MemoryPoolException.FlushFailed failed =
        assertThrows(
            MemoryPoolException.FlushFailed.class,
            () ->
                pool.flush(
                    42,
                    0,
                    (inode, block, runs) -> {
                      final long token = pool.pinDirty(42, 0);
                      pool.discardPages(token, 2 * SLOT, SLOT);
                      pool.unpin(token);
                      throw new IOException("planned");
                    }));
    assertEquals("planned", failed.getCause().getMessage());
    assertEquals(BlockKey.ofInode(42, 0), failed.key());
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(1, pool.stats().writeBackFailures());
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of("0+" + SLOT), file.runs(), "what was discarded does not come back");
  }

  @Test
  void shouldFlushOneBlockOnceAtATime() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    final AtomicInteger inside = new AtomicInteger();
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final BlockWriteBack slow =
        (inode, block, runs) -> {
          assertEquals(1, inside.incrementAndGet());
          begun.countDown();
          awaitQuietly(goOn);
          file.writeBack(inode, block, runs);
          inside.decrementAndGet();
        };
    final CompletableFuture<Boolean> one =
        CompletableFuture.supplyAsync(() -> pool.flush(42, 0, slow));
    awaitQuietly(begun);
    pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 77), 0, 1);
    final FutureTask<Boolean> two = new FutureTask<>(() -> pool.flush(42, 0, slow));
    awaitSleeping(Thread.ofPlatform().daemon().start(two)); // For its turn.
    pool.insertDirty(42, 1, segment((byte) 1)).close();
    assertTrue(pool.flush(42, 1, file), "another block does not wait");
    assertFalse(two.isDone());
    goOn.countDown();
    assertTrue(resultOf(one) && resultOf(two));
    assertEquals(77, file.bytes(42, 0)[0]);
    assertEquals(0, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldWaitNoLongerThanForALoadWhenAnotherFlushOfTheBlockHangs() throws Exception {
    final MemoryPool impatient =
        pool(slots(4).loadTimeout(Duration.ofMillis(50)).roomWait(Duration.ofSeconds(20)));
    impatient.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Boolean> hanging =
        CompletableFuture.supplyAsync(() ->
            impatient.flush(
                42,
                0,
                (inode, block, runs) -> {
                  begun.countDown();
                  awaitQuietly(goOn);
                }));
    awaitQuietly(begun);
    final MemoryPoolException.FlushFailed failed =
        assertThrows(MemoryPoolException.FlushFailed.class, () -> impatient.flush(42, 0, file));
    assertInstanceOf(TimeoutException.class, failed.getCause());
    assertEquals(BlockKey.ofInode(42, 0), failed.key());
    assertEquals(0, impatient.stats().writeBackFailures(), "nothing was written back in vain");
    assertEquals(1, impatient.stats().dirtyBlocks());
    goOn.countDown();
    assertTrue(resultOf(hanging), "the other flush is left alone");
    assertEquals(0, impatient.stats().dirtyBlocks());
    assertTrue(impatient.flush(42, 0, file));
    assertEquals(List.of(), file.runs());
  }

  @Test
  void shouldShowABlockThatMovesDuringTheFlushAsItWas() {
    final byte[] before = bytes(1, SLOT);
    pool.insertDirty(42, 0, segment(before)).close();
    assertTrue(
        pool.flush(
            42,
            0,
            (inode, block, runs) -> {
              pool.modifyDirtyInPlace(42, 0, 5 * SLOT, segment((byte) 5), 0, 1);
              pool.modifyDirtyInPlace(42, 0, 0, segment((byte) ~before[0]), 0, 1);
              assertArrayEquals(before, array(runs.bytes(0)));
              pool.removeInodeBlocks(43);
            }));
    assertTrue(pool.flush(42, 0, file));
    assertEquals(5 * SLOT + 1, file.bytes(42, 0).length);
    assertEquals((byte) ~before[0], file.bytes(42, 0)[0]);
  }

  @Test
  void shouldSurviveTheRemovalOfTheBlockThatIsFlushed() {
    final byte[] before = bytes(1, SLOT);
    pool.insertDirty(42, 0, segment(before)).close();
    pool.flush(
        42,
        0,
        (inode, block, runs) -> {
          assertEquals(1, pool.removeInodeBlocks(42));
          pool.insertDirty(42, 0, segment((byte) 3)).close();
          assertArrayEquals(before, array(runs.bytes(0)));
        });
    assertEquals(1, pool.stats().dirtyBlocks(), "the one that came after it");
    assertEquals(1, pool.stats().totalBlocks());
  }

  @Test
  void shouldListTheBlocksThatNeedFlushing() {
    for (final int block : new int[] {5, 1, 3, 2}) {
      pool.insertDirty(42, block, segment((byte) 1)).close();
    }
    pool.insertDirty(43, 4, segment((byte) 1)).close();
    pool.unpin(pool.claimDirty(42, 9, SLOT, SLOT));
    pool.markFlushed(42, 3);
    assertArrayEquals(new int[] {1, 2, 5}, pool.blocksNeedingFlush(42));
    assertArrayEquals(new int[0], pool.blocksNeedingFlush(44));
  }

  @Test
  void shouldMarkAllPagesAtOnce() {
    pool.insertDirty(42, 0, segment(bytes(1, 3 * SLOT))).close();
    pool.markFlushed(42, 0);
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of(), file.runs());
    pool.markNeedsFlush(42, 0);
    assertTrue(pool.flush(42, 0, file));
    assertEquals(List.of("0+" + 3 * SLOT), file.runs());
  }

  @Test
  void shouldCountWhatIsInsertedFilledFlushedAndRemoved() {
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    pool.insertDirty(42, 0, segment(bytes(2, SLOT))).close();
    final long token = pool.claimDirty(42, 1, 3 * SLOT, BLOCK);
    pool.unpin(pool.claimDirty(42, 1, SLOT, BLOCK)); // It is there.
    pool.write(token, SLOT, segment(bytes(3, SLOT)), 0, SLOT);
    pool.fillPages(token, 0, 3 * SLOT, (key, offset, pages) -> pages.fill((byte) 1));
    pool.unpin(token);
    pool.acquireDirty(42, 2, new Blocks.Fixed(bytes(4, SLOT))).close();
    put(pool, 7);
    assertEquals(5, pool.stats().allocations());
    assertEquals(3, pool.stats().inserts());
    assertEquals(2, pool.stats().fills(), "before and behind the page that was written");
    pool.flush(42, 0, file);
    pool.flush(42, 0, file); // Nothing to write.
    pool.markFlushed(42, 1);
    pool.markFlushed(42, 1);
    assertEquals(2, pool.stats().flushes());
    assertEquals(3, pool.removeInodeBlocks(42));
    assertEquals(3, pool.stats().removals());
    pool.clear();
    assertEquals(4, pool.stats().removals());
    assertEquals(0, pool.stats().evictions());
  }

  // ---- The pool's own threads ----

  @Test
  void shouldWriteDirtyBlocksBackWhenThereIsNoOtherRoom() {
    final MemoryPool small = pool(slots(4).writeBack(file).roomWait(Duration.ofSeconds(20)));
    for (int block = 0; block < 40; block++) {
      small.insertDirty(42, block, segment(bytes(block, SLOT))).close();
    }
    put(small, 1);
    assertTrue(has(small, 1));
    for (int block = 0; block < 40; block++) {
      if (!small.hasDirty(42, block)) {
        assertArrayEquals(bytes(block, SLOT), file.bytes(42, block), "block " + block);
      }
    }
    assertTrue(small.stats().bytesWrittenBack() >= 37 * SLOT);
  }

  @Test
  void shouldNeitherSpinNorLoseAnythingWhenWritingBackFails() {
    final AtomicInteger tries = new AtomicInteger();
    final AtomicBoolean healthy = new AtomicBoolean();
    final MemoryPool small =
        pool(
            slots(2)
                .roomWait(Duration.ofMillis(300))
                .writeBack((inode, block, runs) -> {
                  tries.incrementAndGet();
                  if (!healthy.get()) {
                    throw new IOException("planned");
                  }
                  file.writeBack(inode, block, runs);
                }));
    small.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    small.insertDirty(2, 0, segment(bytes(2, SLOT))).close();
    awaitThat(
        "it was tried while somebody waited",
        () -> {
          final MemoryPoolException.PoolExhausted exhausted =
              assertThrows(MemoryPoolException.PoolExhausted.class, () -> put(small, 1));
          assertEquals(2, exhausted.needingFlush());
          return small.stats().writeBackFailures() > 0;
        });
    assertTrue(tries.get() < 60, tries + " tries in 300 ms");
    assertEquals(2, small.stats().dirtyBlocks());
    healthy.set(true);
    awaitThat(
        "room is made at last",
        () -> {
          try {
            put(small, 1);
            return true;
          } catch (final MemoryPoolException.PoolExhausted e) {
            return false;
          }
        });
  }

  @Test
  void shouldKeepNobodyLongerThanHeWaitsWhenWritingBackHangs() throws Exception {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final MemoryPool small =
        pool(
            slots(1)
                .roomWait(Duration.ofMillis(100))
                .writeBack((inode, block, runs) -> {
                  begun.countDown();
                  awaitQuietly(goOn);
                }));
    small.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    awaitThat(
        "it is being written back",
        () -> {
          assertThrows(MemoryPoolException.PoolExhausted.class, () -> put(small, 1));
          return begun.getCount() == 0;
        });
    assertThrows(MemoryPoolException.PoolExhausted.class, () -> put(small, 1));
    try (MutableBlockHandle handle = small.getDirty(1, 0)) {
      assertNotNull(handle, "it can be used meanwhile");
      assertArrayEquals(bytes(1, SLOT), array(handle.data()));
    }
    goOn.countDown();
    awaitThat("the block is clean", () -> small.stats().dirtyBlocks() == 0);
    awaitThat("its pin is gone", () -> small.stats().pins() == 0);
    put(small, 1);
  }

  @Test
  void shouldEndItsThreadsWhenItIsClosed() {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    final MemoryPool small =
        unwatchedPool(
            slots(1)
                .writeBack((inode, block, runs) -> threads.add(Thread.currentThread()))
                .roomWait(Duration.ofSeconds(20)));
    small.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    put(small, 1);
    small.close();
    assertEquals(1, threads.size());
    assertTrue(threads.stream().allMatch(FlushContract::endsSoon), threads.toString());
  }

  /** The thread says that it has ended just before it has. */
  private static boolean endsSoon(final Thread thread) {
    try {
      return thread.join(Duration.ofSeconds(10));
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
