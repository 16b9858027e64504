package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link MemoryPool} promises, whatever it is made of. A subclass says how to make one
 * and how to look inside it; blocks are one slot of 4 KiB unless a test says otherwise, so that
 * limits count in slots.
 */
@Timeout(60)
public abstract class MemoryPoolContract {
  private final List<MemoryPool> pools = new ArrayList<>();

  /** For subclasses. */
  protected MemoryPoolContract() {}

  /** Makes a pool. */
  protected abstract MemoryPool create(MemoryPoolConfig config);

  /** Checks that a pool that nobody uses is sound inside. */
  protected abstract void audit(MemoryPool pool);

  /** A pool of this many slots of 4 KiB that does not wait long for room. */
  protected final MemoryPool poolOfSlots(final int slots) {
    return pool(
        MemoryPoolConfig.builder()
            .maxSize((long) slots * SLOT)
            .blockSize(SLOT)
            .roomWait(Duration.ofMillis(50)));
  }

  /** A pool that is audited and closed after the test. */
  protected final MemoryPool pool(final MemoryPoolConfig.Builder config) {
    final MemoryPool pool = create(config.build());
    pools.add(pool);
    return pool;
  }

  @AfterEach
  void nothingIsLeftBehind() {
    for (final MemoryPool pool : pools) {
      assertEquals(0, pool.stats().pins(), "pins after the test");
      assertEquals(0, pool.stats().inUseBlocks(), "blocks in use after the test");
      assertEquals(0, pool.stats().pendingLoads(), "pending loads after the test");
      audit(pool);
      pool.clearDiscardingDirty();
      assertEquals(0, pool.stats().slotsInUse(), "slots in use after clear");
      assertEquals(0, pool.stats().capacityInUse(), "bytes in use after clear");
      assertEquals(0, pool.stats().slabs(), "slabs in use after clear");
      assertEquals(0, pool.stats().currentSize(), "content after clear");
      pool.close();
    }
  }

  private static BlockKey content(final int number) {
    return BlockKey.ofContent(number, ~number, 0);
  }

  private static void put(final MemoryPool pool, final int number) {
    pool.acquire(content(number), new Blocks.Fixed(bytes(number, SLOT))).close();
  }

  private static boolean has(final MemoryPool pool, final int number) {
    try (BlockHandle handle = pool.tryGet(content(number))) {
      return handle != null;
    }
  }

  // ---- Inode-keyed blocks ----

