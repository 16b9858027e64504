package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever is slow inside one block stops nobody who wants another, nor who wants it gone. */
public abstract class IndependenceContract extends PoolFixture {
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private MemoryPool pool;

  /** For pools of this kind. */
  protected IndependenceContract(final PoolKind kind) {
    super(kind);
  }

  @BeforeEach
  void createPool() {
    pool = pool(MemoryPoolConfig.builder().maxSize(16 * SLOT).blockSize(4 * SLOT));
  }

  private void stay() {
    inside.countDown();
    awaitQuietly(goOn);
  }

  /** Everything that can be done to other blocks, and what must not wait for this one. */
  private void doEverythingElse() {
    pool.insertDirty(1, 1, segment(bytes(1, 100))).close();
    pool.modifyDirtyInPlace(1, 1, 2 * SLOT, segment((byte) 1), 0, 1);
    pool.markFlushed(1, 1);
    pool.acquire(BlockKey.ofContent(1, 2, 3), new Blocks.Fixed(bytes(1, 100))).close();
    for (int i = 0; i < 10; i++) {
      pool.acquire(BlockKey.ofContent(4, 5, i), new Blocks.Fixed(bytes(1, 2 * SLOT))).close();
    }
    pool.invalidateHash(4, 5);
    pool.stats();
    assertTrue(pool.hasDirty(42, 0));
    assertTrue(pool.markNeedsFlush(42, 0));
    assertEquals(1, pool.dirtyBlockCount(42));
    assertEquals(1, pool.removeInodeBlocks(42), "removal does not wait for the writer");
    pool.insertDirty(42, 0, segment(bytes(2, 100))).close();
  }

  @Test
  void shouldNotWaitForAWriterOfAnotherBlock() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final CompletableFuture<Integer> writing =
        CompletableFuture.supplyAsync(() ->
            pool.modifyDirtyInPlace(
                42,
                0,
                (block, length) -> {
                  stay();
                  return length;
                }));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    CompletableFuture.runAsync(this::doEverythingElse).get(20, TimeUnit.SECONDS);
    assertFalse(writing.isDone());
    goOn.countDown();
    assertEquals(100, writing.get(20, TimeUnit.SECONDS));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(2, 100), array(handle.data()), "the block that replaced it");
    }
  }

  @Test
  void shouldNotWaitForALoadOfAnotherBlock() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final CompletableFuture<Void> loading =
        CompletableFuture.runAsync(() ->
            pool.acquire(
                    BlockKey.ofContent(7, 7, 7),
                    (key, slot) -> {
                      stay();
                      return 0;
                    })
                .close());
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    CompletableFuture.runAsync(this::doEverythingElse).get(20, TimeUnit.SECONDS);
    assertFalse(loading.isDone());
    goOn.countDown();
    loading.get(20, TimeUnit.SECONDS);
  }

  @Test
  void shouldLetReadersOfABlockInTogether() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final MutableBlockHandle one = pool.getDirty(42, 0);
    final MutableBlockHandle two = pool.getDirty(42, 0);
    final CompletableFuture<Boolean> reading =
        CompletableFuture.supplyAsync(() ->
            one.withData(block -> {
              stay();
              return true;
            }));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    assertArrayEquals(bytes(1, 100), array(two.data()));
    goOn.countDown();
    assertTrue(reading.get(20, TimeUnit.SECONDS));
    one.close();
    two.close();
  }
}
