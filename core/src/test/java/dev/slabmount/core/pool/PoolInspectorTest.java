package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.block.BlockTransitions;
import dev.slabmount.core.block.BlockWord;
import dev.slabmount.core.block.PageMaps;
import dev.slabmount.core.evict.EvictionPolicy;
import dev.slabmount.core.index.IndexShard;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slab.SlabAllocator;
import dev.slabmount.core.slot.SlotPages;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every kind of damage that an audit looks for, planted and found. */
@Timeout(60)
class PoolInspectorTest {
  private final ShardedMemoryPool pool =
      new ShardedMemoryPool(
          MemoryPoolConfig.builder().maxSize(64 * SLOT).blockSize(16 * SLOT).build());
  private final SlotTable table = pool.table();
  private final PoolInspector inspector = new PoolInspector(pool);

  /** A clean block, a dirty one, and one that has moved while somebody holds it. */
  private final MutableBlockHandle moved = fill();

  private MutableBlockHandle fill() {
    pool.acquire(BlockKey.ofContent(1, 2, 3), new Blocks.Fixed(bytes(1, 100))).close();
    pool.insertDirty(42, 0, segment(bytes(2, 200))).close();
    final MutableBlockHandle handle = pool.insertDirty(42, 1, segment(bytes(3, 300)));
    pool.modifyDirtyInPlace(42, 1, 3 * SLOT, segment((byte) 7), 0, 1);
    return handle;
  }

  private int slotOfContent() {
    final long token = pool.pin(1, 2, 3);
    pool.unpin(token);
    return Tokens.slot(token);
  }

  private int slotOfInode() {
    final long token = pool.pinDirty(42, 0);
    pool.unpin(token);
    return Tokens.slot(token);
  }

  private void assertFinds(final String what) {
    final PoolInspector.Audit audit = inspector.audit(1);
    assertTrue(audit.quiet(), audit.toString());
    assertFalse(audit.isSound());
    assertTrue(
        audit.findings().stream().anyMatch(finding -> finding.contains(what)), audit.toString());
  }

  private void underLock(final int slot, final LongConsumer change) {
    final long hash = pool.index().hashOf(slot);
    final IndexShard shard = pool.index().shardOf(hash);
    final long stamp = shard.lockWrite();
    try {
      change.accept(hash);
    } finally {
      shard.unlockWrite(stamp);
    }
  }

  @Test
  void shouldFindNothingInASoundPool() {
    assertEquals(new PoolInspector.Audit(true, List.of()), inspector.audit(1));
    assertTrue(inspector.audit(1).isSound());
    moved.close();
    assertTrue(inspector.audit(0).isSound());
    pool.close();
  }

  @Test
  void shouldFindPinsThatNobodyKnowsOf() {
    assertEquals(List.of("1 pins are held, and 0 handles are open"), inspector.audit(0).findings());
    assertEquals(List.of("1 pins are held, and 2 handles are open"), inspector.audit(2).findings());
    BlockTransitions.pin(table.words, slotOfInode());
    assertFinds("pins is 2, and the sum over the slots 3");
    assertFinds("2 pins are held, and 1 handles are open");
    assertFinds("inUseBlocks is 2, and the sum over the slots 3");
  }

  @Test
  void shouldFindFiguresThatAreNotTheSum() {
    table.counters.blocks.increment();
    assertFinds("totalBlocks is 4, and the sum over the slots 3");
    table.counters.contentBytes.add(-1);
    assertFinds("currentSize is");
    table.counters.needingFlush.decrement();
    assertFinds("dirtyBlocks is 1, and the sum over the slots 2");
  }

  @Test
  void shouldFindSumsOfTheAllocatorThatAreWrong() throws Exception {
    final MemoryPoolStats before = pool.stats();
    addToStripe("slotsInUse");
    assertFinds("slotsInUse is " + (before.slotsInUse() + 1) + ", and the sum");
    addToStripe("pagesInUse");
    assertFinds("capacityInUse is " + (before.capacityInUse() + SLOT) + ", and the sum");
    addToStripe("slabsInUse");
    assertFinds("slabs is " + (before.slabs() + 1) + ", and the sum");
  }