  @Test
  void shouldCountAnInsertedBlockAsInUseOnlyWhileItsHandleIsOpen() {
    final MemoryPool pool = poolOfSlots(4);
    final MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 4)));
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(1, pool.stats().inUseBlocks());
    assertEquals(1, pool.stats().pins());
    handle.close();
    assertEquals(0, pool.stats().inUseBlocks());
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(1, pool.allocationCount());
  }

  @Test
  void shouldGetADirtyBlockOnlyUnderItsOwnInodeAndIndex() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertNotNull(handle);
      assertArrayEquals(bytes(1, 4), array(handle.data()));
      assertEquals(BlockKey.ofInode(42, 0), handle.key());
    }
    assertNull(pool.getDirty(43, 0));
    assertNull(pool.getDirty(42, 1));
    assertEquals(1, pool.hitCount());
  }

  @Test
  void shouldKnowWhichDirtyBlocksItHas() {
    final MemoryPool pool = poolOfSlots(4);
    assertFalse(pool.hasDirty(42, 0));
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    assertTrue(pool.hasDirty(42, 0));
    assertFalse(pool.hasDirty(42, 1));
    assertFalse(pool.hasDirty(43, 0));
    assertEquals(0, pool.hitCount());
  }

  @Test
  void shouldTakeTheFlagDownWhenFlushedAndUpAgain() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    assertTrue(pool.markFlushed(42, 0));
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(4, pool.stats().bytesWrittenBack());
    assertTrue(pool.hasDirty(42, 0));
    assertFalse(pool.markFlushed(42, 1));
    assertTrue(pool.markNeedsFlush(42, 0));
    assertEquals(1, pool.stats().dirtyBlocks());
    assertFalse(pool.markNeedsFlush(42, 1));
  }

  @Test
  void shouldNotMarkAVersionFlushedThatWasWrittenSince() {
    final MemoryPool pool = poolOfSlots(4);
    final long version;
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 4)))) {
      version = handle.withData(block -> handle.version());
    }
    pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 9), 0, 1);
    assertFalse(pool.markFlushed(42, 0, version));
    assertEquals(1, pool.stats().dirtyBlocks());
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertTrue(handle.version() > version);
      assertTrue(pool.markFlushed(42, 0, handle.version()));
    }
    assertEquals(0, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldNotMarkAReplacementFlushedByTheOldBlocksVersion() {
    final MemoryPool pool = poolOfSlots(4);
    final long version;
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 4)))) {
      version = handle.version();
    }
    pool.removeInodeBlocks(42);
    pool.insertDirty(42, 0, segment(bytes(2, 4))).close();
    assertFalse(pool.markFlushed(42, 0, version));
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldRemoveExactlyTheBlocksOfOneInode() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    pool.insertDirty(42, 1, segment(bytes(2, 4))).close();
    pool.insertDirty(99, 0, segment(bytes(3, 4))).close();
    assertEquals(2, pool.dirtyBlockCount(42));
    assertEquals(2, pool.removeInodeBlocks(42));
    assertEquals(0, pool.dirtyBlockCount(42));
    assertEquals(1, pool.dirtyBlockCount(99));
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(0, pool.removeInodeBlocks(42));
  }

  @Test
  void shouldKeepARemovedBlockReadableWhileItsHandleIsOpen() {
    final MemoryPool pool = poolOfSlots(2);
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, SLOT)))) {
      assertEquals(1, pool.removeInodeBlocks(42));
      assertFalse(pool.hasDirty(42, 0));
      put(pool, 1);
      assertArrayEquals(bytes(1, SLOT), array(handle.data()));
    }
    assertEquals(1, pool.stats().slotsInUse());
  }

  @Test
  void shouldHaveOneBlockWithTheNewBytesAfterAnUpdate() {
    final MemoryPool pool = poolOfSlots(4);
    try (MutableBlockHandle old = pool.insertDirty(42, 0, segment(bytes(1, 4)))) {
      pool.updateDirty(42, 0, segment(bytes(2, 9))).close();
      assertArrayEquals(bytes(1, 4), array(old.data()), "the old handle keeps the old bytes");
    }
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(2, 9), array(handle.data()));
    }
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(9, pool.stats().currentSize());
    assertEquals(1, pool.dirtyBlockCount(42));
  }

  // ---- Modification ----

  @Test
  void shouldChangeTheMiddleOfABlockAndLeaveItsNeighboursAlone() {
    final MemoryPool pool = poolOfSlots(4);
    final byte[] expected = bytes(1, 100);
    pool.insertDirty(42, 0, segment(expected)).close();
    pool.markFlushed(42, 0);
    final int length =
        pool.modifyDirtyInPlace(
            42,
            0,
            (block, before) -> {
              assertEquals(100, before);
              assertEquals(100, block.byteSize());
              block.asSlice(50, 10).fill((byte) 7);
              return before;
            });
    assertEquals(100, length);
    java.util.Arrays.fill(expected, 50, 60, (byte) 7);
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(expected, array(handle.data()));
    }
    assertEquals(1, pool.stats().dirtyBlocks(), "a modified block needs flushing");
  }

  @Test
  void shouldZeroTheGapWhenAWriteBeginsBehindTheEnd() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment((byte) 1, (byte) 2, (byte) 3)).close();
    assertEquals(
        10, pool.modifyDirtyInPlace(42, 0, 7, segment((byte) 7, (byte) 8, (byte) 9), 0, 3));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(new byte[] {1, 2, 3, 0, 0, 0, 0, 7, 8, 9}, array(handle.data()));
    }
    assertEquals(10, pool.stats().currentSize());
  }

  @Test
  void shouldGiveAModifierTheCapacityItAskedForFilledWithZeros() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(3, 8))).close();
    pool.modifyDirtyInPlace(42, 0, (block, length) -> 3);
    assertEquals(3, pool.stats().currentSize());
    final int length =
        pool.modifyDirtyInPlace(
            42,
            0,
            10,
            (block, before) -> {
              assertEquals(3, before);
              assertEquals(10, block.byteSize());
              for (int i = 3; i < 10; i++) {
                assertEquals(0, block.get(ValueLayout.JAVA_BYTE, i));
              }
              return 10;
            });
    assertEquals(10, length);
    assertEquals(10, pool.stats().currentSize());
  }

  @Test
  void shouldMoveABlockThatOutgrowsItsSlotWhileHandlesAreOpen() {
    final MemoryPool pool =
        pool(MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT));
    final byte[] expected = java.util.Arrays.copyOf(bytes(1, 5), 12 * SLOT);
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 5)))) {
      final byte[] tail = bytes(2, SLOT);
      for (int block = 1; block < 12; block++) {
        final int end = pool.modifyDirtyInPlace(42, 0, block * SLOT, segment(tail), 0, SLOT);
        assertEquals((block + 1) * SLOT, end);
        System.arraycopy(tail, 0, expected, block * SLOT, SLOT);
        assertEquals(end, handle.length());
      }
      assertArrayEquals(expected, array(handle.data()));
    }
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(12 * SLOT, pool.stats().currentSize());
    assertEquals(1, pool.stats().slotsInUse(), "the slots that it left are free again");
  }

  @Test
  void shouldModifyWhileTheSameThreadHoldsHandles() {
    final MemoryPool pool = poolOfSlots(1);
    try (MutableBlockHandle one = pool.insertDirty(42, 0, segment(bytes(1, 4)));
        MutableBlockHandle two = pool.getDirty(42, 0)) {
      pool.modifyDirtyInPlace(42, 0, 1, segment((byte) 99), 0, 1);
      assertEquals(99, array(one.data())[1]);
      assertEquals(99, array(two.data())[1]);
    }
  }

  @Test
  void shouldRefuseToModifyABlockThatIsNotThere() {
    final MemoryPool pool = poolOfSlots(1);
    final MemoryPoolException.BlockNotFound thrown =
        assertThrows(
            MemoryPoolException.BlockNotFound.class,
            () -> pool.modifyDirtyInPlace(42, 3, (block, length) -> length));
    assertEquals(BlockKey.ofInode(42, 3), thrown.key());
  }

  @Test
  void shouldKeepLengthAndCountTheBlockAsDirtyWhenAModifierThrows() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.markFlushed(42, 0);
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            pool.modifyDirtyInPlace(
                42,
                0,
                200,
                (block, length) -> {
                  block.set(ValueLayout.JAVA_BYTE, 0, (byte) 77);
                  throw new UnsupportedOperationException("planned");
                }));
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(100, pool.stats().currentSize());
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(100, handle.length());
      assertEquals(77, array(handle.data())[0]);
    }
  }

  @Test
  void shouldRefuseLengthsThatOverflowOrExceedTheBlockSize() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    final MemorySegment one = segment((byte) 1);
    assertThrows(
        IllegalArgumentException.class, () -> pool.modifyDirtyInPlace(42, 0, SLOT, one, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.modifyDirtyInPlace(42, 0, Integer.MAX_VALUE, one, 0, 1));
    assertThrows(
        IllegalArgumentException.class, () -> pool.modifyDirtyInPlace(42, 0, -1, one, 0, 1));
    assertThrows(
        IllegalArgumentException.class, () -> pool.modifyDirtyInPlace(42, 0, 0, one, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> pool.insertDirty(42, 0, segment(new byte[SLOT + 1])));
    assertThrows(
        IllegalArgumentException.class, () -> pool.modifyDirtyInPlace(42, 0, (b, length) -> -1));
    assertEquals(4, pool.stats().currentSize());
  }

  @Test
  void shouldReadLiveBytesLengthAndEmptinessThroughAHandle() {
    final MemoryPool pool = poolOfSlots(4);
    try (MutableBlockHandle handle =
            pool.insertDirty(42, 0, segment((byte) 1, (byte) 2, (byte) 3));
        MutableBlockHandle empty = pool.insertDirty(42, 1, segment())) {
      final int sum =
          handle.withData(block -> {
            int total = 0;
            for (long i = 0; i < block.byteSize(); i++) {
              total += block.get(ValueLayout.JAVA_BYTE, i);
            }
            assertTrue(block.isReadOnly());
            return total;
          });
      assertEquals(6, sum);
      assertEquals(3, handle.length());
      assertFalse(handle.isEmpty());
      assertTrue(empty.isEmpty());
      assertThrows(
          IOException.class,
          () ->
              handle.withData(block -> {
                throw new IOException("planned");
              }));
    }
  }

  @Test
  void shouldKeepTheBytesOfABlockThatIsShrunk() {
    final MemoryPool pool =
        pool(MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT));
    pool.insertDirtyWithCapacity(42, 0, segment(bytes(1, 100)), 16 * SLOT).close();
    final long before = pool.stats().capacityInUse();
    assertEquals(16 * SLOT, before);
    assertTrue(pool.shrinkDirtyBlock(42, 0));
    assertFalse(pool.shrinkDirtyBlock(42, 1));
    assertTrue(pool.stats().capacityInUse() < before);
    assertEquals(1, pool.stats().dirtyBlocks());
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(1, 100), array(handle.data()));
    }
  }

  @Test
  void shouldWriteThroughATokenToWhereTheBlockIsNow() {
    final MemoryPool pool =
        pool(MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT));
    pool.insertDirty(42, 0, segment(bytes(1, 8))).close();
    final long token = pool.pinDirty(42, 0);
    pool.modifyDirtyInPlace(42, 0, 2 * SLOT, segment((byte) 5), 0, 1); // Moves it.
    assertEquals(2 * SLOT + 1, pool.write(token, 0, segment((byte) 6), 0, 1));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(6, array(handle.data())[0]);
      assertEquals(5, array(handle.data())[2 * SLOT]);
    }
    pool.removeInodeBlocks(42);
    assertThrows(
        MemoryPoolException.BlockNotFound.class,
        () -> pool.write(token, 0, segment((byte) 6), 0, 1));
    pool.unpin(token);
    assertEquals(0, pool.pinDirty(42, 0));
    put(pool, 1);
    final long readOnly = pool.pin(1, ~1, 0);
    assertThrows(
        MemoryPoolException.BlockNotMutable.class,
        () -> pool.write(readOnly, 0, segment((byte) 6), 0, 1));
    pool.unpin(readOnly);
  }

  // ---- Content-keyed blocks ----

  @Test
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

  // ---- Limits and eviction ----

  @Test
  void shouldEvictTheCleanBlockAndKeepTheDirtyOne() {
    final MemoryPool pool = poolOfSlots(2);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    put(pool, 1);
    put(pool, 2);
    assertTrue(pool.hasDirty(42, 0));
    assertFalse(has(pool, 1));
    assertTrue(has(pool, 2));
    assertEquals(1, pool.stats().evictions());
  }

  @Test
  void shouldEvictTheOldestOfThreeBlocksForAFourth() {
    final MemoryPool pool = poolOfSlots(3);
    for (int i = 1; i <= 4; i++) {
      put(pool, i);
    }
    assertEquals(3, pool.stats().totalBlocks());
    assertFalse(has(pool, 1));
    assertTrue(has(pool, 2));
  }

  @Test
  void shouldCountAWriteAsAUseOfTheBlock() {
    final MemoryPool pool = poolOfSlots(3);
    for (int inode = 1; inode <= 3; inode++) {
      pool.insertDirty(inode, 0, segment(bytes(inode, SLOT))).close();
      pool.markFlushed(inode, 0);
    }
    pool.modifyDirtyInPlace(1, 0, 0, segment((byte) 1), 0, 1);
    pool.markFlushed(1, 0);
    put(pool, 1);
    assertTrue(pool.hasDirty(1, 0), "the block that was written last");
    assertFalse(pool.hasDirty(2, 0), "the oldest that was not");
  }

  @Test
  void shouldSayHowManyBlocksArePinnedWhenNoneCanGo() {
    final MemoryPool pool = poolOfSlots(2);
    try (BlockHandle one = pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT)));
        BlockHandle two = pool.acquire(content(2), new Blocks.Fixed(bytes(2, SLOT)))) {
      final MemoryPoolException.PoolExhausted thrown =
          assertThrows(
              MemoryPoolException.PoolExhausted.class,
              () -> pool.acquire(content(3), new Blocks.Fixed(bytes(3, SLOT))));
      assertEquals(2, thrown.blocks());
      assertEquals(2, thrown.pinned());
      assertEquals(0, thrown.needingFlush());
      assertArrayEquals(bytes(1, SLOT), array(one.data()));
      assertArrayEquals(bytes(2, SLOT), array(two.data()));
      assertTrue(pool.stats().waits() > 0);
    }
    put(pool, 3);
  }

  @Test
  void shouldEvictAWrittenBlockOnlyAfterItWasFlushed() {
    final MemoryPool pool = poolOfSlots(1);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    final MemoryPoolException.PoolExhausted thrown =
        assertThrows(
            MemoryPoolException.PoolExhausted.class,
            () -> pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT))));
    assertEquals(1, thrown.needingFlush());
    assertEquals(0, thrown.pinned());
    assertTrue(pool.markFlushed(42, 0));
    put(pool, 1);
    assertFalse(pool.hasDirty(42, 0));
  }

  @Test
  void shouldKeepTheOldBlockWhenThereIsNoRoomForItsReplacement() {
    final MemoryPool pool = poolOfSlots(1);
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.insertDirty(42, 0, segment(bytes(2, SLOT))));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(1, SLOT), array(handle.data()));
    }
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldKeepABlockAsItWasWhenThereIsNoRoomForItToGrow() {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(4 * SLOT)
                .blockSize(4 * SLOT)
                .roomWait(Duration.ofMillis(20)));
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> pool.modifyDirtyInPlace(42, 0, 3 * SLOT, segment((byte) 1), 0, 1));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(bytes(1, 100), array(handle.data()));
    }
    assertEquals(100, pool.stats().currentSize());
  }

  @Test
  void shouldWaitForRoomUntilAPinIsDropped() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ofSeconds(30)));
    final BlockHandle pinned = pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT)));
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      final Future<?> waiting = executor.submit(() -> put(pool, 2));
      awaitWaits(pool, 1);
      pinned.close();
      waiting.get(20, TimeUnit.SECONDS);
    }
    assertTrue(has(pool, 2));
  }

  @Test
  void shouldWaitForRoomUntilABlockIsFlushed() throws Exception {
    final MemoryPool pool =
        pool(
            MemoryPoolConfig.builder()
                .maxSize(SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ofSeconds(30)));
    pool.insertDirty(42, 0, segment(bytes(1, SLOT))).close();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      final Future<?> waiting = executor.submit(() -> put(pool, 2));
      awaitWaits(pool, 1);
      pool.markFlushed(42, 0);
      waiting.get(20, TimeUnit.SECONDS);
    }
    assertTrue(has(pool, 2));
  }

  private static void awaitWaits(final MemoryPool pool, final long waits) {
    while (pool.stats().waits() < waits) {
      Thread.onSpinWait();
    }
  }

  @Test
  void shouldCountSizesBlocksAndPinsInItsStats() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(1, 0, segment(new byte[SLOT])).close();
    pool.acquire(content(1), new Blocks.Fixed(new byte[SLOT / 2])).close();
    pool.acquire(content(2), new Blocks.Fixed(new byte[SLOT / 4])).close();
    try (BlockHandle one = pool.acquire(content(3), new Blocks.Fixed(new byte[SLOT / 4]));
        BlockHandle two = pool.tryGet(content(1))) {
      final MemoryPoolStats stats = pool.stats();
      assertEquals(4, stats.totalBlocks());
      assertEquals(2, stats.inUseBlocks());
      assertEquals(2, stats.pins());
      assertEquals(1, stats.dirtyBlocks());
      assertEquals(2 * SLOT, stats.currentSize());
      assertEquals(4 * SLOT, stats.maxSize());
      assertEquals(50.0, stats.utilization());
      assertEquals(2, stats.freeBlocks());
      assertEquals(3, stats.cleanBlocks());
      assertEquals(4, stats.slotsInUse());
      assertEquals(4 * SLOT, stats.capacityInUse());
      assertEquals(4, stats.allocations());
      assertEquals(1, stats.hits());
      assertEquals(20.0, stats.hitRate());
      assertNotNull(one);
      assertNotNull(two);
    }
  }

  @Test
  void shouldClearOnlyWhenNothingIsPinnedOrUnflushed() {
    final MemoryPool pool = poolOfSlots(4);
    put(pool, 1);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    assertThrows(MemoryPoolException.PoolExhausted.class, pool::clear);
    assertEquals(2, pool.stats().totalBlocks());
    try (BlockHandle handle = pool.tryGet(content(1))) {
      assertNotNull(handle);
      assertThrows(MemoryPoolException.PoolExhausted.class, pool::clearDiscardingDirty);
      assertEquals(2, pool.stats().totalBlocks());
    }
    pool.markFlushed(42, 0);
    pool.clear();
    assertEquals(0, pool.stats().totalBlocks());
    assertEquals(0, pool.stats().slotsInUse());
    assertEquals(2, pool.allocationCount());
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().totalBlocks());
  }

  // ---- Loads ----

  @Test
  void shouldLoadOnceForFiveCallersAtTheSameTime() throws Exception {
    final MemoryPool pool = poolOfSlots(4);
    final AtomicInteger loads = new AtomicInteger();
    final CountDownLatch release = new CountDownLatch(1);
    final BlockContentProvider slow =
        (key, slot) -> {
          loads.incrementAndGet();
          awaitQuietly(release);
          slot.fill((byte) 5);
          return 100;
        };
    final CountDownLatch started = new CountDownLatch(5);
    final List<byte[]> results =
        inParallel(
            5,
            () -> {
              started.countDown();
              try (BlockHandle handle = pool.acquire(content(1), slow)) {
                return array(handle.data());
              }
            },
            () -> {
              awaitQuietly(started);
              release.countDown();
            });
    final byte[] expected = new byte[100];
    java.util.Arrays.fill(expected, (byte) 5);
    for (final byte[] result : results) {
      assertArrayEquals(expected, result);
    }
    assertEquals(1, loads.get());
    assertEquals(1, pool.allocationCount());
    assertEquals(4, pool.hitCount());
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

  @Test
  void shouldLoadAnInodesBlockWithoutNeedForFlushing() {
    final MemoryPool pool = poolOfSlots(4);
    try (MutableBlockHandle handle = pool.acquireDirty(42, 0, new Blocks.Fixed(bytes(1, 100)))) {
      assertArrayEquals(bytes(1, 100), array(handle.data()));
    }
    assertEquals(0, pool.stats().dirtyBlocks());
    pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 1), 0, 1);
    assertEquals(1, pool.stats().dirtyBlocks());
    final Blocks.Fixed second = new Blocks.Fixed();
    pool.acquireDirty(42, 0, second).close();
    assertEquals(0, second.loads());
  }

  // ---- Threads ----

  @Test
  void shouldShowStableBytesToTenReadersThatHoldHandles() throws Exception {
    final MemoryPool pool = poolOfSlots(4);
    put(pool, 1);
    inParallel(
        10,
        () -> {
          for (int i = 0; i < 200; i++) {
            try (BlockHandle handle = pool.acquire(content(1), new Blocks.Fixed(bytes(1, SLOT)))) {
              assertArrayEquals(bytes(1, SLOT), array(handle.data()));
              put(pool, 2 + i % 6);
              assertArrayEquals(bytes(1, SLOT), array(handle.data()));
            } catch (final MemoryPoolException.PoolExhausted e) {
              assertTrue(e.pinned() > 0); // Ten readers and four slots: that may happen.
            }
          }
          return null;
        },
        () -> {});
  }

  @Test
  void shouldHaveOneBlockWhenManyInsertUnderOneKey() throws Exception {
    final MemoryPool pool = poolOfSlots(16);
    inParallel(
        4,
        () -> {
          for (int i = 0; i < 2_000; i++) {
            pool.insertDirty(42, 0, segment(bytes(i, 16))).close();
          }
          return null;
        },
        () -> {});
    assertEquals(1, pool.stats().totalBlocks());
    assertEquals(1, pool.stats().slotsInUse());
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(16, pool.stats().currentSize());
    assertEquals(1, pool.removeInodeBlocks(42));
  }

  @Test
  void shouldLoseNoneOfManyThreadsWritesToOneBlock() throws Exception {
    final MemoryPool pool = poolOfSlots(2);
    pool.insertDirty(42, 0, segment(new byte[8])).close();
    inParallel(
        4,
        () -> {
          for (int i = 0; i < 2_000; i++) {
            pool.modifyDirtyInPlace(
                42,
                0,
                (block, length) -> {
                  block.set(
                      ValueLayout.JAVA_LONG_UNALIGNED,
                      0,
                      block.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) + 1);
                  return length;
                });
          }
          return null;
        },
        () -> {});
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(8_000L, handle.data().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    }
  }

  @Test
  void shouldAlwaysSeeDirtyBlocksThatAreNeverRemoved() throws Exception {
    final MemoryPool pool = poolOfSlots(16);
    for (int inode = 0; inode < 10; inode++) {
      pool.insertDirty(inode, 0, segment((byte) 1)).close();
    }
    inParallel(
        4,
        () -> {
          for (int i = 0; i < 1000; i++) {
            assertTrue(pool.hasDirty(i % 10, 0));
          }
          return null;
        },
        () -> {});
  }

  // ---- The end ----

  @Test
  void shouldRefuseEverythingOnceClosed() {
    final MemoryPool pool =
        create(MemoryPoolConfig.builder().maxSize(4 * SLOT).blockSize(SLOT).build());
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

  // ---- Help ----

  /** Runs a task on several threads and another beside them; fails with the first failure. */
  protected static <T> List<T> inParallel(
      final int threads, final Callable<T> task, final Runnable beside) throws Exception {
    final List<T> results = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      final List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        futures.add(executor.submit(task));
      }
      beside.run();
      for (final Future<T> future : futures) {
        results.add(future.get(30, TimeUnit.SECONDS));
      }
    }
    return results;
  }

  /** Waits for a latch for at most 30 seconds. */
  protected static void awaitQuietly(final CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS), "the latch did not open in time");
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
