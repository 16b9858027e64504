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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Partly valid blocks, one step after the other, and flushes with something in between. */
@Timeout(60)
class PagesTest {
  private static final long INO = 7;
  private static final int BLOCK = 16 * SLOT;

  private final MemoryPool pool =
      MemoryPool.create(MemoryPoolConfig.builder().maxSize(64L * SLOT).blockSize(BLOCK).build());
  private final List<String> flushed = new ArrayList<>();

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  private void write(final long token, final int page, final int count, final int seed) {
    pool.write(token, page * SLOT, segment(bytes(seed, count * SLOT)), 0, count * SLOT);
  }

  private byte[] read(final long token, final int page) {
    assertTrue(pool.pagesValid(token, page * SLOT, 1), "page " + page);
    return array(pool.view(token).asSlice((long) page * SLOT, SLOT));
  }

  private void record(final DirtyRuns runs) {
    for (int run = 0; run < runs.count(); run++) {
      assertEquals(runs.length(run), runs.bytes(run).byteSize());
      flushed.add(runs.offset(run) / SLOT + "+" + runs.length(run));
    }
  }

  private List<String> flush() {
    flushed.clear();
    assertTrue(pool.flush(INO, 0, (inode, block, runs) -> record(runs)));
    return flushed;
  }

  @Test
  void shouldTakeWholePagesWithoutALoadAndRefuseParts() {
    final long token = pool.claimDirty(INO, 0, 4 * SLOT, BLOCK);
    assertEquals(0, pool.stats().dirtyBlocks(), "nothing to flush yet");
    write(token, 1, 2, 1);
    assertFalse(pool.pagesValid(token, 0, 1));
    assertTrue(pool.pagesValid(token, SLOT, 2 * SLOT));
    assertFalse(pool.pagesValid(token, SLOT, 2 * SLOT + 1));
    final MemoryPoolException.PagesMissing thrown =
        assertThrows(
            MemoryPoolException.PagesMissing.class,
            () -> pool.write(token, 2 * SLOT + 5, segment(bytes(9, SLOT)), 0, SLOT));
    assertEquals(3 * SLOT, thrown.offset());
    assertArrayEquals(Arrays.copyOfRange(bytes(1, 2 * SLOT), SLOT, 2 * SLOT), read(token, 2));
    assertThrows(
        MemoryPoolException.PagesMissing.class,
        () -> pool.modifyDirtyInPlace(INO, 0, (block, length) -> length));
    assertEquals(List.of("1+" + 2 * SLOT), flush());
    assertEquals(0, pool.stats().dirtyBlocks());
    pool.unpin(token);
  }

  @Test
  void shouldZeroAGapAndCountItAsWrittenAndTakeTheLastPageWholeUpToTheEnd() {
    final long token = pool.claimDirty(INO, 0, 0, 0);
    pool.write(token, 0, segment(bytes(1, 100)), 0, 100);
    assertEquals(3 * SLOT + 10, pool.write(token, 3 * SLOT, segment(bytes(2, 10)), 0, 10));
    assertEquals(List.of("0+" + (3 * SLOT + 10)), flush());
    final byte[] expected = Arrays.copyOf(bytes(1, 100), 3 * SLOT + 10);
    System.arraycopy(bytes(2, 10), 0, expected, 3 * SLOT, 10);
    try (MutableBlockHandle handle = pool.getDirty(INO, 0)) {
      assertArrayEquals(expected, array(handle.data()), "moved, with its pages");
    }
    assertThrows(
        MemoryPoolException.PagesMissing.class,
        () -> {
          pool.resize(token, 5 * SLOT + 10);
          pool.write(token, 7 * SLOT, segment((byte) 1), 0, 1); // The gap is a part of page 5.
        });
    pool.unpin(token);
  }

