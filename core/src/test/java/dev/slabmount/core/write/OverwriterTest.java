package dev.slabmount.core.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.PoolAudit;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.state.PoolLife;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OverwriterTest {
  private static final int PAGE = 4096;
  private static final int LENGTH = 3 * PAGE - 100;
  private static final long INODE = 5;

  private final ShardedMemoryPool pool =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder().maxSize(64 * PAGE).blockSize(16 * PAGE).build());
  private final SlotTable table = pool.table();
  private final Overwriter overwriter = new Overwriter(table, pool.index(), new PoolLife());

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.clearDiscardingDirty();
    pool.close();
  }

  /** A block that was written to before; returns its slot. */
  private int writtenBlock() {
    pool.insertDirty(INODE, 0, MemorySegment.ofArray(new byte[LENGTH])).close();
    pool.modifyDirtyInPlace(INODE, 0, 0, MemorySegment.ofArray(new byte[1]), 0, 1);
    final long token = pool.pinDirty(INODE, 0);
    pool.unpin(token);
    return Tokens.slot(token);
  }

  private int write(final int block, final int offset, final int length) {
    final MemorySegment source = MemorySegment.ofArray(new byte[2 * PAGE]).fill((byte) 7);
    return overwriter.write(INODE, block, offset, source, 0, length);
  }

  private byte read(final int offset) {
    final long token = pool.pinDirty(INODE, 0);
    try {
      return pool.view(token).get(ValueLayout.JAVA_BYTE, offset);
    } finally {
      pool.unpin(token);
    }
  }

  @Test
  void shouldWriteOverPagesThatNeedFlushing() {
    final int slot = writtenBlock();
    final long version = table.headers.versionAcquire(slot);
    assertEquals(LENGTH, write(0, PAGE - 1, PAGE + 2));
    assertEquals(0, read(PAGE - 2));
    assertEquals(7, read(PAGE - 1));
    assertEquals(7, read(2 * PAGE));
    assertEquals(0, read(2 * PAGE + 1));
    assertTrue(table.headers.versionAcquire(slot) > version);
    assertEquals(LENGTH, write(0, LENGTH - 1, 1), "the last byte");
  }

  @Test
  void shouldLeaveWritesThatChangeMoreThanBytesToOthers() {
    assertEquals(Overwriter.REFUSED, write(0, 0, 1), "there is no such block");
    writtenBlock();
    assertEquals(Overwriter.REFUSED, write(1, 0, 1), "nor this one");
    assertEquals(Overwriter.REFUSED, write(0, LENGTH, 1), "the block grows");
    assertEquals(Overwriter.REFUSED, write(0, 0, 0), "not a byte");
    final long token = pool.pinDirty(INODE, 0);
    pool.discardPages(token, PAGE, PAGE);
    pool.unpin(token);
    assertEquals(Overwriter.REFUSED, write(0, PAGE + 1, 1), "the page is missing");
    assertEquals(LENGTH, write(0, 0, 1));
    assertTrue(pool.markFlushed(INODE, 0));
    assertEquals(Overwriter.REFUSED, write(0, 0, 1), "the flag has to go up");
    assertEquals(7, read(0), "what was written before");
    assertEquals(0, read(1));
  }

  @Test
  void shouldSayThatOthersAreInTheLatch() {
    final int slot = writtenBlock();
    table.latch.lockExclusive(slot);
    assertEquals(Overwriter.CROWDED, write(0, 0, 1));
    table.latch.unlockExclusive(slot);
    assertEquals(LENGTH, write(0, 0, 1));
    assertTrue(table.latch.isIdle(slot));
  }

  @Test
  void shouldLetGoOfTheLatchWhenTheSourceIsGone() {
    final int slot = writtenBlock();
    final MemorySegment source;
    try (Arena arena = Arena.ofConfined()) {
      source = arena.allocate(PAGE);
    }
    assertThrows(IllegalStateException.class, () -> overwriter.write(INODE, 0, 0, source, 0, PAGE));
    assertTrue(table.latch.isIdle(slot));
    assertEquals(1, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldHaveTheWriterFreeTheSlotOfABlockThatWasRemovedMeanwhile() {
    final int slot = writtenBlock();
    assertTrue(table.latch.tryLockExclusive(slot));
    assertEquals(1, pool.removeInodeBlocks(INODE));
    assertEquals(1, table.allocator.usage().slots(), "somebody writes there");
    assertFalse(table.latch.tryLockExclusive(slot));
    assertTrue(table.latch.unlockUnpinned(slot), "it was left to the writer");
    table.free(slot);
    assertEquals(0, table.allocator.usage().slots());
    assertTrue(table.latch.isIdle(slot));
  }
}
