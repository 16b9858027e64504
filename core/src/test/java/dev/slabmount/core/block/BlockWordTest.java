package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class BlockWordTest {
  private static final long GENERATION = 0xFFFF_FFFEL;
  private static final long FREE = GENERATION;
  private static final long CLAIMED = BlockWord.claim(FREE);
  private static final long LIVE = BlockWord.publish(CLAIMED, 0, 1);

  @Test
  void shouldKeepFieldsApart() {
    final long all =
        BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH | BlockWord.VISITED | BlockWord.AHEAD;
    final long word = BlockWord.publish(CLAIMED, all, BlockWord.PINS_MAX);
    assertTrue(BlockWord.isLive(word));
    assertTrue(BlockWord.has(word, all));
    assertEquals(BlockWord.PINS_MAX, BlockWord.pins(word));
    assertEquals((int) GENERATION, BlockWord.generation(word));
    final long masks = BlockWord.STATE_MASK ^ all ^ BlockWord.PINS_MASK ^ BlockWord.GENERATION_MASK;
    assertEquals(~0L, masks, "every bit belongs to one field");
  }

  @Test
  void shouldLeadALifeFromFreeToFreeWithTheNextGeneration() {
    assertTrue(BlockWord.isFree(FREE));
    assertTrue(BlockWord.isClaimed(CLAIMED));
    assertEquals(1, BlockWord.pins(LIVE));
    final long visited = BlockWord.pin(LIVE);
    assertEquals(2, BlockWord.pins(visited));
    assertTrue(BlockWord.has(visited, BlockWord.VISITED));
    final long ahead = BlockWord.publish(CLAIMED, BlockWord.AHEAD, 1);
    assertTrue(BlockWord.has(BlockWord.unpin(ahead), BlockWord.AHEAD));
    assertEquals(visited, BlockWord.pin(ahead), "asked for");
    final long unpinned = BlockWord.unpin(BlockWord.unpin(visited));
    assertTrue(BlockWord.isEvictable(unpinned));
    final long removed = BlockWord.evict(unpinned);
    assertTrue(BlockWord.isRemoved(removed));
    assertTrue(BlockWord.isFreeable(removed));
    final long next = BlockWord.free(removed);
    assertEquals(GENERATION + 1, next, "nothing but the generation is left");
    assertEquals(0, BlockWord.abandon(BlockWord.claim(next)), "the generation wraps to zero");
  }

  @Test
  void shouldFreeARemovedBlockOnlyWithoutPins() {
    final long removed = BlockWord.remove(LIVE);
    assertFalse(BlockWord.isFreeable(removed));
    assertTrue(BlockWord.isFreeable(BlockWord.unpin(removed)));
    final long moved = BlockWord.move(LIVE);
    assertTrue(BlockWord.isMoved(moved));
    assertFalse(BlockWord.isFreeable(moved));
    assertTrue(BlockWord.isFreeable(BlockWord.unpin(moved)));
    assertFalse(BlockWord.isFreeable(BlockWord.unpin(LIVE)), "still in the index");
  }

  @Test
  void shouldNotEvictWhatIsPinnedOrNeedsFlush() {
    final long unpinned = BlockWord.unpin(LIVE);
    assertTrue(BlockWord.isEvictable(unpinned));
    assertFalse(BlockWord.isEvictable(LIVE));
    assertFalse(BlockWord.isEvictable(BlockWord.needFlush(unpinned)));
    assertTrue(BlockWord.isEvictable(BlockWord.flushed(BlockWord.needFlush(unpinned))));
    assertFalse(BlockWord.isEvictable(CLAIMED));
    assertFalse(BlockWord.isEvictable(BlockWord.remove(unpinned)));
  }

  @Test
  void shouldKeepTheInodeFlagAndDropTheFlushFlagWhenABlockLeavesTheIndex() {
    final long dirty = BlockWord.publish(CLAIMED, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH, 1);
    for (final long gone : new long[] {BlockWord.remove(dirty), BlockWord.move(dirty)}) {
      assertTrue(BlockWord.has(gone, BlockWord.INODE_KEYED));
      assertFalse(BlockWord.has(gone, BlockWord.NEEDS_FLUSH));
    }
  }

  @Test
  void shouldForgetAVisitAndNothingElse() {
    final long visited = BlockWord.pin(LIVE);
    assertEquals(visited & ~BlockWord.VISITED, BlockWord.forgetVisit(visited));
  }

  @Test
  void shouldRefusePinsThatDoNotFit() {
    final long full = BlockWord.publish(CLAIMED, 0, BlockWord.PINS_MAX);
    assertThrows(IllegalStateException.class, () -> BlockWord.pin(full));
    assertThrows(IllegalStateException.class, () -> BlockWord.pinAgain(full));
    assertThrows(IllegalStateException.class, () -> BlockWord.pin(LIVE, BlockWord.PINS_MAX));
  }

  @Test
  void shouldAssertThatEachChangeStartsInItsState() {
    final long removed = BlockWord.remove(LIVE);
    final List<LongUnaryOperator> ofLive =
        List.of(
            BlockWord::pin,
            BlockWord::remove,
            BlockWord::move,
            BlockWord::needFlush,
            BlockWord::flushed,
            BlockWord::forgetVisit);
    for (final LongUnaryOperator change : ofLive) {
      for (final long word : new long[] {FREE, CLAIMED, removed}) {
        assertThrows(AssertionError.class, () -> change.applyAsLong(word));
      }
    }
    assertThrows(AssertionError.class, () -> BlockWord.claim(LIVE));
    assertThrows(AssertionError.class, () -> BlockWord.publish(FREE, 0, 1));
    assertThrows(AssertionError.class, () -> BlockWord.publish(CLAIMED, 0, 0));
    assertThrows(AssertionError.class, () -> BlockWord.abandon(LIVE));
    assertThrows(AssertionError.class, () -> BlockWord.evict(LIVE), "pinned");
    assertThrows(AssertionError.class, () -> BlockWord.free(removed), "pinned");
    assertThrows(AssertionError.class, () -> BlockWord.free(BlockWord.unpin(LIVE)), "listed");
    assertThrows(AssertionError.class, () -> BlockWord.unpin(CLAIMED), "no pins");
    assertThrows(AssertionError.class, () -> BlockWord.pinAgain(BlockWord.unpin(LIVE)), "no pins");
  }

  @Test
  void shouldDescribeAWordInWords() {
    assertEquals(
        "LIVE INODE_KEYED NEEDS_FLUSH VISITED, pins 3, generation 4294967294",
        BlockWord.describe(
            BlockWord.publish(
                CLAIMED, BlockWord.INODE_KEYED | BlockWord.NEEDS_FLUSH | BlockWord.VISITED, 3)));
    assertEquals("FREE, pins 0, generation 0", BlockWord.describe(0));
  }
}
