package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.CountedWords;
import dev.slabmount.core.room.SlabEmptier;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.victim.Victims;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Room: stretches of slabs that change class, what cannot go, and waiting. */
@Timeout(60)
class PoolRoomTest {
  private static final int BLOCK = 64 * SLOT;
  private static final int LARGE_BLOCKS = 16;

  private final MemoryPool pool =
      MemoryPool.create(
          MemoryPoolConfig.builder()
              .maxSize((long) LARGE_BLOCKS * BLOCK)
              .blockSize(BLOCK)
              .roomWait(Duration.ofMillis(50))
              .build());

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

  @Test
  void shouldFindTheOneStretchThatCanGoWhereverItBegins() {
    final List<BlockHandle> pins = new ArrayList<>();
    for (int i = 0; i < LARGE_BLOCKS * 64; i++) {
      final BlockHandle handle =
          pool.acquire(BlockKey.ofContent(i, SLOT, 0), new Blocks.Fixed(bytes(i, SLOT)));
      if (i < 6 * 64 + 21 || i >= 7 * 64 + 21) { // All but 64 blocks in the middle of a slab.
        pins.add(handle);
      } else {
        handle.close();
      }
    }
    try (BlockHandle inTheMiddle = pool.tryGet(BlockKey.ofContent(6 * 64 + 50, SLOT, 0))) {
      assertEquals(SLOT, inTheMiddle.length());
      assertThrows(MemoryPoolException.PoolExhausted.class, () -> load(1, BLOCK));
    }
    final long evicted = pool.stats().evictions(); // What the policy proposed, in vain.
    final long waits = pool.stats().waits();
    load(1, BLOCK); // What was known of the slabs while somebody waited is known no more.
    assertEquals(64, pool.stats().evictions(), evicted + " before");
    assertEquals(waits, pool.stats().waits());
    pins.forEach(BlockHandle::close);
  }

