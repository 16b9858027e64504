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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Loading missing pages: once each, whoever asks; and what may happen meanwhile. */
public abstract class PageFillContract extends PoolFixture {
  private static final int BLOCK = 8 * SLOT;

  private MemoryPool pool;

  /** For pools of this kind. */
  protected PageFillContract(final PoolKind kind) {
    super(kind);
  }

  @BeforeEach
  void createPool() {
    pool = poolThatWaits(Duration.ofSeconds(30));
  }

  private MemoryPool poolThatWaits(final Duration loadTimeout) {
    return pool(
        MemoryPoolConfig.builder()
            .maxSize(16 * BLOCK)
            .blockSize(BLOCK)
            .roomWait(Duration.ofMillis(20))
            .loadTimeout(loadTimeout));
  }

  /** Provides the bytes of a file, remembers what it was asked for, and waits if told to. */
  private static final class File implements PageProvider {
    final byte[] content = bytes(9, BLOCK);
    final List<String> asked = new CopyOnWriteArrayList<>();
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn;

    File(final boolean waits) {
      goOn = new CountDownLatch(waits ? 1 : 0);
    }

    @Override
    public void load(final BlockKey key, final int offset, final MemorySegment pages)
        throws IOException {
      assertEquals(BlockKey.ofInode(42, 0), key);
      asked.add(offset + "+" + pages.byteSize());
      begun.countDown();
      try {
        assertTrue(goOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      } catch (final InterruptedException e) {
        throw new InterruptedIOException("interrupted");
      }
      MemorySegment.copy(content, offset, pages, ValueLayout.JAVA_BYTE, 0, (int) pages.byteSize());
    }

    byte[] first(final int length) {
      return java.util.Arrays.copyOf(content, length);
    }
  }

  private static byte[] withBytes(final byte[] content, final int offset, final byte[] written) {
    System.arraycopy(written, 0, content, offset, written.length);
    return content;
  }

  private CompletableFuture<Void> filling(final long token, final PageProvider provider) {
    return CompletableFuture.runAsync(
        () -> pool.fillPages(token, 0, BLOCK, provider),
        task -> Thread.ofPlatform().daemon().start(task));
  }

  @Test
  void shouldLoadOnlyTheRunsThatAreMissing() {
    final File file = new File(false);
    final int length = 5 * SLOT + 100;
    final long token = pool.claimDirty(42, 0, length, BLOCK);
    pool.write(token, 2 * SLOT, segment(bytes(1, SLOT)), 0, SLOT);
    pool.fillPages(token, 10, 0, file);
    assertEquals(List.of(), file.asked);
    pool.fillPages(token, SLOT + 1, 1, file);
    pool.fillPages(token, 0, BLOCK, file);
    assertEquals(
        List.of(SLOT + "+" + SLOT, "0+" + SLOT, 3 * SLOT + "+" + (2 * SLOT + 100)), file.asked);
    assertTrue(pool.pagesValid(token, 0, length));
    assertArrayEquals(
        withBytes(file.first(length), 2 * SLOT, bytes(1, SLOT)), array(pool.view(token)));
    pool.flush(
        42, 0, (inode, block, runs) -> assertEquals(1, runs.count(), "only what was written"));
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(length - SLOT, pool.stats().bytesLoaded());
    pool.fillPages(token, 0, BLOCK, file);
    assertEquals(3, file.asked.size(), "all is there");
    pool.unpin(token);
  }

  @Test
  void shouldFindNoBlockThatWasRemovedAlsoIfNothingOfItIsMissing() {
    final File file = new File(false);
    final long whole = pool.claimDirty(42, 0, SLOT, BLOCK);
    pool.fillPages(whole, 0, SLOT, file);
    pool.removeInodeBlocks(42);
    final long missing = pool.claimDirty(42, 0, SLOT, BLOCK);
    pool.insertDirty(42, 0, segment((byte) 1)).close(); // Replaces it.
    for (final long token : new long[] {whole, missing}) {
      for (final int length : new int[] {0, SLOT}) {
        assertThrows(
            MemoryPoolException.BlockNotFound.class,
            () -> pool.fillPages(token, 0, length, file),
            "length " + length);
      }
    }
    assertEquals(List.of("0+" + SLOT), file.asked);
    pool.unpin(whole);
    pool.unpin(missing);
  }

