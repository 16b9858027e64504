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

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Closing a pool while others use it. */
public abstract class CloseContract extends PoolFixture {
  private static final BlockKey KEY = BlockKey.ofContent(1, 2, 3);

  /** For pools of this kind. */
  protected CloseContract(final PoolKind kind) {
    super(kind);
  }

  private MemoryPool pool(final Duration closeWait) {
    return unwatchedPool(
        MemoryPoolConfig.builder()
            .maxSize(16 * SLOT)
            .blockSize(4 * SLOT)
            .closeWait(closeWait)
            .roomWait(Duration.ofMillis(20)));
  }

  @Test
  void shouldRefuseEverythingOnceClosed() {
    final MemoryPool pool = unwatchedPool(slots(4));
    put(pool, 1);
    pool.insertDirty(42, 0, segment((byte) 1)).close();
    pool.close();
    pool.close();
    final Class<MemoryPoolException.PoolClosed> closed = MemoryPoolException.PoolClosed.class;
    assertThrows(closed, () -> put(pool, 2));
    assertThrows(closed, () -> pool.tryGet(content(1)));
    assertThrows(closed, () -> pool.pin(1, 2, 3));
    assertThrows(closed, () -> pool.hasDirty(42, 0));
    assertThrows(closed, () -> pool.getDirty(42, 0));
    assertThrows(closed, () -> pool.insertDirty(42, 0, segment((byte) 1)));
    assertThrows(closed, () -> pool.modifyDirtyInPlace(42, 0, (block, length) -> length));
    assertThrows(closed, () -> pool.markFlushed(42, 0));
    assertThrows(closed, () -> pool.markFlushed(42, 0, 1));
    assertThrows(closed, () -> pool.markNeedsFlush(42, 0));
    assertThrows(closed, () -> pool.removeInodeBlocks(42));
    assertThrows(closed, () -> pool.invalidateHash(1, 2));
    assertThrows(closed, () -> pool.removeContentBlocks(1, 2));
    assertThrows(closed, () -> pool.dirtyBlockCount(42));
    assertThrows(closed, () -> pool.shrinkDirtyBlock(42, 0));
    assertThrows(closed, pool::clear);
    assertThrows(closed, () -> pool.unpin(1));
    assertEquals(0, pool.stats().totalBlocks());
  }

  @Test
  void shouldWaitForThePinsThatAreHeld() throws Exception {
    final MemoryPool pool = pool(Duration.ofSeconds(30));
    final BlockHandle handle = pool.acquire(KEY, new Blocks.Fixed(bytes(1, 100)));
    final CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
    awaitClosed(pool);
    assertArrayEquals(bytes(1, 100), array(handle.data()), "what is pinned stays readable");
    handle.close();
    closing.get(20, TimeUnit.SECONDS);
    assertEquals(0, pool.stats().slotsInUse());
  }

  private static void awaitClosed(final MemoryPool pool) {
    while (true) {
      try {
        pool.hasDirty(1, 1);
      } catch (final MemoryPoolException.PoolClosed e) {
        return;
      }
    }
  }

  @Test
  void shouldKeepPinnedMemoryMappedAndSaySoWhenThePinsRemain() {
    final MemoryPool pool = pool(Duration.ofMillis(20));
    final BlockHandle handle = pool.acquire(KEY, new Blocks.Fixed(bytes(1, 100)));
    final MutableBlockHandle mutable = pool.insertDirty(42, 0, segment(bytes(2, 100)));
    final MemoryPoolException.PoolBusy busy =
        assertThrows(MemoryPoolException.PoolBusy.class, pool::close);
    assertEquals(2, busy.slotsInUse());
    assertEquals(2, busy.pins());
    assertThrows(MemoryPoolException.PoolClosed.class, () -> pool.tryGet(KEY));
    assertArrayEquals(bytes(1, 100), array(handle.data()));
    assertArrayEquals(bytes(2, 100), array(mutable.data()));
    handle.close();
    mutable.close();
    pool.close();
    assertEquals(0, pool.stats().capacityInUse());
  }

  @Test
  void shouldRefuseAccessThroughViewsThatOutliveThePool() {
    final MemoryPool pool = pool(Duration.ofSeconds(30));
    final long token = pool.pinOrLoad(1, 2, 3, 100, new Blocks.Fixed(bytes(1, 100)));
    final MemorySegment view = pool.view(token);
    pool.unpin(token);
    pool.close();
    assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(MemoryPoolException.PoolClosed.class, () -> pool.unpin(token));
    assertThrows(MemoryPoolException.PoolClosed.class, () -> pool.view(token));
  }

  @Test
  void shouldDropALoadThatEndsAfterTheClose() throws Exception {
    final MemoryPool pool = pool(Duration.ofSeconds(30));
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Void> loading =
        CompletableFuture.runAsync(() ->
            pool.acquire(
                    KEY,
                    (key, slot) -> {
                      begun.countDown();
                      awaitQuietly(goOn);
                      slot.fill((byte) 1);
                      return 10;
                    })
                .close());
    begun.await();
    final CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
    awaitClosed(pool);
    goOn.countDown();
    assertInstanceOf(MemoryPoolException.PoolClosed.class, failureOf(loading));
    closing.get(20, TimeUnit.SECONDS);
    assertEquals(0, pool.stats().slotsInUse());
  }