  @Test
  void shouldLetAllWhoWaitForDirtyBlocksFailInTimeWithoutLookingAgainAndAgain() throws Exception {
    final Duration patience = Duration.ofMillis(400);
    final AtomicLong looks = new AtomicLong();
    final ShardedMemoryPool full = countedPool(4, patience, looks);
    for (int i = 0; i < 4 * 64; i++) {
      full.insertDirty(i, 0, segment(bytes(i, SLOT))).close();
    }
    looks.set(0);
    final long start = System.nanoTime();
    final List<CompletableFuture<Throwable>> failures = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      final int length = i % 2 == 0 ? SLOT : BLOCK;
      failures.add(failureInThread(() -> insert(full, 1000, length)));
    }
    for (final CompletableFuture<Throwable> failure : failures) {
      final MemoryPoolException.PoolExhausted exhausted =
          assertInstanceOf(
              MemoryPoolException.PoolExhausted.class, failure.get(20, TimeUnit.SECONDS));
      assertEquals(4 * 64, exhausted.needingFlush());
      assertEquals(0, exhausted.pinned());
    }
    final long nanos = System.nanoTime() - start;
    assertTrue(nanos >= patience.toNanos(), "gave up after " + nanos);
    assertTrue(looks.get() < 10 * 4 * 64, looks + " looks at 256 words");
    assertEquals(8, full.stats().waits());
    PoolAudit.audit(full);
    full.close();
  }

  @Test
  void shouldServeOneSizeWhileAnotherCannotBeServed() throws Exception {
    final MemoryPool half = poolOf(2 * BLOCK, Duration.ofSeconds(30));
    final BlockHandle pinned =
        half.acquire(BlockKey.ofContent(1, 1, 1), new Blocks.Fixed(bytes(1, BLOCK)));
    final List<MutableBlockHandle> small = new ArrayList<>();
    for (int i = 0; i < 64; i += 2) { // Every second page of the other slab stays.
      small.add(half.insertDirty(i, 0, segment(bytes(i, SLOT))));
      half.acquire(BlockKey.ofContent(2, i, 2), new Blocks.Fixed(bytes(i, SLOT))).close();
    }
    final CompletableFuture<Void> large =
        CompletableFuture.runAsync(() -> insert(half, 1000, BLOCK));
    awaitWaiters(half, 1);
    for (int i = 0; i < 1000; i++) { // Meanwhile small blocks come and go as ever.
      half.acquire(BlockKey.ofContent(3, i, 3), new Blocks.Fixed(bytes(i, SLOT))).close();
    }
    assertFalse(large.isDone());
    assertEquals(1, half.stats().waits());
    small.forEach(MutableBlockHandle::close);
    for (int i = 0; i < 64; i += 2) {
      assertFalse(large.isDone(), "one dirty block is left");
      half.markFlushed(i, 0);
    }
    large.get(20, TimeUnit.SECONDS);
    pinned.close();
    PoolAudit.audit(half);
    half.close();
  }

  @Test
  void shouldLookOnlyAtSlabsInWhichSomethingHappenedWhenWoken() throws Exception {
    final AtomicLong looks = new AtomicLong();
    final ShardedMemoryPool wide = countedPool(16, Duration.ofSeconds(30), looks);
    final List<MutableBlockHandle> handles = new ArrayList<>();
    for (int i = 0; i < 16 * 64; i++) {
      handles.add(wide.insertDirty(i, 0, segment(bytes(i, SLOT))));
    }
    final CompletableFuture<Void> large =
        CompletableFuture.runAsync(() -> insert(wide, 5000, BLOCK));
    awaitWaiters(wide, 1);
    handles.forEach(MutableBlockHandle::close);
    looks.set(0);
    for (int i = 0; i < 63; i++) { // The blocks of half a slab become clean, one by one.
      wide.markFlushed(i, 0);
    }
    assertFalse(large.isDone());
    wide.markFlushed(63, 0);
    large.get(20, TimeUnit.SECONDS);
    assertTrue(looks.get() < 64 * (128 + 64), looks + " looks at words; a slab has 128 of them");
    PoolAudit.audit(wide);
    wide.close();
  }

  @Test
  void shouldNotEvictABlockForAProposalThatWasMadeForTheSlotsEarlierLife() {
    final ShardedMemoryPool one = (ShardedMemoryPool) poolOf(BLOCK, Duration.ZERO);
    final SlabEmptier emptier = new SlabEmptier(one.table(), one.index());
    final Victims.Victim victim = new Victims.Victim();
    insert(one, 1, BLOCK);
    one.markFlushed(1, 0);
    assertTrue(one.table().victims.propose(victim));
    one.removeInodeBlocks(1);
    insert(one, 1, BLOCK); // The same key in the same slot, and in one of the policy's queues.
    one.markFlushed(1, 0);
    assertFalse(emptier.evict(victim, "a test"));
    one.table().victims.restore(victim);
    assertTrue(one.hasDirty(1, 0));
    PoolAudit.audit(one);
    one.close();
  }

  @Test
  void shouldHaveBlocksWrittenBackThatBecameDirtyWhileSomebodyWaited() throws Exception {
    final MemoryPool two =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(2 * SLOT)
                .blockSize(SLOT)
                .roomWait(Duration.ofSeconds(30))
                .writeBack((inode, block, runs) -> {})
                .build());
    final List<MutableBlockHandle> handles = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      handles.add(two.insertDirty(i, 0, segment(bytes(i, SLOT))));
      two.markFlushed(i, 0);
    }
    final CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> insert(two, 5, SLOT));
    awaitWaiters(two, 1); // By then the policy has seen two blocks that are clean, and pinned.
    for (int i = 0; i < 2; i++) {
      two.modifyDirtyInPlace(i, 0, 0, segment((byte) 1), 0, 1);
    }
    handles.forEach(MutableBlockHandle::close);
    waiting.get(20, TimeUnit.SECONDS);
    assertTrue(two.hasDirty(5, 0));
    two.clearDiscardingDirty();
    two.close();
  }

  private static MemoryPool poolOf(final int bytes, final Duration patience) {
    return MemoryPool.create(
        MemoryPoolConfig.builder().maxSize(bytes).blockSize(BLOCK).roomWait(patience).build());
  }

  private static void insert(final MemoryPool into, final int inode, final int length) {
    into.insertDirty(inode, 0, segment(bytes(inode, length))).close();
  }

  /** What a task fails with in a thread of its own. */
  private static CompletableFuture<Throwable> failureInThread(final Runnable task) {
    final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            task.run();
            failure.completeExceptionally(new AssertionError("it did not fail"));
          } catch (final MemoryPoolException e) {
            failure.complete(e);
          }
        });
    return failure;
  }

  /** A pool of so many large blocks that counts how often a state word is looked at. */
  private static ShardedMemoryPool countedPool(
      final int blocks, final Duration patience, final AtomicLong looks) {
    return new ShardedMemoryPool(
        MemoryPoolConfig.builder()
            .maxSize((long) blocks * BLOCK)
            .blockSize(BLOCK)
            .roomWait(patience)
            .build(),
        words -> new CountedWords(words, looks));
  }

  private static void awaitWaiters(final MemoryPool of, final int count) {
    while (of.stats().waits() < count) {
      Thread.onSpinWait();
    }
  }
}
