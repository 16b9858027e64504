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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Changing inode-keyed blocks: in place, by growing, through handles and tokens. */
public abstract class ModificationContract extends PoolFixture {
  /** For pools of this kind. */
  protected ModificationContract(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("P10: a change in the middle leaves its neighbours alone")
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
  @DisplayName("P11: a write behind the end leaves zeros in the gap")
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
  @DisplayName("P12: a handle shows live bytes, length and emptiness")
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
  @DisplayName("P13: shrinking keeps the bytes")
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
  void shouldKeepFewSlotsForAHolderWhileABlockGrowsAndShrinks() {
    final MemoryPool pool =
        pool(MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT));
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final long held = pool.pinDirty(42, 0);
    for (int i = 0; i < 50; i++) {
      final long token = pool.pinDirty(42, 0);
      pool.resize(token, 3 * SLOT);
      pool.resize(token, 100);
      pool.unpin(token);
      assertTrue(pool.shrinkDirtyBlock(42, 0));
    }
    assertTrue(pool.stats().capacityInUse() <= 8 * SLOT, () -> pool.stats().toString());
    pool.unpin(held);
    assertTrue(pool.shrinkDirtyBlock(42, 0));
    assertEquals(SLOT, pool.stats().capacityInUse());
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
}