  /** The books agree by construction: only from outside they can be made not to. */
  private void addToStripe(final String figure) throws ReflectiveOperationException {
    final Field stripes = SlabAllocator.class.getDeclaredField("stripes");
    stripes.setAccessible(true);
    final Object stripe = ((Object[]) stripes.get(table.allocator))[0];
    final Field sum = stripe.getClass().getDeclaredField(figure);
    sum.setAccessible(true);
    sum.setLong(stripe, sum.getLong(stripe) + 1);
  }

  @Test
  void shouldFindASlotThatIsClaimedAndForgotten() {
    BlockTransitions.claim(table.words, table.allocator.claim(0));
    assertFinds("CLAIMED, pins 0, generation 0 is taken, and nobody fills it: an orphan");
  }

  @Test
  void shouldFindASlotThatNobodyFreed() {
    final int slot = slotOfContent();
    underLock(slot, hash -> table.unlink(pool.index(), hash, slot));
    assertFinds("has no pin, and was not freed: an orphan");
  }

  @Test
  void shouldFindALiveBlockThatIsNotListed() {
    final int slot = slotOfContent();
    underLock(slot, hash -> pool.index().unlink(hash, slot));
    assertFinds("is listed 0 times in the index");
    assertFinds("the owner of content:");
  }

  @Test
  void shouldFindAFreeSlotThatIsListed() {
    final int slot = slotOfContent();
    assertTrue(BlockTransitions.evict(table.words, slot));
    assertFinds("is listed in the index");
    BlockTransitions.free(table.words, slot);
    assertFinds("is taken, and nobody fills it: an orphan");
    table.allocator.free(slot);
    assertFinds("slot " + slot + " is free, and listed in the index");
  }

  @Test
  void shouldFindABlockThatTheAllocatorHoldsFree() {
    final int slot = slotOfContent();
    table.allocator.free(slot);
    assertFinds(" is free for the allocator");
    assertFinds("slot " + slot + " (LIVE");
  }

  @Test
  void shouldFindABlockUnderAnotherKey() {
    final int slot = slotOfContent();
    table.headers.init(slot, 1, 2, 4, 100, 1);
    assertFinds("is not what the index finds under its key, which is slot -1");
  }

  @Test
  void shouldFindAKeyThatCannotBe() {
    table.headers.init(slotOfInode(), 5, 42, 0, 200, 1);
    assertFinds("has a key that cannot be");
  }

  @Test
  void shouldFindABlockOfAnotherOwner() {
    table.headers.init(slotOfInode(), 0, 43, 0, 200, 1);
    assertFinds("the owner of inode:43:0 has 1 blocks, and a list of 0");
  }

  @Test
  void shouldFindMoreContentThanCapacity() {
    table.headers.setLengthRelease(slotOfContent(), SLOT + 1);
    assertFinds("has more content than capacity");
  }

  @Test
  void shouldFindALatchThatNobodyOpens() {
    table.latch.lockShared(slotOfContent());
    assertFinds("latched is latched though nobody works with it");
  }

  @Test
  void shouldFindPagesThatDoNotAgreeWithTheFlag() {
    table.pages.clearToFlush(slotOfInode());
    assertFinds("does not agree with its pages whether it needs flushing");
  }

  @Test
  void shouldFindAPageThatNobodyReaches() {
    table.pages.setValid(slotOfContent(), 0, 1);
    assertFinds("has a valid page that it does not reach");
  }

  @Test
  void shouldFindAFlagThatIsDownThoughAPageNeedsFlushing() {
    assertTrue(BlockTransitions.flushed(table.words, slotOfInode()));
    assertFinds("does not agree with its pages whether it needs flushing");
  }

  @Test
  void shouldFindAPageBeyondTheBlocksEnd() {
    final long token = pool.claimDirty(43, 0, SLOT, 4 * SLOT);
    final int slot = Tokens.slot(token);
    pool.unpin(token);
    assertTrue(inspector.audit(1).isSound());
    table.pages.setValid(slot, 3, 4);
    assertFinds("has a valid page that it does not reach");
  }

  @Test
  void shouldFindAPageThatNeedsFlushingAndIsMissing() throws Exception {
    final long token = pool.claimDirty(43, 0, 4 * SLOT, 4 * SLOT);
    final int slot = Tokens.slot(token);
    pool.unpin(token);
    assertTrue(inspector.audit(1).isSound());
    final long page = table.allocator.offset(slot) / SLOT + 2;
    flushBitsAsValidBits().setValid(page, page + 1);
    assertFinds("wants page 2 flushed, which is missing");
  }