  @Test
  void shouldRefuseToCloseWhileAFillHangsAndFailItWhenItGoesOn() throws Exception {
    final MemoryPool pool = pool(Duration.ofMillis(20));
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final PageProvider slow =
        (key, offset, pages) -> {
          begun.countDown();
          awaitQuietly(goOn);
        };
    final long token = pool.claimDirty(42, 0, SLOT, SLOT);
    final CompletableFuture<Void> leader =
        CompletableFuture.runAsync(() -> pool.fillPages(token, 0, SLOT, slow));
    awaitQuietly(begun);
    final Thread[] thread = new Thread[1];
    final CompletableFuture<Void> waiter =
        CompletableFuture.runAsync(
            () -> pool.fillPages(token, 0, SLOT, slow),
            task -> thread[0] = Thread.ofPlatform().daemon().start(task));
    awaitSleeping(thread[0]);
    assertEquals(2, assertThrows(MemoryPoolException.PoolBusy.class, pool::close).slotsInUse());
    goOn.countDown();
    assertInstanceOf(MemoryPoolException.PoolClosed.class, failureOf(leader));
    assertInstanceOf(MemoryPoolException.PoolClosed.class, failureOf(waiter));
    assertEquals(1, assertThrows(MemoryPoolException.PoolBusy.class, pool::close).pins());
    pool.unpin(token);
    pool.close();
    assertEquals(0, pool.stats().slotsInUse());
  }

  @Test
  void shouldRefuseToCloseWhileAFlushHangs() throws Exception {
    final MemoryPool pool = pool(Duration.ofMillis(20));
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final byte[] content = bytes(1, SLOT);
    final BlockWriteBack slow =
        (inode, block, runs) -> {
          begun.countDown();
          awaitQuietly(goOn);
          assertArrayEquals(content, array(runs.bytes(0)), "still mapped");
        };
    pool.insertDirty(42, 0, segment(content)).close();
    final CompletableFuture<Boolean> flush =
        CompletableFuture.supplyAsync(() -> pool.flush(42, 0, slow));
    awaitQuietly(begun);
    final MemoryPoolException.PoolBusy busy =
        assertThrows(MemoryPoolException.PoolBusy.class, pool::close);
    assertEquals(1, busy.slotsInUse());
    assertEquals(1, busy.pins());
    assertThrows(MemoryPoolException.PoolClosed.class, () -> pool.insertDirty(42, 0, segment()));
    goOn.countDown();
    assertTrue(resultOf(flush));
    pool.close();
    assertEquals(0, pool.stats().slotsInUse());
    assertThrows(MemoryPoolException.PoolClosed.class, () -> pool.flush(42, 0, slow));
  }

  @Test
  void shouldWakeWhoeverWaitsForRoom() throws Exception {
    final MemoryPool pool =
        unwatchedPool(slots(1).roomWait(Duration.ofSeconds(50)).closeWait(Duration.ofSeconds(30)));
    pool.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    final CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> pool.insertDirty(2, 0, segment((byte) 1)).close());
    while (pool.stats().waits() == 0) {
      Thread.onSpinWait();
    }
    pool.close();
    assertInstanceOf(MemoryPoolException.PoolClosed.class, failureOf(waiting));
  }

  @RepeatedTest(20)
  void shouldNeitherCrashNorLeakWhenClosedUnderFullUse() throws Exception {
    final MemoryPool pool = pool(Duration.ofSeconds(30));
    final AtomicInteger refused = new AtomicInteger();
    final CountDownLatch warm = new CountDownLatch(4);
    final List<CompletableFuture<Void>> users = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      final int first = thread;
      users.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = first; ; i++) {
                    try {
                      use(pool, i);
                    } catch (final MemoryPoolException.PoolExhausted e) {
                      pool.removeInodeBlocks(i % 8); // All were dirty or pinned by the others.
                    }
                    if (i == first + 50) {
                      warm.countDown();
                    }
                  }
                } catch (final MemoryPoolException.PoolClosed e) {
                  refused.incrementAndGet();
                }
              },
              task -> Thread.ofPlatform().daemon().start(task)));
    }
    assertTrue(warm.await(30, TimeUnit.SECONDS));
    pool.close();
    for (final CompletableFuture<Void> user : users) {
      user.get(20, TimeUnit.SECONDS);
    }
    assertEquals(4, refused.get());
    assertEquals(0, pool.stats().pins());
    assertEquals(0, pool.stats().slotsInUse());
  }

  private static void use(final MemoryPool pool, final int i) {
    final int length = 1 + i * 997 % (4 * SLOT);
    try (BlockHandle handle =
        pool.acquire(BlockKey.ofContent(i % 40, 1, 0), new Blocks.Fixed(bytes(1, length)))) {
      assertTrue(handle.data().get(ValueLayout.JAVA_BYTE, 0) == bytes(1, 1)[0]);
    }
    pool.insertDirty(i % 8, 0, segment(bytes(i, 10))).close();
    try {
      pool.modifyDirtyInPlace(i % 8, 0, length - 1, segment((byte) 1), 0, 1);
    } catch (final MemoryPoolException.BlockNotFound e) {
      assertEquals(i % 8, e.key().inode()); // Another thread removed it.
    }
    pool.markFlushed(i % 8, 0);
    pool.stats();
  }
}
