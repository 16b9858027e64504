package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link KnownWeaknesses} of writing: writes that are lost, unmarked, or stop everybody else. */
public abstract class WritingWeaknesses extends PoolFixture {
  private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final long COUNTER = 0;

  /** For pools of this kind. */
  protected WritingWeaknesses(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("W1: a block that is being written is not evicted, and its write is not lost")
  void shouldNotEvictABlockThatIsBeingWritten() {
    final MemoryPool pool = poolOfSlots(2);
    pool.acquireDirty(42, 0, new Blocks.Fixed(bytes(1, SLOT))).close();
    pool.modifyDirtyInPlace(
        42,
        0,
        (block, length) -> {
          for (int i = 1; i <= 8; i++) {
            put(pool, i); // Clean as it still is, it would be the first to go.
          }
          block.set(ValueLayout.JAVA_BYTE, 0, (byte) 77);
          return length;
        });
    assertEquals(1, pool.stats().dirtyBlocks());
    for (int i = 1; i <= 8; i++) {
      put(pool, i);
    }
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertNotNull(handle, "an acknowledged write is gone");
      assertEquals(77, array(handle.data())[0]);
    }
  }

  @Test
  @DisplayName("W2: a flush marks clean only what it wrote, not what was written since")
  void shouldKeepTheFlagOfAWriteThatCameAfterTheFlushBegan() throws Exception {
    final MemoryPool pool = poolOfSlots(4);
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 100)))) {
      final long flushed = handle.withData(block -> handle.version());
      pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 9), 0, 1);
      assertFalse(pool.markFlushed(42, 0, flushed));
      assertEquals(1, pool.stats().dirtyBlocks());
      final long again = handle.version();
      final CompletableFuture<Boolean> marked = new CompletableFuture<>();
      pool.modifyDirtyInPlace(
          42,
          0,
          (block, length) -> {
            Thread.ofPlatform().start(() -> marked.complete(pool.markFlushed(42, 0, again)));
            return length;
          });
      assertFalse(resultOf(marked), "that version is being replaced");
      assertEquals(1, pool.stats().dirtyBlocks(), "whichever of the two came first");
      assertTrue(pool.markFlushed(42, 0, handle.version()));
      assertEquals(0, pool.stats().dirtyBlocks());
    }
  }

  @Test
  @DisplayName("W3: an insertion without room leaves the old block and its unflushed bytes")
  void shouldKeepTheOldBlockWhenItsReplacementDoesNotFit() {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(4 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ZERO));
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.insertDirty(42, 0, segment(bytes(2, 4 * SLOT))));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertNotNull(handle);
      assertArrayEquals(bytes(1, 100), array(handle.data()));
    }
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(1, pool.stats().totalBlocks());
  }

  @Test
  @DisplayName("W4: with nothing but dirty blocks, reads still find room")
  void shouldWriteDirtyBlocksBackForAReader() {
    final FlushedFile file = new FlushedFile();
    final MemoryPool pool = pool(slots(3).writeBack(file).roomWait(Duration.ofSeconds(20)));
    for (int block = 0; block < 3; block++) {
      pool.insertDirty(42, block, segment(bytes(block, SLOT))).close();
    }
    assertEquals(3, pool.stats().dirtyBlocks());
    put(pool, 1);
    int gone = 0;
    for (int block = 0; block < 3; block++) {
      if (!pool.hasDirty(42, block)) {
        gone++;
        assertArrayEquals(bytes(block, SLOT), file.bytes(42, block), "dropped before it was safe");
      }
    }
    assertTrue(gone > 0);
  }

  @Test
  @DisplayName("W12: clear does not throw unflushed content away unless told to")
  void shouldRefuseToClearUnflushedContent() {
    final MemoryPool pool = poolOfSlots(4);
    put(pool, 1);
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final MemoryPoolException.PoolExhausted refused =
        assertThrows(MemoryPoolException.PoolExhausted.class, pool::clear);
    assertEquals(1, refused.needingFlush());
    assertEquals(2, pool.stats().totalBlocks(), "all or nothing");
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().totalBlocks());
  }

  @Test
  @DisplayName("W13: what a failing modifier changed is dirty and accounted for")
  void shouldMarkAndCountWhatAFailingModifierChanged() {
    final MemoryPool pool = poolOfSlots(4);
    pool.acquireDirty(42, 0, new Blocks.Fixed(bytes(1, 100))).close();
    assertEquals(0, pool.stats().dirtyBlocks());
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            pool.modifyDirtyInPlace(
                42,
                0,
                SLOT,
                (block, length) -> {
                  block.fill((byte) 7);
                  throw new UnsupportedOperationException("planned");
                }));
    assertEquals(1, pool.stats().dirtyBlocks(), "its bytes are nowhere else");
    assertEquals(100, pool.stats().currentSize());
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(100, handle.length());
      assertEquals(7, array(handle.data())[99]);
    }
    assertEquals(100, pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 1), 0, 1), "not latched");
  }

  @Test
  @DisplayName("W14: one slow writer stops nobody but those who want the same bytes")
  void shouldNotWaitForAnotherBlocksWriter() throws Exception {
    final MemoryPool pool = poolOfSlots(8);
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final CountDownLatch inside = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Integer> writing =
        CompletableFuture.supplyAsync(() ->
            pool.modifyDirtyInPlace(
                42,
                0,
                (block, length) -> {
                  inside.countDown();
                  awaitQuietly(goOn);
                  return length;
                }));
    awaitQuietly(inside);
    resultOf(
        CompletableFuture.runAsync(() -> {
          assertTrue(pool.hasDirty(42, 0));
          pool.insertDirty(42, 1, segment((byte) 1)).close();
          pool.modifyDirtyInPlace(42, 1, 0, segment((byte) 2), 0, 1);
          for (int i = 0; i < 20; i++) {
            put(pool, i);
          }
          assertEquals(2, pool.removeInodeBlocks(42), "not even removal waits");
          assertFalse(pool.hasDirty(42, 0));
        }));
    assertFalse(writing.isDone());
    goOn.countDown();
    assertEquals(100, resultOf(writing));
  }

  @Test
  @DisplayName("W17: who holds a block can write it, however much is evicted")
  void shouldAlwaysFindABlockThatWasAcquiredBeforeItIsWritten() throws Exception {
    final MemoryPool pool = poolOfSlots(3);
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicLong writes = new AtomicLong();
    inParallel(
        2,
        () -> {
          final Random random = randoms.next();
          while (!stop.get()) {
            final int inode = random.nextInt(8);
            try (MutableBlockHandle handle =
                pool.acquireDirty(inode, 0, new Blocks.Fixed(bytes(1, SLOT)))) {
              pool.modifyDirtyInPlace(inode, 0, 0, segment((byte) 1), 0, 1); // Or BlockNotFound.
              pool.markFlushed(inode, 0);
              writes.incrementAndGet();
              assertEquals(SLOT, handle.length());
            } catch (final MemoryPoolException.PoolExhausted e) {
              assertTrue(e.pinned() + e.needingFlush() > 0);
            }
          }
          return null;
        },
        () -> evictFor(pool, stop));
    assertTrue(writes.get() > 0);
    for (int inode = 0; inode < 8; inode++) {
      pool.markFlushed(inode, 0);
    }
  }

  /** Loads other blocks for a while, in whose favour everything that can go is evicted. */
  private static void evictFor(final MemoryPool pool, final AtomicBoolean stop) {
    final long end = System.nanoTime() + RUN_NANOS;
    try {
      for (int i = 0; System.nanoTime() < end; i++) {
        try {
          put(pool, i % 50);
        } catch (final MemoryPoolException.PoolExhausted e) {
          assertTrue(e.pinned() + e.needingFlush() > 0, "no room, though something could go");
        }
      }
    } finally {
      stop.set(true);
    }
  }

  @Test
  @DisplayName("W18: with a writer, a flusher and an evictor, no acknowledged write is lost")
  void shouldLoseNoAcknowledgedWriteToAFlusherAndAnEvictor() throws Exception {
    final MemoryPool pool = pool(slots(4).roomWait(Duration.ofSeconds(20)));
    final int blocks = 6;
    final AtomicLong[] store = new AtomicLong[blocks];
    final long[] acknowledged = new long[blocks];
    Arrays.setAll(store, i -> new AtomicLong());
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicBoolean stopFlusher = new AtomicBoolean(); // The evictor may wait for him.
    final CompletableFuture<Void> flusher =
        CompletableFuture.runAsync(() -> flushUntil(stopFlusher, pool, store));
    final CompletableFuture<Void> evictor =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; !stop.get(); i++) {
            put(pool, i % 50);
          }
        });
    try {
      final Random random = randoms.next();
      for (int i = 0; i < 20_000; i++) {
        write(pool, store, acknowledged, random.nextInt(blocks));
      }
      stop.set(true);
      resultOf(evictor);
    } finally {
      stop.set(true);
      stopFlusher.set(true);
    }
    resultOf(flusher);
    for (int block = 0; block < blocks; block++) {
      flush(pool, store, block);
      assertEquals(acknowledged[block], store[block].get(), "block " + block);
    }
    assertEquals(0, pool.stats().dirtyBlocks());
  }

  private static void write(
      final MemoryPool pool, final AtomicLong[] store, final long[] acknowledged, final int block) {
    try (MutableBlockHandle handle =
        pool.acquireDirty(1, block, (key, slot) -> load(slot, store[block].get()))) {
      assertEquals(SLOT, handle.length());
      pool.modifyDirtyInPlace(
          1,
          block,
          (memory, length) -> {
            final long count = memory.get(ValueLayout.JAVA_LONG, COUNTER);
            memory.set(ValueLayout.JAVA_LONG, COUNTER, count + 1);
            return length;
          });
      acknowledged[block]++;
    }
  }

  private static int load(final MemorySegment slot, final long count) {
    slot.fill((byte) 0);
    slot.set(ValueLayout.JAVA_LONG, COUNTER, count);
    return SLOT;
  }

  private static void flushUntil(
      final AtomicBoolean stop, final MemoryPool pool, final AtomicLong[] store) {
    while (!stop.get()) {
      for (int block = 0; block < store.length; block++) {
        flush(pool, store, block);
      }
    }
  }

  private static void flush(final MemoryPool pool, final AtomicLong[] store, final int block) {
    try (MutableBlockHandle handle = pool.getDirty(1, block)) {
      if (handle != null) {
        final long version =
            handle.withData(memory -> {
              store[block].set(memory.get(ValueLayout.JAVA_LONG, COUNTER));
              return handle.version();
            });
        pool.markFlushed(1, block, version);
      }
    }
  }

  @Test
  @DisplayName("W19: a write counts as a use: the block that is written most stays")
  void shouldKeepTheBlockThatIsWrittenMost() {
    final MemoryPool pool = poolOfSlots(3);
    for (int inode = 1; inode <= 3; inode++) {
      pool.acquireDirty(inode, 0, new Blocks.Fixed(bytes(inode, SLOT))).close();
    }
    for (int i = 0; i < 10; i++) {
      pool.modifyDirtyInPlace(1, 0, i, segment((byte) i), 0, 1);
    }
    pool.markFlushed(1, 0);
    put(pool, 1);
    put(pool, 2);
    assertTrue(pool.hasDirty(1, 0), "written ten times");
    assertFalse(pool.hasDirty(2, 0) && pool.hasDirty(3, 0), "never used again");
  }

  @Test
  @DisplayName("R7: a flush puts each run where it belongs, whatever lies between is evicted")
  void shouldFlushAroundWhatIsNotThere() {
    final FlushedFile file = new FlushedFile();
    final MemoryPool pool = pool(MemoryPoolConfig.builder().maxSize(12 * SLOT).blockSize(4 * SLOT));
    for (int block = 0; block < 3; block++) {
      pool.insertDirty(42, block, segment(bytes(block, 4 * SLOT))).close();
    }
    pool.flush(42, 1, file);
    pool.acquire(content(1), new Blocks.Fixed(bytes(1, 4 * SLOT))).close();
    assertFalse(pool.hasDirty(42, 1), "flushed, and evicted");
    final long token = pool.pinDirty(42, 2);
    pool.discardPages(token, SLOT, 2 * SLOT);
    pool.unpin(token);
    assertArrayEquals(new int[] {0, 2}, pool.blocksNeedingFlush(42));
    for (final int block : pool.blocksNeedingFlush(42)) {
      pool.flush(42, block, file);
    }
    assertArrayEquals(bytes(0, 4 * SLOT), file.bytes(42, 0));
    assertArrayEquals(bytes(1, 4 * SLOT), file.bytes(42, 1));
    final byte[] holed = bytes(2, 4 * SLOT);
    Arrays.fill(holed, SLOT, 3 * SLOT, (byte) 0);
    assertArrayEquals(holed, file.bytes(42, 2), "its last page is not where its second was");
    assertEquals(0, pool.stats().dirtyBlocks());
  }
}
