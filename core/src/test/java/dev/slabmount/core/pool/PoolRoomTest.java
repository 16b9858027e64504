package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Room: slabs that change class, what cannot go, and waiting. */
@Timeout(60)
class PoolRoomTest {
  private static final int BLOCK = 64 * SLOT;
  private static final int LARGE_BLOCKS = 16;

  private MemoryPool pool = create(EvictionAlgorithm.ADAPTIVE_FIFO);

  private static MemoryPool create(final EvictionAlgorithm eviction) {
    return MemoryPool.create(
        MemoryPoolConfig.builder()
            .maxSize((long) LARGE_BLOCKS * BLOCK)
            .blockSize(BLOCK)
            .eviction(eviction)
            .roomWait(Duration.ofMillis(50))
            .build());
  }

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.close();
  }

  private void load(final int number, final int length) {
    pool.acquire(BlockKey.ofContent(number, length, 0), new Blocks.Fixed(bytes(number, length)))
        .close();
  }

  private boolean has(final int number, final int length) {
    final long token = pool.pin(number, length, 0);
    if (token != MemoryPool.NO_BLOCK) {
      pool.unpin(token);
    }
    return token != MemoryPool.NO_BLOCK;
  }

  @Test
  void shouldTurnAPoolFullOfSmallBlocksIntoOneOfLargeBlocksAndBack() {
    pool.close();
    pool = create(EvictionAlgorithm.CLOCK); // The oldest go first, whatever is new.
    for (int round = 0; round < 3; round++) {
      final int first = round * 10_000; // No block is known from an earlier round.
      for (int i = 0; i < LARGE_BLOCKS * 64; i++) {
        load(first + i, SLOT);
      }
      assertEquals(LARGE_BLOCKS * 64, pool.stats().totalBlocks(), "all are small, round " + round);
      for (int i = 0; i < LARGE_BLOCKS; i++) {
        load(first + i, BLOCK);
        assertTrue(pool.stats().capacityInUse() <= pool.config().maxSize());
      }
      assertEquals(LARGE_BLOCKS, pool.stats().totalBlocks(), "all are large, round " + round);
    }
    assertEquals(0, pool.stats().waits(), "nobody had to wait: everything could go");
  }

  @Test
  void shouldLetLargeBlocksThatAreReadAgainTakeThePlaceOfSmallOnesThatAreNot() {
    for (int i = 0; i < LARGE_BLOCKS * 64; i++) {
      load(i, SLOT);
    }
    final int wanted = LARGE_BLOCKS * 3 / 4;
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < wanted; i++) {
        load(20_000 + i, BLOCK);
        assertTrue(pool.stats().capacityInUse() <= pool.config().maxSize());
      }
    }
    for (int i = 0; i < wanted; i++) {
      assertTrue(has(20_000 + i, BLOCK), "large block " + i);
    }
    assertEquals(0, pool.stats().waits(), "nobody had to wait: everything could go");
  }

  @Test
  void shouldServeALargeBlockWhileOneSlabHasNoBlockThatMustStay() {
    final List<BlockHandle> pins = new ArrayList<>();
    for (int i = 0; i < LARGE_BLOCKS * 64; i++) {
      final BlockHandle handle =
          pool.acquire(BlockKey.ofContent(i, SLOT, 0), new Blocks.Fixed(bytes(i, SLOT)));
      if (i % 64 == 7 && i / 64 != 11) { // One pinned block in every slab but one.
        pins.add(handle);
      } else {
        handle.close();
      }
    }
    load(0, BLOCK);
    assertTrue(has(0, BLOCK));
    try (BlockHandle large = pool.tryGet(BlockKey.ofContent(0, BLOCK, 0))) {
      assertEquals(BLOCK, large.length());
      final MemoryPoolException.PoolExhausted thrown =
          assertThrows(MemoryPoolException.PoolExhausted.class, () -> load(1, BLOCK));
      assertEquals(pins.size() + 1, thrown.pinned());
    }
    load(5_000, SLOT); // A small one still finds its place.
    pins.forEach(BlockHandle::close);
    load(1, BLOCK);
  }

  @Test
  void shouldFindTheOneCleanBlockAmongDirtyOnesOfAnotherClass() {
    for (int i = 0; i < LARGE_BLOCKS - 1; i++) {
      pool.insertDirty(i, 0, segment(bytes(i, BLOCK))).close();
    }
    for (int i = 0; i < 64; i++) {
      load(i, SLOT);
    }
    for (int i = 0; i < 64; i++) {
      load(100 + i, SLOT); // Goes round in the one slab that is left.
    }
    assertEquals(0, pool.stats().waits());
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> {
          load(1, BLOCK);
          pool.insertDirty(99, 0, segment(bytes(1, BLOCK))).close();
          load(2, BLOCK);
        });
    for (int i = 0; i < LARGE_BLOCKS - 1; i++) {
      assertTrue(pool.hasDirty(i, 0), "a block that needs flushing was dropped");
    }
  }

  @Test
  void shouldOfferBlocksForEvictionAgainOnceTheyAreFlushed() {
    final ShardedMemoryPool small =
        new ShardedMemoryPool(
            MemoryPoolConfig.builder()
                .maxSize(2 * SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ZERO)
                .build());
    small.insertDirty(1, 0, segment(bytes(1, SLOT))).close();
    small.insertDirty(2, 0, segment(bytes(1, SLOT))).close();
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> small.insertDirty(3, 0, segment((byte) 1))); // The policy sets both aside.
    final Victims victims = small.table().victims;
    final Victims.Victim victim = new Victims.Victim();
    assertFalse(victims.propose(victim));
    small.markFlushed(2, 0);
    assertTrue(victims.propose(victim));
    assertEquals(2, small.table().headers.keyLow(victim.slot));
    victims.restore(victim);
    small.markFlushed(1, 0);
    small.insertDirty(3, 0, segment((byte) 1)).close();
    assertEquals(1, small.stats().evictions());
    PoolAudit.audit(small);
    small.close();
  }

  @Test
  void shouldWakeAWaiterWhenALargeSlabBecomesEmptyAgain() throws Exception {
    final MemoryPool patient =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(BLOCK)
                .blockSize(BLOCK)
                .roomWait(Duration.ofSeconds(30))
                .build());
    final MutableBlockHandle one = patient.insertDirty(1, 0, segment(bytes(1, SLOT)));
    final MutableBlockHandle two = patient.insertDirty(2, 0, segment(bytes(1, SLOT)));
    final CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () -> patient.insertDirty(3, 0, segment(bytes(1, BLOCK))).close());
    while (patient.stats().waits() == 0) {
      Thread.onSpinWait();
    }
    one.close();
    patient.removeInodeBlocks(1);
    patient.removeInodeBlocks(2); // Pinned: lives on until it is closed.
    two.close();
    waiting.get(20, TimeUnit.SECONDS);
    assertTrue(patient.hasDirty(3, 0));
    PoolAudit.audit(patient);
    patient.close();
  }

  @Test
  void shouldGiveUpWaitingWhenInterrupted() throws Exception {
    final List<BlockHandle> pins = new ArrayList<>();
    final MemoryPool patient =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(BLOCK)
                .blockSize(BLOCK)
                .roomWait(Duration.ofSeconds(30))
                .build());
    pins.add(patient.acquire(BlockKey.ofContent(1, 1, 1), new Blocks.Fixed(bytes(1, BLOCK))));
    final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    final Thread waiter =
        Thread.ofPlatform()
            .start(() -> {
              try {
                patient.insertDirty(3, 0, segment((byte) 1)).close();
              } catch (final MemoryPoolException e) {
                failure.complete(e);
              }
            });
    while (patient.stats().waits() == 0) {
      Thread.onSpinWait();
    }
    waiter.interrupt();
    assertInstanceOf(MemoryPoolException.WaitInterrupted.class, failure.get(20, TimeUnit.SECONDS));
    pins.forEach(BlockHandle::close);
    PoolAudit.audit(patient);
    patient.close();
  }

  @Test
  void shouldGrowABlockByWhatItNeedsWhenTwiceItsSizeIsNotToBeHad() {
    final MemoryPool two =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(2 * 16 * SLOT)
                .blockSize(16 * SLOT)
                .roomWait(Duration.ZERO)
                .build());
    two.insertDirty(1, 0, segment(bytes(1, 2 * SLOT))).close();
    two.insertDirty(2, 0, segment(bytes(2, 11 * SLOT))).close(); // Leaves three pages of the slab.
    two.insertDirty(3, 0, segment(bytes(3, 16 * SLOT))).close(); // Fills the other.
    assertEquals(2 * SLOT + 1, two.modifyDirtyInPlace(1, 0, 2 * SLOT, segment((byte) 1), 0, 1));
    assertEquals((3 + 11 + 16) * SLOT, two.stats().capacityInUse());
    assertThrows(
        MemoryPoolException.PoolExhausted.class,
        () -> two.modifyDirtyInPlace(1, 0, 4 * SLOT, segment((byte) 1), 0, 1));
    PoolAudit.audit(two);
    two.close();
  }

  @Test
  void shouldStayInsideBoundedMemoryUnderChurnOfRemovedBlocks() {
    for (int i = 0; i < 20_000; i++) {
      pool.insertDirty(i, 0, segment(bytes(i, 8))).close();
      pool.removeInodeBlocks(i);
    }
    assertEquals(0, pool.stats().slotsInUse());
    assertEquals(0, pool.stats().slabs());
    assertEquals(20_000, pool.allocationCount());
  }
}
