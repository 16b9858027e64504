package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.InterceptedWords;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.index.KeyHash;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slot.RoomSignal;
import dev.slabmount.core.slot.Tokens;
import dev.slabmount.core.victim.Victims;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens if somebody comes in between two steps of an operation, at a chosen place. */
@Timeout(60)
class InterleavingTest {
  private final AtomicInteger interceptions = new AtomicInteger();
  private InterceptedWords words;
  private final ShardedMemoryPool pool =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT).build(),
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

  @Test
  void shouldKeepTheFlagWhenAWriteEndsBeforeItIsTakenDown() {
    final long version = insertAndReadVersion();
    words.beforeLatch(this::write);
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

  @Test
  void shouldMarkUnderTheLatchOfAReaderAlthoughAWriterWaits() throws Exception {
    insertAndReadVersion();
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      final Thread writer = new Thread(this::write);
      assertTrue(
          handle.<Boolean, RuntimeException>withData(block -> {
            writer.start();
            while (writer.getState() != Thread.State.WAITING) {
              Thread.onSpinWait(); // For the latch, behind which readers queue from now on.
            }
            return pool.markFlushed(42, 0, handle.version());
          }));
      writer.join();
    }
    assertEquals(1, pool.stats().dirtyBlocks(), "by the write that came after the mark");
  }

  @Test
  void shouldFreeABlockThatIsRemovedWhileAWriterWithoutAPinIsInside() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.unpin(pool.pinDirty(42, 0)); // Visited: from now on a write needs no pin.
    words.afterLookInside(() -> {
      assertEquals(1, pool.removeInodeBlocks(42));
      assertEquals(SLOT, pool.stats().capacityInUse(), "left to the writer");
      interceptions.incrementAndGet();
    });
    pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 9), 0, 1);
    assertEquals(1, interceptions.get());
    assertEquals(0, pool.stats().capacityInUse());
  }

  @Test
  void shouldNotShrinkABlockThatHasGrownMeanwhile() {
    pool.insertDirtyWithCapacity(42, 0, segment(bytes(1, 100)), 16 * SLOT).close();
    words.beforeLatch(() -> pool.modifyDirtyInPlace(42, 0, 9 * SLOT, segment((byte) 7), 0, 1));
    assertTrue(pool.shrinkDirtyBlock(42, 0));
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(9 * SLOT + 1, handle.length());
      assertEquals(7, handle.data().get(ValueLayout.JAVA_BYTE, 9 * SLOT));
    }
    assertEquals(16 * SLOT, pool.stats().capacityInUse());
  }

  @Test
  void shouldFindTheBlockAgainThatMovedWhileItsWriterWaitedForTheLatch() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    words.beforeLatch(() -> pool.modifyDirtyInPlace(42, 0, 3 * SLOT, segment((byte) 7), 0, 1));
    pool.modifyDirtyInPlace(42, 0, 5, segment((byte) 8), 0, 1);
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(8, handle.data().get(ValueLayout.JAVA_BYTE, 5));
      assertEquals(7, handle.data().get(ValueLayout.JAVA_BYTE, 3 * SLOT));
    }
  }

  @Test
  void shouldWriteToTheReplacementOfABlockThatWasReplacedWhileItsWriterWaited() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    words.beforeLatch(() -> pool.insertDirty(42, 0, segment(bytes(2, 100))).close());
    pool.modifyDirtyInPlace(42, 0, 5, segment((byte) 8), 0, 1);
    final byte[] expected = bytes(2, 100);
    expected[5] = 8;
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertArrayEquals(expected, Blocks.array(handle.data()));
    }
  }

  @Test
  void shouldReadTheBlockWhereItIsWhenItMovedWhileTheReaderWaited() {
    final MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 100)));
    words.beforeLatch(() -> pool.modifyDirtyInPlace(42, 0, 3 * SLOT, segment((byte) 7), 0, 1));
    assertEquals(7, handle.data().get(ValueLayout.JAVA_BYTE, 3 * SLOT));
    handle.close();
  }

  @Test
  void shouldTakeTheRightBlockOffTheBooksWhenItsLastHolderLetsGoWhileItIsRemoved() {
    replaceItsLastHolder(pool.insertDirty(42, 0, segment(bytes(1, 8))));
    assertEquals(1, pool.removeInodeBlocks(42));
    assertEquals(1, interceptions.get());
    assertEquals(100, pool.stats().currentSize());
  }

  @Test
  void shouldTakeTheRightBlockOffTheBooksWhenItsLastHolderLetsGoWhileItIsReplaced() {
    replaceItsLastHolder(pool.insertDirty(42, 0, segment(bytes(1, 8))));
    pool.insertDirty(42, 0, segment(bytes(1, 8))).close();
    assertEquals(1, interceptions.get());
    assertEquals(108, pool.stats().currentSize());
  }

  /** As soon as the block is removed, its holder lets go, and another block takes its slot. */
  private void replaceItsLastHolder(final MutableBlockHandle holder) {
    final int shard = shardOf(42);
    int other = 43;
    while (shardOf(other) == shard) { // Its lock is held.
      other++;
    }
    final int inode = other;
    words.after(
        next -> !BlockWord.isLive(next) && BlockWord.pins(next) == 1,
        () -> {
          interceptions.incrementAndGet();
          holder.close();
          pool.insertDirty(inode, 0, segment(bytes(1, 100))).close();
        });
  }

  private int shardOf(final long inode) {
    return pool.index().shardNumber(KeyHash.ofBlock(true, 0, inode, 0));
  }

  @Test
  void shouldNotQueueASlotForEvictionThatWasFreedMeanwhile() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.markFlushed(42, 0);
    final Victims.Victim victim = new Victims.Victim();
    assertTrue(pool.table().victims.propose(victim));
    pool.removeInodeBlocks(42);
    pool.table().victims.restore(victim);
    assertEquals(EvictionPolicy.NOWHERE, pool.table().headers.queue(victim.slot));
  }

  /** Who holds the last pin frees a slot as soon as it is not live: it must not be listed then. */
  @Test
  void shouldTakeABlockOffTheListsBeforeItsLastHolderCanFreeIt() {
    final long hash = KeyHash.ofBlock(true, 0, 42, 0);
    try (MutableBlockHandle first = pool.insertDirty(42, 0, segment(bytes(1, 100)))) {
      final int replaced = slotOfBlock();
      words.before(BlockWord::isRemoved, () -> assertNotListed(hash, replaced));
      try (MutableBlockHandle second = pool.insertDirty(42, 0, segment(bytes(2, 100)))) {
        assertEquals(1, interceptions.get(), "replaced");
        final int removed = slotOfBlock();
        words.before(BlockWord::isRemoved, () -> assertNotListed(hash, removed));
        assertEquals(1, pool.removeInodeBlocks(42));
        assertEquals(2, interceptions.get(), "removed");
        assertEquals(first.length(), second.length());
      }
    }
  }

  private int slotOfBlock() {
    final long token = pool.pinDirty(42, 0);
    pool.unpin(token);
    return Tokens.slot(token);
  }

  private void assertNotListed(final long hash, final int slot) {
    interceptions.incrementAndGet();
    final IntArrayList listed = new IntArrayList();
    pool.index().collect(pool.index().shardNumber(hash), listed);
    assertFalse(listed.containsInt(slot), "the slot is listed while somebody may free it");
  }

  @Test
  void shouldTakeTheFlagDownOfABlockThatComesAndIsEmptiedAfterAFlushOfItsKeyFoundNone() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.flush(
        42,
        0,
        (inode, block, runs) -> {
          assertEquals(1, pool.removeInodeBlocks(42));
          words.after(BlockWord::isFree, this::insertAndDiscard); // Its last pin is the flusher's.
        });
    assertEquals(1, interceptions.get());
    assertEquals(0, pool.stats().dirtyBlocks(), "no page is left that needs flushing");
  }

  private void insertAndDiscard() {
    interceptions.incrementAndGet();
    try (MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(2, SLOT)))) {
      final long token = pool.pinDirty(42, 0);
      pool.discardPages(token, 0, handle.length());
      pool.unpin(token);
    }
  }

  @Test
  void shouldTakeNoPagesToFlushBesideWhoeverMarksThem() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final long hash = KeyHash.ofBlock(true, 0, 42, 0);
    final Thread flusher = Thread.currentThread();
    final CountDownLatch held = new CountDownLatch(1);
    final CountDownLatch handedOut = new CountDownLatch(1);
    final CompletableFuture<Boolean> waited = new CompletableFuture<>();
    final Thread marker =
        new Thread(() -> { // As who marks a block: under the lock of its shard.
          final long stamp = pool.index().shardOf(hash).lockWrite();
          held.countDown();
          while (handedOut.getCount() > 0 && flusher.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
          }
          waited.complete(handedOut.getCount() > 0);
          pool.index().shardOf(hash).unlockWrite(stamp);
        });
    words.beforeLatch(() -> {
      marker.start();
      PoolFixture.awaitQuietly(held);
    });
    assertTrue(pool.flush(42, 0, (inode, block, runs) -> handedOut.countDown()));
    marker.join();
    assertTrue(waited.get(), "pages were taken while another thread marked them");
  }

  @Test
  void shouldRefuseAHandleWhosePinSomebodyElseGaveUp() {
    final MutableBlockHandle handle = pool.insertDirty(42, 0, segment(bytes(1, 100)));
    final long token = pool.pinDirty(42, 0);
    pool.unpin(token);
    pool.unpin(token); // The handle's pin: tokens of one life of a slot are alike.
    final IllegalStateException thrown =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThrows(IllegalStateException.class, handle::length));
    assertTrue(thrown.getMessage().contains("inode:42:0"), thrown.getMessage());
    assertThrows(IllegalStateException.class, handle::close);
    handle.close(); // The second time is harmless, as always.
  }

  @Test
  void shouldNotClearWhatIsPinnedJustThen() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.insertDirty(42, 1, segment(bytes(2, 100))).close();
    final long[] token = new long[1];
    words.before(BlockWord::isRemoved, () -> token[0] = pool.pinDirty(42, 0));
    assertThrows(MemoryPoolException.PoolExhausted.class, pool::clearDiscardingDirty);
    assertEquals(100, pool.length(token[0]));
    pool.unpin(token[0]);
    assertTrue(pool.hasDirty(42, 0) && pool.hasDirty(42, 1), "all or nothing");
    assertEquals(2, pool.stats().dirtyBlocks());
  }

  @Test
  void shouldStillChooseAmongAllBlocksAfterAClearThatWasRefusedHalfWay() throws Exception {
    final long[] tokens = new long[8];
    for (int block = 0; block < tokens.length; block++) {
      pool.insertDirty(42, block, segment(bytes(block, 100))).close();
      pool.markFlushed(42, block);
    }
    for (int block = 0; block < tokens.length; block++) {
      final Thread chooser = new Thread(this::lookForVictims);
      words.after(BlockWord::isRemoved, () -> startAndGiveTime(chooser));
      final long token = pool.pinDirty(42, block);
      assertThrows(MemoryPoolException.PoolExhausted.class, pool::clear);
      words.after(_ -> false, () -> {});
      pool.unpin(token);
      chooser.join();
    }
    for (int block = 0; block < tokens.length; block++) {
      final long token = pool.pinDirty(42, block);
      assertTrue(
          pool.table().headers.queue(Tokens.slot(token)) != EvictionPolicy.NOWHERE,
          "block " + block + " was lost by the eviction policy");
      pool.unpin(token);
    }
  }

  private void lookForVictims() {
    final Victims.Victim victim = new Victims.Victim();
    for (int i = 0; i < 64; i++) {
      if (pool.table().victims.propose(victim)) {
        pool.table().victims.restore(victim);
      }
    }
  }

  /** Until the thread has ended, or waits for us. */
  private static void startAndGiveTime(final Thread thread) {
    thread.start();
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void shouldWakeWhoeverLookedForRoomDuringAClearThatWasRefused() {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    pool.insertDirty(42, 1, segment(bytes(2, 100))).close();
    final RoomSignal room = pool.table().room;
    room.enter();
    final int[] seen = new int[2];
    words.after(
        BlockWord::isRemoved,
        () -> {
          seen[0] = room.epoch();
          seen[1] = room.session();
        });
    final long first = pool.pinDirty(42, 0);
    assertThrows(MemoryPoolException.PoolExhausted.class, pool::clearDiscardingDirty);
    pool.unpin(first);
    final long second = pool.pinDirty(42, 1);
    assertThrows(MemoryPoolException.PoolExhausted.class, pool::clearDiscardingDirty);
    assertTrue(room.epoch() != seen[0] && room.session() != seen[1], "what went is there again");
    pool.unpin(second);
    room.leave();
  }

  @Test
  void shouldSayThatThePoolIsClosedIfItsMemoryGoesDuringASearchForRoom() {
    final InterceptedWords[] layer = new InterceptedWords[1];
    final ShardedMemoryPool small =
        new ShardedMemoryPool(
            MemoryPoolConfig.builder().maxSize(SLOT).blockSize(SLOT).build(),
            inner -> layer[0] = new InterceptedWords(inner));
    final MutableBlockHandle held = small.insertDirty(42, 0, segment(bytes(1, SLOT)));
    small.markFlushed(42, 0);
    layer[0].afterLook(
        small.table().room::hasWaiters, // So it is the searcher, and he has seen the pin.
        () -> {
          interceptions.incrementAndGet();
          held.close();
          small.close();
        });
    assertThrows(
        MemoryPoolException.PoolClosed.class,
        () -> small.insertDirty(42, 1, segment(bytes(2, SLOT))));
    assertEquals(1, interceptions.get());
  }

  @Test
  void shouldNotInvalidateWhatIsPinnedJustThen() {
    pool.acquire(BlockKey.ofContent(1, 2, 0), new Blocks.Fixed(bytes(1, 100))).close();
    final long[] token = new long[1];
    words.before(BlockWord::isRemoved, () -> token[0] = pool.pin(1, 2, 0));
    assertEquals(0, pool.invalidateHash(1, 2));
    assertTrue(pool.contains(1, 2, 0));
    pool.unpin(token[0]);
    assertEquals(1, pool.invalidateHash(1, 2));
  }

  @Test
  void shouldTellBlocksApartWhoseKeysHaveTheSameHash() {
    final long[] highs = {1, 2, 77};
    for (final long high : highs) { // The hash mixes low and high by exclusive or.
      pool.acquire(BlockKey.ofContent(high, 5 ^ high, 0), new Blocks.Fixed(bytes(high, 100)))
          .close();
    }
    for (final long high : highs) {
      final long token = pool.pin(high, 5 ^ high, 0);
      assertArrayEquals(bytes(high, 100), Blocks.array(pool.view(token)));
      pool.unpin(token);
    }
    assertFalse(pool.contains(3, 5 ^ 3, 0), "the same hash again, but absent");
    assertEquals(1, pool.removeContentBlocks(2, 5 ^ 2));
    assertFalse(pool.contains(2, 5 ^ 2, 0));
    assertTrue(pool.contains(1, 5 ^ 1, 0) && pool.contains(77, 5 ^ 77, 0));
  }
}
