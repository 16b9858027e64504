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
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Inode-keyed blocks: insertion, lookup, flags, removal. */
public abstract class DirtyBlocksContract extends PoolFixture {
  /** For pools of this kind. */
  protected DirtyBlocksContract(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("P2: an inserted block counts as dirty, and as in use while its handle is open")
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
  @DisplayName("P3: a dirty block is found under its own inode and index only")
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
  @DisplayName("P4: the pool knows which dirty blocks it has")
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
  @DisplayName("P5: marking flushed takes the flag down, and says whether the block is there")
  void shouldTakeTheFlagDownWhenFlushed() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    assertTrue(pool.markFlushed(42, 0));
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(4, pool.stats().bytesWrittenBack());
    assertTrue(pool.hasDirty(42, 0));
    assertFalse(pool.markFlushed(42, 1));
  }

  @Test
  @DisplayName("P6: marking puts the flag up again")
  void shouldPutTheFlagUpAgain() {
    final MemoryPool pool = poolOfSlots(4);
    pool.insertDirty(42, 0, segment(bytes(1, 4))).close();
    pool.markFlushed(42, 0);
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
  @DisplayName("P7: removing an inode removes its blocks and no others")
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
  @DisplayName("P9: an update leaves one block, with the new bytes")
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
}
