package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loading missing pages: once each, for all who want them, and never over what is newer. */
@Timeout(60)
class PageFillTest {
  private static final long INO = 7;
  private static final int PAGES = 16;
  private static final byte[] BASE = bytes(3, PAGES * SLOT);

  private final AtomicIntegerArray loads = new AtomicIntegerArray(PAGES);
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final MemoryPool pool =
      MemoryPool.create(
          MemoryPoolConfig.builder()
              .maxSize(64L * SLOT)
              .blockSize(PAGES * SLOT)
              .loadTimeout(Duration.ofSeconds(20))
              .build());
  private final long token = pool.claimDirty(INO, 0, PAGES * SLOT, PAGES * SLOT);

  @AfterEach
  void nothingIsLeftBehind() {
    pool.unpin(token);
    PoolAudit.audit(pool);
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  private void load(final BlockKey key, final int offset, final MemorySegment pages) {
    for (int at = 0; at < pages.byteSize(); at += SLOT) {
      loads.incrementAndGet((offset + at) / SLOT);
    }
    MemorySegment.copy(BASE, offset, pages, ValueLayout.JAVA_BYTE, 0, (int) pages.byteSize());
  }

  private void loadSlowly(final BlockKey key, final int offset, final MemorySegment pages)
      throws IOException {
    inside.countDown();
    try {
      release.await();
    } catch (final InterruptedException e) {
      throw new InterruptedIOException();
    }
    load(key, offset, pages);
  }

  private CompletableFuture<Void> fillSlowly() throws InterruptedException {
    final CompletableFuture<Void> filling =
        CompletableFuture.runAsync(() -> pool.fillPages(token, 0, PAGES * SLOT, this::loadSlowly));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    return filling;
  }

  private byte[] content() {
    assertTrue(pool.pagesValid(token, 0, PAGES * SLOT));
    return array(pool.view(token));
  }

  @Test
  void shouldLoadEachPageOnceHoweverManyWantOverlappingRanges() throws Exception {
    final CompletableFuture<?>[] callers = new CompletableFuture<?>[8];
    for (int i = 0; i < callers.length; i++) {
      final int caller = i;
      callers[i] =
          CompletableFuture.runAsync(() -> {
            for (int page = 0; page < PAGES; page++) {
              final int first = (page + caller * 5) % PAGES;
              pool.fillPages(token, first * SLOT, (PAGES - first) * SLOT / 2 + 1, this::load);
              assertTrue(pool.pagesValid(token, first * SLOT, (PAGES - first) * SLOT / 2 + 1));
            }
          });
    }
    CompletableFuture.allOf(callers).get(30, TimeUnit.SECONDS);
    assertArrayEquals(BASE, content());
    for (int page = 0; page < PAGES; page++) {
      assertEquals(1, loads.get(page), "loads of page " + page);
    }
    assertEquals(0, pool.stats().dirtyBlocks(), "what was filled needs no flushing");
  }

  @Test
  void shouldLetAWriteThatComesDuringAFillThroughAndWin() throws Exception {
    final CompletableFuture<Void> filling = fillSlowly();
    pool.write(token, 3 * SLOT, segment(bytes(8, SLOT)), 0, SLOT);
    assertFalse(filling.isDone());
    release.countDown();
    filling.get(20, TimeUnit.SECONDS);
    final byte[] expected = BASE.clone();
    System.arraycopy(bytes(8, SLOT), 0, expected, 3 * SLOT, SLOT);
    assertArrayEquals(expected, content());
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldLoadAgainWhatWasDiscardedOrCutOffDuringAFill() throws Exception {
    final CompletableFuture<Void> filling = fillSlowly();
    pool.discardPages(token, 2 * SLOT, SLOT);
    pool.resize(token, 9 * SLOT + 1);
    pool.resize(token, PAGES * SLOT);
    release.countDown();
    filling.get(20, TimeUnit.SECONDS);
    assertArrayEquals(BASE, content());
    for (int page = 0; page < PAGES; page++) {
      assertEquals(page == 2 || page >= 9 ? 2 : 1, loads.get(page), "loads of page " + page);
    }
  }

  @Test
  void shouldTellAllWhoWaitOfAFailureAndTryAgainNextTime() throws Exception {
    final PageProvider failing =
        (key, offset, pages) -> {
          inside.countDown();
          try {
            release.await();
          } catch (final InterruptedException e) {
            throw new AssertionError(e);
          }
          throw new IOException("planned");
        };
    final CompletableFuture<Void> leader =
        CompletableFuture.runAsync(() -> pool.fillPages(token, 0, 2 * SLOT, failing));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    final CompletableFuture<Void> waiter = waiter(SLOT, SLOT);
    release.countDown();
    for (final CompletableFuture<Void> caller : java.util.List.of(leader, waiter)) {
      final ExecutionException thrown =
          assertThrows(ExecutionException.class, () -> caller.get(20, TimeUnit.SECONDS));
      assertInstanceOf(MemoryPoolException.RetrievalFailed.class, thrown.getCause());
      assertEquals("planned", thrown.getCause().getCause().getMessage());
    }
    assertEquals(0, loads.get(1));
    assertEquals(1, pool.stats().loadFailures());
    pool.fillPages(token, 0, PAGES * SLOT, this::load);
    assertArrayEquals(BASE, content());
  }

  /** Somebody who waits for a fill that is under way. */
  private CompletableFuture<Void> waiter(final int offset, final int length) {
    final CompletableFuture<Void> result = new CompletableFuture<>();
    final Thread thread =
        new Thread(() -> {
          try {
            pool.fillPages(token, offset, length, this::load);
            result.complete(null);
          } catch (final Throwable e) {
            result.completeExceptionally(e);
          }
        });
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !result.isDone()) {
      Thread.onSpinWait();
    }
    return result;
  }

  @Test
  void shouldHandOverWhenTheLoadingThreadIsInterrupted() throws Exception {
    final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    final Thread leader =
        new Thread(() -> {
          try {
            pool.fillPages(token, 0, PAGES * SLOT, this::loadSlowly);
            failure.complete(new AssertionError("not interrupted"));
          } catch (final Throwable e) {
            failure.complete(e);
          }
        });
    leader.start();
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    final CompletableFuture<Void> waiter = waiter(0, PAGES * SLOT);
    leader.interrupt();
    waiter.get(20, TimeUnit.SECONDS);
    assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failure.get(20, TimeUnit.SECONDS));
    assertArrayEquals(BASE, content());
  }

