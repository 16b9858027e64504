package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.InterceptedWords;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A write that comes between the steps of marking a block flushed is never forgotten. Edge E5. */
@Timeout(60)
class DirtyVersionTest {
  private final AtomicInteger interceptions = new AtomicInteger();
  private InterceptedWords words;
  private final ShardedMemoryPool pool =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder().maxSize(4 * SLOT).blockSize(SLOT).build(),
          inner -> words = new InterceptedWords(inner));

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.close();
  }

  private long insertAndReadVersion() {
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 8)))) {
      return handle.withData(block -> handle.version());
    }
  }

  private void write() {
    interceptions.incrementAndGet();
    pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 9), 0, 1);
  }

  private static boolean takesFlagDown(final long next) {
    return BlockWord.isLive(next) && !BlockWord.has(next, BlockWord.NEEDS_FLUSH);
  }

  @Test
  void shouldKeepTheFlagWhenAWriteEndsBeforeItIsTakenDown() {
    final long version = insertAndReadVersion();
    words.before(DirtyVersionTest::takesFlagDown, this::write);
    assertFalse(pool.markFlushed(42, 0, version));
    assertEquals(1, interceptions.get());
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(0, pool.stats().bytesWrittenBack());
  }

  @Test
  void shouldKeepTheFlagWhenAWriteBeginsBeforeItIsTakenDownAndEndsAfterwards() throws Exception {
    final long version = insertAndReadVersion();
    final MutableBlockHandle handle = pool.getDirty(42, 0);
    assertFalse(
        pool.modifyDirtyInPlace(
                42,
                0,
                (block, length) -> {
                  // Inside the write: the version has moved on, the flag is not up for it yet.
                  interceptions.addAndGet(pool.markFlushed(42, 0, version) ? 1 : 0);
                  return length;
                })
            == 0);
    assertEquals(0, interceptions.get(), "the version being written is not the one flushed");
    assertEquals(1, pool.stats().dirtyBlocks());
    assertTrue(pool.markFlushed(42, 0, handle.version()));
    handle.close();
    assertEquals(0, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldHaveTheFlagUpAfterAWriteThatRacesWithUnconditionalMarking() {
    insertAndReadVersion();
    pool.modifyDirtyInPlace(
        42,
        0,
        (block, length) -> {
          assertTrue(pool.markFlushed(42, 0)); // Clears the flag in the middle of the write.
          return length;
        });
    assertEquals(1, pool.stats().dirtyBlocks(), "the write puts it up when it is done");
  }
}