  @Test
  void shouldAskForEachPageOnceHoweverManyWantIt() throws Exception {
    final File file = new File(true);
    final long token = pool.claimDirty(42, 0, BLOCK, BLOCK);
    final CompletableFuture<Void> leader = filling(token, file);
    awaitQuietly(file.begun);
    final List<CompletableFuture<Void>> others =
        List.of(filling(token, file), filling(token, file), filling(token, file));
    file.goOn.countDown();
    resultOf(leader);
    for (final CompletableFuture<Void> other : others) {
      resultOf(other);
    }
    assertEquals(List.of("0+" + BLOCK), file.asked);
    assertArrayEquals(file.content, array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldLetAWriteWinThatComesDuringTheLoad() throws Exception {
    final File file = new File(true);
    final long token = pool.claimDirty(42, 0, 2 * SLOT, BLOCK);
    final CompletableFuture<Void> loading = filling(token, file);
    awaitQuietly(file.begun);
    pool.write(token, SLOT, segment(bytes(7, SLOT)), 0, SLOT); // Does not wait.
    file.goOn.countDown();
    resultOf(loading);
    assertArrayEquals(
        withBytes(file.first(2 * SLOT), SLOT, bytes(7, SLOT)), array(pool.view(token)));
    assertEquals(1, pool.stats().dirtyBlocks());
    pool.unpin(token);
  }

  @Test
  void shouldNotBringBackWhatWasCutOffDuringTheLoad() throws Exception {
    final File old = new File(true);
    final long token = pool.claimDirty(42, 0, 3 * SLOT, BLOCK);
    final CompletableFuture<Void> loading =
        CompletableFuture.runAsync(() -> pool.fillPages(token, 2 * SLOT, SLOT, old));
    awaitQuietly(old.begun);
    pool.resize(token, SLOT);
    pool.write(token, 3 * SLOT - 1, segment((byte) 1), 0, 1); // The gap is zeros now.
    old.goOn.countDown();
    resultOf(loading);
    final byte[] content = array(pool.view(token));
    for (int i = SLOT; i < 3 * SLOT - 1; i++) {
      assertEquals(0, content[i], "byte " + i);
    }
    pool.unpin(token);
  }

  @Test
  void shouldLoadAnewWhatWasDiscardedDuringTheLoad() throws Exception {
    final File file = new File(true);
    final long token = pool.claimDirty(42, 0, 2 * SLOT, BLOCK);
    final CompletableFuture<Void> loading = filling(token, file);
    awaitQuietly(file.begun);
    pool.discardPages(token, 0, SLOT);
    file.goOn.countDown();
    resultOf(loading);
    assertEquals(List.of("0+" + 2 * SLOT, "0+" + SLOT), file.asked);
    assertArrayEquals(file.first(2 * SLOT), array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldFailAllWhoWaitAndTryAgainNextTime() throws Exception {
    final File file = new File(true);
    final PageProvider failing =
        (key, offset, pages) -> {
          file.load(key, offset, pages);
          throw new IOException("planned");
        };
    final long token = pool.claimDirty(42, 0, 2 * SLOT, BLOCK);
    final CompletableFuture<Void> leader = filling(token, failing);
    awaitQuietly(file.begun);
    final Thread[] waiting = new Thread[1];
    final CompletableFuture<Void> waiter =
        CompletableFuture.runAsync(
            () -> pool.fillPages(token, 0, 1, failing),
            task -> waiting[0] = Thread.ofPlatform().daemon().start(task));
    awaitSleeping(waiting[0]);
    file.goOn.countDown();
    for (final CompletableFuture<Void> failed : List.of(leader, waiter)) {
      final MemoryPoolException.RetrievalFailed failure =
          assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failureOf(failed));
      assertEquals("planned", failure.getCause().getMessage());
    }
    assertEquals(1, file.asked.size());
    pool.fillPages(token, 0, BLOCK, new File(false));
    assertArrayEquals(file.first(2 * SLOT), array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldHandOverWhenTheLoadingThreadIsInterrupted() throws Exception {
    final File interrupted = new File(true);
    final File healthy = new File(false);
    final long token = pool.claimDirty(42, 0, 2 * SLOT, BLOCK);
    final Thread[] threads = new Thread[2];
    final CompletableFuture<Void> leader =
        CompletableFuture.runAsync(
            () -> pool.fillPages(token, 0, BLOCK, interrupted),
            task -> threads[0] = Thread.ofPlatform().daemon().start(task));
    awaitQuietly(interrupted.begun);
    final CompletableFuture<Void> waiter =
        CompletableFuture.runAsync(
            () -> pool.fillPages(token, 0, BLOCK, healthy),
            task -> threads[1] = Thread.ofPlatform().daemon().start(task));
    awaitSleeping(threads[1]);
    threads[0].interrupt();
    assertInstanceOf(MemoryPoolException.RetrievalFailed.class, failureOf(leader));
    resultOf(waiter);
    assertEquals(1, healthy.asked.size());
    assertArrayEquals(healthy.first(2 * SLOT), array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldGiveUpALoadThatTakesTooLongAndStartAfresh() throws Exception {
    pool = poolThatWaits(Duration.ofMillis(50));
    final File hanging = new File(true);
    final long token = pool.claimDirty(42, 0, SLOT, BLOCK);
    final CompletableFuture<Void> leader = filling(token, hanging);
    awaitQuietly(hanging.begun);
    final PageProvider late =
        (key, offset, pages) -> {
          throw new IOException("overdue already", new TimeoutException());
        };
    assertThrows(
        MemoryPoolException.RetrievalFailed.class, () -> pool.fillPages(token, 0, 1, late));
    final File healthy = new File(false);
    pool.fillPages(token, 0, 1, healthy);
    assertEquals(1, healthy.asked.size());
    hanging.goOn.countDown();
    leader.handle((nothing, failure) -> null).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertArrayEquals(healthy.first(SLOT), array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldFailWithoutRoomToLoadInto() {
    final MemoryPool small = pool(slots(1).roomWait(Duration.ofMillis(20)));
    final long token = small.claimDirty(42, 0, SLOT, SLOT);
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> small.fillPages(token, 0, SLOT, new File(false)));
    small.unpin(token);
  }

  @Test
  void shouldFillABlockThatTookThePlaceOfOneThatIsBeingFilled() throws Exception {
    final File old = new File(true);
    final File file = new File(false);
    final long removed = pool.claimDirty(42, 0, SLOT, SLOT);
    final CompletableFuture<Void> loading = filling(removed, old);
    awaitQuietly(old.begun);
    pool.removeInodeBlocks(42);
    final long token = pool.claimDirty(42, 0, SLOT, SLOT);
    final Thread[] thread = new Thread[1];
    final CompletableFuture<Void> filled =
        CompletableFuture.runAsync(
            () -> pool.fillPages(token, 0, SLOT, file),
            task -> thread[0] = Thread.ofPlatform().daemon().start(task));
    awaitThat(
        "it is filled, or waits",
        () -> filled.isDone() || thread[0].getState() == Thread.State.TIMED_WAITING);
    old.goOn.countDown();
    assertInstanceOf(MemoryPoolException.BlockNotFound.class, failureOf(loading));
    resultOf(filled);
    assertArrayEquals(file.first(SLOT), array(pool.view(token)));
    pool.unpin(removed);
    pool.unpin(token);
  }

  @Test
  void shouldRefuseToFillABlockThatIsGone() {
    final long token = pool.claimDirty(42, 0, SLOT, SLOT);
    pool.removeInodeBlocks(42);
    assertThrows(
        MemoryPoolException.BlockNotFound.class,
        () -> pool.fillPages(token, 0, SLOT, new File(false)));
    pool.unpin(token);
  }
}