  /** The same memory, one word on: no way through the maps themselves leads to such a state. */
  private PageMaps flushBitsAsValidBits() throws ReflectiveOperationException {
    final Field maps = SlotPages.class.getDeclaredField("maps");
    final Field memory = PageMaps.class.getDeclaredField("maps");
    maps.setAccessible(true);
    memory.setAccessible(true);
    return new PageMaps(((MemorySegment) memory.get(maps.get(table.pages))).asSlice(Long.BYTES));
  }

  @Test
  void shouldFindABlockThatIsNeverEvicted() {
    table.headers.setQueue(slotOfContent(), EvictionPolicy.NOWHERE);
    assertFinds("is in no queue of the eviction policy: it is never evicted");
  }

  @Test
  void shouldFindABrokenQueue() {
    final int slot = slotOfInode();
    table.headers.setNext(slot, slot + 1);
    assertFinds("does not belong where queue");
  }

  @Test
  void shouldFindAQueueWithoutAFront() {
    final int slot = slotOfInode();
    table.headers.setNext(slot, slot + 1);
    table.headers.setPrevious(slot, slot + 1);
    assertFinds("slots of queues are not reached from a front");
  }

  @Test
  void shouldFindAMovedBlockThatLeadsNowhere() {
    for (int slot = 0; slot < table.slotLimit(); slot++) {
      if (BlockWord.isMoved(table.words.wordAcquire(slot))) {
        table.headers.setForward(slot, 0);
      }
    }
    assertFinds("leads to a slot that it does not hold");
  }

  @Test
  void shouldSayThatALoadIsUnderWay() throws Exception {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CompletableFuture<Void> load =
        CompletableFuture.runAsync(() ->
            pool.acquire(
                    BlockKey.ofContent(9, 9, 9),
                    (key, slot) -> {
                      begun.countDown();
                      PoolFixture.awaitQuietly(goOn);
                      return 1;
                    })
                .close());
    begun.await();
    final PoolInspector.Audit audit = inspector.audit(1);
    goOn.countDown();
    load.get(20, TimeUnit.SECONDS);
    assertFalse(audit.quiet());
    assertEquals(
        List.of("the pool is not quiet, so it cannot be audited: 1 loads are under way"),
        audit.findings());
    assertTrue(inspector.audit(1).isSound());
  }

  @Test
  void shouldNoticeThatThePoolIsInUse() throws Exception {
    final AtomicBoolean over = new AtomicBoolean();
    final CompletableFuture<Void> user =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; !over.get(); i++) {
            pool.insertDirty(7, i % 16, segment(bytes(i, 1 + i % 5000))).close();
            pool.markFlushed(7, i % 16);
          }
        });
    boolean noticed = false;
    while (!noticed) {
      final PoolInspector.Audit audit = inspector.audit(1);
      noticed = !audit.quiet() && audit.findings().getFirst().startsWith("the pool is not quiet");
      assertTrue(audit.quiet() || audit.findings().size() == 1, audit.toString());
    }
    over.set(true);
    user.get(20, TimeUnit.SECONDS);
    assertTrue(inspector.audit(1).isSound(), "quiet again");
  }

  @Test
  void shouldPrintHeaders() throws IOException {
    final StringBuilder text = new StringBuilder();
    inspector.print(text);
    final List<String> lines = text.toString().lines().toList();
    assertEquals(1 + 4, lines.size(), "figures, three blocks, and the slot that one has left");
    assertTrue(lines.getFirst().startsWith("MemoryPoolStats[totalBlocks=3,"), lines.getFirst());
    assertTrue(
        lines.stream()
            .anyMatch(line ->
                line.matches(
                    "slot [0-9]+ of 4096 bytes: LIVE, pins 0, generation 0; content:"
                        + "00000000000000010000000000000002:3, length 100, version [0-9]+, queue [0-9]+")),
        text.toString());
    assertTrue(text.toString().contains("; inode:42:1, length 300, version "));
    assertTrue(text.toString().contains(", moved to slot "));
  }

  @Test
  void shouldRefuseAClosedPoolAndForeignOnes() {
    moved.close();
    pool.close();
    assertThrows(MemoryPoolException.PoolClosed.class, () -> inspector.audit(0));
    assertThrows(MemoryPoolException.PoolClosed.class, () -> inspector.print(new StringBuilder()));
  }
}