  @Test
  void shouldGiveUpAFillThatTakesTooLongAndIgnoreWhatItBringsInTheEnd() throws Exception {
    try (MemoryPool impatient =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(64L * SLOT)
                .blockSize(PAGES * SLOT)
                .loadTimeout(Duration.ofMillis(50))
                .build())) {
      final long own = impatient.claimDirty(INO, 0, SLOT, SLOT);
      final CompletableFuture<Void> leader =
          CompletableFuture.runAsync(() -> impatient.fillPages(own, 0, SLOT, this::loadSlowly));
      assertTrue(inside.await(20, TimeUnit.SECONDS));
      MemoryPoolException.RetrievalFailed late = null;
      try {
        impatient.fillPages(own, 0, SLOT, this::load); // Waits, unless it comes too late for that.
      } catch (final MemoryPoolException.RetrievalFailed e) {
        late = e;
        impatient.fillPages(own, 0, SLOT, this::load);
      }
      assertTrue(late == null || late.getCause() instanceof TimeoutException, "" + late);
      impatient.discardPages(own, 0, SLOT);
      release.countDown();
      assertThrows(ExecutionException.class, () -> leader.get(20, TimeUnit.SECONDS));
      assertFalse(impatient.pagesValid(own, 0, SLOT), "old bytes are not put over the discard");
      impatient.unpin(own);
      PoolAudit.audit(impatient);
    }
  }

  @Test
  void shouldLoadThePagesOfABlockThatMovesMeanwhile() throws Exception {
    final long small = pool.claimDirty(INO, 1, 2 * SLOT + 7, 3 * SLOT);
    final CompletableFuture<Void> filling =
        CompletableFuture.runAsync(() -> pool.fillPages(small, 0, 3 * SLOT, this::loadSlowly));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    pool.resize(small, 8 * SLOT);
    release.countDown();
    filling.get(20, TimeUnit.SECONDS);
    try (MutableBlockHandle handle = pool.getDirty(INO, 1)) {
      assertThrows(MemoryPoolException.PagesMissing.class, handle::data);
      final long again = pool.pinDirty(INO, 1);
      assertTrue(pool.pagesValid(again, 0, 3 * SLOT));
      assertArrayEquals(
          Arrays.copyOf(BASE, 3 * SLOT), array(pool.view(again).asSlice(0, 3 * SLOT)));
      pool.unpin(again);
    }
    pool.unpin(small);
  }
}