  @Test
  void shouldCutOffAndGrowByPages() {
    final long token = pool.claimDirty(INO, 0, 4 * SLOT, BLOCK);
    write(token, 0, 4, 1);
    flush();
    assertEquals(4 * SLOT, pool.resize(token, SLOT + 10));
    assertEquals(List.of("1+10"), flush(), "the page of the new end, up to that");
    assertEquals(SLOT + 10, pool.resize(token, 3 * SLOT));
    assertEquals(List.of("1+" + SLOT), flush(), "its rest has become zeros");
    final byte[] page =
        Arrays.copyOf(Arrays.copyOfRange(bytes(1, 2 * SLOT), SLOT, SLOT + 10), SLOT);
    assertArrayEquals(page, read(token, 1));
    assertFalse(pool.pagesValid(token, 2 * SLOT, 1), "what comes back is missing");
    write(token, 2, 1, 3);
    pool.resize(token, 0);
    assertEquals(0, pool.stats().dirtyBlocks(), "nothing is left to flush");
    pool.unpin(token);
  }

  @Test
  void shouldForgetWholePagesAndZeroPartsWhenDiscarding() {
    final long token = pool.claimDirty(INO, 0, 5 * SLOT + 50, BLOCK);
    pool.write(token, 0, segment(bytes(1, 5 * SLOT + 50)), 0, 5 * SLOT + 50);
    flush();
    pool.discardPages(token, SLOT - 10, 2 * SLOT + 20);
    assertFalse(pool.pagesValid(token, SLOT, 1));
    assertFalse(pool.pagesValid(token, 2 * SLOT, 1));
    final byte[] first = Arrays.copyOf(bytes(1, SLOT - 10), SLOT);
    assertArrayEquals(first, read(token, 0));
    assertEquals(0, read(token, 3)[9]);
    assertEquals(bytes(1, 5 * SLOT)[3 * SLOT + 10], read(token, 3)[10]);
    assertEquals(List.of("0+" + SLOT, "3+" + SLOT), flush());
    assertThrows(
        MemoryPoolException.PagesMissing.class, () -> pool.discardPages(token, SLOT, SLOT + 1));
    pool.discardPages(token, 5 * SLOT, SLOT);
    assertFalse(pool.pagesValid(token, 5 * SLOT, 1), "up to the end is whole");
    pool.discardPages(token, 4 * SLOT + 1, 7);
    assertEquals(List.of("4+" + SLOT), flush());
    pool.unpin(token);
  }

  @Test
  void shouldLeaveWhatIsWrittenDuringAFlushToBeFlushed() {
    final long token = pool.claimDirty(INO, 0, 4 * SLOT, BLOCK);
    write(token, 0, 3, 1);
    pool.flush(
        INO,
        0,
        (inode, block, runs) -> {
          record(runs);
          assertEquals(1, pool.stats().dirtyBlocks());
          assertEquals(1, pool.blocksNeedingFlush(INO).length);
          write(token, 1, 1, 2);
          write(token, 3, 1, 2);
        });
    assertEquals(List.of("0+" + 3 * SLOT), flushed);
    assertEquals(1, pool.stats().dirtyBlocks());
    assertEquals(List.of("1+" + SLOT, "3+" + SLOT), flush());
    assertEquals(0, pool.blocksNeedingFlush(INO).length);
    assertEquals(5L * SLOT, pool.stats().bytesWrittenBack());
    pool.unpin(token);
  }

  @Test
  void shouldPutBackWhatAFailedFlushDidNotSaveButNotWhatWasDiscarded() {
    final long token = pool.claimDirty(INO, 0, 4 * SLOT, 4 * SLOT);
    write(token, 0, 4, 1);
    final MemoryPoolException.FlushFailed thrown =
        assertThrows(
            MemoryPoolException.FlushFailed.class,
            () ->
                pool.flush(
                    INO,
                    0,
                    (inode, block, runs) -> {
                      pool.discardPages(token, SLOT, SLOT);
                      pool.resize(token, 2 * SLOT + 1);
                      assertEquals(2 * SLOT + 1, pool.resize(token, 9 * SLOT)); // Moves it.
                      throw new IOException("planned");
                    }));
    assertEquals("planned", thrown.getCause().getMessage());
    assertEquals(1, pool.stats().writeBackFailures());
    assertEquals(List.of("0+" + SLOT, "2+" + SLOT), flush());
    pool.unpin(token);
  }

