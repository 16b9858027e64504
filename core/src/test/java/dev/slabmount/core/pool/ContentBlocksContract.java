package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Content-keyed blocks: keys, loading, handles and tokens, removal. */
public abstract class ContentBlocksContract extends PoolFixture {
  /** For pools of this kind. */
  protected ContentBlocksContract(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("P14: an absent block is loaded and pinned")
  void shouldLoadAnAbsentBlock() {
    final MemoryPool pool = poolOfSlots(4);
    try (BlockHandle handle = pool.acquire(content(1), new Blocks.Fixed(bytes(1, 10)))) {
      assertArrayEquals(bytes(1, 10), array(handle.data()));
      assertTrue(handle.data().isReadOnly());
      assertEquals(0, handle.data().address() % 4096);
      assertEquals(10, handle.length());
      assertEquals(content(1), handle.key());
      assertEquals(1, pool.stats().totalBlocks());
      assertEquals(1, pool.stats().inUseBlocks());
      assertEquals(0, pool.stats().dirtyBlocks());
      assertEquals(10, pool.stats().bytesLoaded());
    }
    assertEquals(0, pool.stats().inUseBlocks());
  }

  @Test
  @DisplayName("P15: a block that is there is not loaded again")
  void shouldNotLoadABlockThatIsThere() {
    final MemoryPool pool = poolOfSlots(4);
    put(pool, 1);
    assertEquals(0, pool.hitCount());
    final Blocks.Fixed second = new Blocks.Fixed((byte) 0);
    try (BlockHandle handle = pool.acquire(content(1), second)) {
      assertArrayEquals(bytes(1, SLOT), array(handle.data()));
    }
    assertEquals(0, second.loads());
    assertEquals(1, pool.allocationCount());
    assertEquals(1, pool.hitCount());
    assertEquals(50.0, pool.hitRate());
  }

  @Test
  void shouldTellContentAndInodesApartWhateverTheirNumbers() {
    final MemoryPool pool = poolOfSlots(4);
    pool.acquire(BlockKey.ofContent(0, 42, 0), new Blocks.Fixed((byte) 1)).close();
    assertFalse(pool.hasDirty(42, 0));
    assertNull(pool.tryGet(BlockKey.ofInode(42, 0)));
    pool.insertDirty(42, 0, segment((byte) 2)).close();
    try (BlockHandle handle = pool.tryGet(BlockKey.ofContent(0, 42, 0))) {
      assertEquals(1, array(handle.data())[0]);
    }
    assertNull(pool.tryGet(BlockKey.ofInode(42, 0)), "no view of a block that others write");
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.acquire(BlockKey.ofInode(42, 0), new Blocks.Fixed()));
    assertEquals(1, pool.removeInodeBlocks(42));
    assertEquals(1, pool.stats().totalBlocks());
  }

  @Test
  void shouldTellSwappedHalvesOfAHashApart() {
    final MemoryPool pool = poolOfSlots(4);
    pool.acquire(BlockKey.ofContent(1, 2, 0), new Blocks.Fixed((byte) 1)).close();
    assertNull(pool.tryGet(BlockKey.ofContent(2, 1, 0)));
    pool.acquire(BlockKey.ofContent(2, 1, 0), new Blocks.Fixed((byte) 2)).close();
    try (BlockHandle one = pool.tryGet(BlockKey.ofContent(1, 2, 0));
        BlockHandle two = pool.tryGet(BlockKey.ofContent(2, 1, 0))) {
      assertEquals(1, array(one.data())[0]);
      assertEquals(2, array(two.data())[0]);
    }
  }

  @Test
  void shouldInvalidateAllUnpinnedBlocksOfAHash() {
    final MemoryPool pool = poolOfSlots(4);
    for (int block = 0; block < 3; block++) {
      pool.acquire(BlockKey.ofContent(5, 6, block), new Blocks.Fixed((byte) block)).close();
    }
    put(pool, 1);
    try (BlockHandle pinned = pool.tryGet(BlockKey.ofContent(5, 6, 1))) {
      assertEquals(2, pool.invalidateHash(5, 6));
      assertEquals(1, array(pinned.data())[0]);
    }
    assertEquals(1, pool.invalidateHash(5, 6));
    assertEquals(0, pool.invalidateHash(5, 6));
    assertTrue(has(pool, 1));
  }

  @Test
  void shouldRemoveAllBlocksOfAContentEvenIfPinned() {
    final MemoryPool pool = poolOfSlots(4);
    for (int block = 0; block < 2; block++) {
      pool.acquire(BlockKey.ofContent(5, 6, block), new Blocks.Fixed((byte) block)).close();
    }
    put(pool, 1);
    pool.insertDirty(6, 0, segment((byte) 9)).close();
    try (BlockHandle pinned = pool.tryGet(BlockKey.ofContent(5, 6, 1))) {
      assertEquals(2, pool.removeContentBlocks(5, 6));
      assertNull(pool.tryGet(BlockKey.ofContent(5, 6, 1)));
      assertEquals(1, array(pinned.data())[0], "who holds it can read it");
      try (BlockHandle anew =
          pool.acquire(BlockKey.ofContent(5, 6, 1), new Blocks.Fixed((byte) 7))) {
        assertEquals(7, array(anew.data())[0]);
      }
    }
    assertEquals(1, pool.removeContentBlocks(5, 6));
    assertEquals(0, pool.removeContentBlocks(5, 6));
    assertTrue(has(pool, 1), "another content");
    assertTrue(pool.hasDirty(6, 0), "an inode of the same number");
  }

