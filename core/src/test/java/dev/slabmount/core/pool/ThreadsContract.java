package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.array;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many threads on one pool. */
public abstract class ThreadsContract extends PoolFixture {
  /** For pools of this kind. */
  protected ThreadsContract(final PoolKind kind) {
    super(kind);
  }

  @Test
  @DisplayName("P18: five callers at once, one load")
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
  @DisplayName("P19: ten readers that hold handles see stable bytes")
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
  @DisplayName("P22: four threads always see blocks that nobody removes")
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

  @Test
  void shouldListABlockAllTheTimeWhileItMoves() throws Exception {
    final MemoryPool pool = pool(MemoryPoolConfig.builder().maxSize(32 * SLOT).blockSize(8 * SLOT));
    pool.insertDirty(42, 0, segment((byte) 1)).close();
    final AtomicBoolean over = new AtomicBoolean();
    inParallel(
        1,
        () -> {
          while (!over.get()) {
            assertEquals(1, pool.dirtyBlockCount(42));
            assertArrayEquals(new int[] {0}, pool.blocksNeedingFlush(42));
          }
          return null;
        },
        () -> {
          for (int i = 0; i < 20_000; i++) {
            final long token = pool.pinDirty(42, 0);
            pool.resize(token, 2 * SLOT);
            pool.resize(token, 1);
            pool.unpin(token);
            pool.shrinkDirtyBlock(42, 0);
            if (i % 16 == 0) {
              pool.insertDirty(42, 0, segment((byte) 2)).close();
            }
          }
          over.set(true);
        });
  }
}