  @Test
  void shouldFlushWhatWasThereWhenTheBlockIsRemovedOrReplacedMeanwhile() {
    pool.insertDirty(INO, 0, segment(bytes(1, SLOT))).close();
    pool.flush(
        INO,
        0,
        (inode, block, runs) -> {
          pool.removeInodeBlocks(INO);
          pool.insertDirty(INO, 0, segment(bytes(2, 2 * SLOT))).close();
          assertArrayEquals(bytes(1, SLOT), array(runs.bytes(0)));
        });
    assertEquals(1, pool.stats().dirtyBlocks(), "the one that took its place");
    pool.flush(
        INO,
        0,
        (inode, block, runs) -> {
          pool.updateDirty(INO, 0, segment(bytes(3, SLOT))).close();
          try (MutableBlockHandle handle = pool.getDirty(INO, 0)) {
            pool.markFlushed(INO, 0, handle.version());
          }
        });
    assertEquals(0, pool.stats().dirtyBlocks());
    assertFalse(pool.flush(INO, 1, (inode, block, runs) -> record(runs)));
  }

  @Test
  void shouldFlushOneKeyAtATimeAlsoIfItsBlockWasReplaced() throws Exception {
    pool.insertDirty(INO, 0, segment(bytes(1, SLOT))).close();
    final CountDownLatch inside = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Void> first =
        CompletableFuture.runAsync(() ->
            pool.flush(
                INO,
                0,
                (inode, block, runs) -> {
                  inside.countDown();
                  goOn.await();
                  flushed.add("old");
                }));
    assertTrue(inside.await(20, TimeUnit.SECONDS));
    pool.updateDirty(INO, 0, segment(bytes(2, SLOT))).close();
    final Thread second =
        new Thread(() -> pool.flush(INO, 0, (inode, block, runs) -> flushed.add("new")));
    second.start();
    while (second.getState() != Thread.State.TIMED_WAITING && second.isAlive()) {
      Thread.onSpinWait(); // For its turn.
    }
    goOn.countDown();
    first.get(20, TimeUnit.SECONDS);
    second.join();
    assertEquals(List.of("old", "new"), flushed);
    assertThrows(
        IllegalStateException.class,
        () -> {
          pool.markNeedsFlush(INO, 0);
          try {
            pool.flush(INO, 0, (inode, block, runs) -> pool.flush(inode, block, nothing()));
          } catch (final MemoryPoolException.FlushFailed e) {
            throw e.getCause();
          }
        });
    pool.removeInodeBlocks(INO);
  }

  private static BlockWriteBack nothing() {
    return (inode, block, runs) -> {};
  }

  @Test
  void shouldTrustNoPageOfASlotsFormerBlock() {
    for (int i = 0; i < 8; i++) {
      pool.insertDirty(i, 0, segment(bytes(i, 4 * SLOT))).close();
      pool.removeInodeBlocks(i);
      final long token = pool.claimDirty(100 + i, 0, 4 * SLOT, 4 * SLOT);
      assertFalse(pool.pagesValid(token, 0, 1));
      assertEquals(0, pool.blocksNeedingFlush(100 + i).length);
      pool.unpin(token);
      pool.removeInodeBlocks(100 + i);
    }
  }

  @Test
  void shouldPinWhatIsThereWhenClaimingAndWriteThroughItsHandle() {
    try (MutableBlockHandle handle = pool.acquireDirty(INO, 0, new Blocks.Fixed(bytes(1, SLOT)))) {
      final long token = pool.claimDirty(INO, 0, 3, 3);
      assertEquals(SLOT, pool.length(token), "the block that is there");
      pool.unpin(token);
      assertEquals(2 * SLOT, handle.write(SLOT, segment(bytes(2, SLOT)), 0, SLOT));
      assertEquals(2 * SLOT, handle.modify(0, (block, length) -> length));
      pool.removeInodeBlocks(INO);
      assertThrows(
          MemoryPoolException.BlockNotFound.class, () -> handle.write(0, segment((byte) 1), 0, 1));
    }
  }
}