  @Test
  void shouldPinThroughTokensAndThroughHandlesAlike() {
    final MemoryPool pool = poolOfSlots(4);
    assertEquals(MemoryPool.NO_BLOCK, pool.pin(7, 8, 9));
    final Blocks.Fixed provider = new Blocks.Fixed(bytes(1, 100));
    final long loaded = pool.pinOrLoad(7, 8, 9, 100, provider);
    final long hit = pool.pin(7, 8, 9);
    assertEquals(2, pool.stats().pins());
    assertEquals(1, pool.stats().inUseBlocks());
    assertEquals(100, pool.length(hit));
    assertEquals(pool.address(loaded), pool.address(hit));
    assertArrayEquals(bytes(1, 100), array(pool.view(hit)));
    assertEquals(pool.address(hit), pool.view(hit).address());
    pool.unpin(loaded);
    pool.unpin(hit);
    assertEquals(1, provider.loads());
    assertThrows(IllegalStateException.class, () -> pool.unpin(hit));
    assertThrows(IllegalStateException.class, () -> pool.length(hit));
    assertThrows(IllegalArgumentException.class, () -> pool.unpin(MemoryPool.NO_BLOCK));
  }

  @Test
  void shouldRefuseATokenWhoseSlotHoldsAnotherBlockByNow() {
    final MemoryPool pool = poolOfSlots(1);
    final long stale = pool.pinOrLoad(1, 1, 1, SLOT, new Blocks.Fixed(bytes(1, SLOT)));
    pool.unpin(stale);
    final long token = pool.pinOrLoad(2, 2, 2, SLOT, new Blocks.Fixed(bytes(2, SLOT)));
    assertThrows(IllegalStateException.class, () -> pool.unpin(stale));
    assertThrows(IllegalStateException.class, () -> pool.address(stale));
    assertThrows(IllegalStateException.class, () -> pool.length(stale));
    assertThrows(IllegalStateException.class, () -> pool.view(stale));
    assertThrows(IllegalStateException.class, () -> pool.write(stale, 0, segment((byte) 1), 0, 1));
    assertArrayEquals(bytes(2, SLOT), array(pool.view(token)));
    pool.unpin(token);
  }

  @Test
  void shouldRefuseTheUseOfAClosedHandleAndCloseItOnlyOnce() {
    final MemoryPool pool = poolOfSlots(4);
    final BlockHandle handle = pool.acquire(content(1), new Blocks.Fixed(bytes(1, 10)));
    final BlockHandle other = pool.tryGet(content(1));
    handle.close();
    handle.close();
    assertEquals(1, pool.stats().pins());
    assertThrows(IllegalStateException.class, handle::data);
    assertThrows(IllegalStateException.class, handle::length);
    other.close();
    final MutableBlockHandle mutable = pool.insertDirty(1, 0, segment((byte) 1));
    mutable.close();
    mutable.close();
    assertThrows(IllegalStateException.class, mutable::data);
    assertThrows(IllegalStateException.class, mutable::version);
  }

  @Test
  void shouldFailEveryoneWhoWaitsForAFailingLoadAndTryAgainNextTime() throws Exception {
    final MemoryPool pool = poolOfSlots(4);
    final AtomicInteger loads = new AtomicInteger();
    final BlockContentProvider failing =
        (key, slot) -> {
          loads.incrementAndGet();
          throw new IOException("planned");
        };
    for (int i = 1; i <= 3; i++) {
      final MemoryPoolException.RetrievalFailed thrown =
          assertThrows(
              MemoryPoolException.RetrievalFailed.class, () -> pool.acquire(content(1), failing));
      assertEquals(content(1), thrown.key());
      assertEquals("planned", thrown.getCause().getMessage());
      assertEquals(i, loads.get());
    }
    assertEquals(3, pool.stats().loadFailures());
    assertEquals(0, pool.stats().slotsInUse());
    put(pool, 1);
  }

  @Test
  void shouldTreatAnImpossibleLengthFromAProviderAsAFailedLoad() {
    final MemoryPool pool = poolOfSlots(4);
    assertThrows(
        MemoryPoolException.RetrievalFailed.class,
        () -> pool.acquire(content(1), (key, slot) -> SLOT + 1));
    assertThrows(
        MemoryPoolException.RetrievalFailed.class,
        () -> pool.acquire(content(1), (key, slot) -> -1));
    assertEquals(0, pool.stats().slotsInUse());
  }
}
