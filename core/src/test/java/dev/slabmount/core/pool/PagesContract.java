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

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks that are only partly there: what writing, cutting and discarding do to their pages. */
public abstract class PagesContract extends PoolFixture {
  private static final int BLOCK = 8 * SLOT;

  private MemoryPool pool;

  /** For pools of this kind. */
  protected PagesContract(final PoolKind kind) {
    super(kind);
  }

  @BeforeEach
  void createPool() {
    pool = pool(MemoryPoolConfig.builder().maxSize(16 * BLOCK).blockSize(BLOCK));
  }

  /** Which pages of a block can be read, as {@code 1} and {@code 0}. */
  private String valid(final long token) {
    final StringBuilder pages = new StringBuilder();
    for (int offset = 0; offset < pool.length(token); offset += SLOT) {
      pages.append(pool.pagesValid(token, offset, 1) ? '1' : '0');
    }
    return pages.toString();
  }

  private void write(final long token, final int offset, final int length) {
    pool.write(token, offset, segment(bytes(offset, length)), 0, length);
  }

  private static int missingAt(final org.junit.jupiter.api.function.Executable call) {
    return assertThrows(MemoryPoolException.PagesMissing.class, call).offset();
  }

  @Test
  void shouldClaimAFrameOfWhichNothingIsThereAndNothingToFlush() {
    final long token = pool.claimDirty(42, 0, 3 * SLOT, BLOCK);
    assertEquals(3 * SLOT, pool.length(token));
    assertEquals("000", valid(token));
    assertTrue(pool.hasDirty(42, 0));
    assertEquals(0, pool.stats().dirtyBlocks());
    assertEquals(1, pool.allocationCount());
    assertEquals(0, pool.hitCount());
    final long again = pool.claimDirty(42, 0, 1, 1);
    assertEquals(3 * SLOT, pool.length(again), "left as it is");
    assertEquals(1, pool.hitCount());
    assertEquals(1, pool.allocationCount());
    pool.unpin(token);
    pool.unpin(again);
  }

  @Test
  void shouldClaimOneBlockHoweverManyAskAtOnce() throws Exception {
    inParallel(
        4,
        () -> {
          for (int block = 0; block < 100; block++) {
            pool.unpin(pool.claimDirty(42, block, 10, 10));
          }
          return null;
        },
        () -> {});
    assertEquals(100, pool.dirtyBlockCount(42));
    assertEquals(100, pool.allocationCount());
    assertEquals(300, pool.hitCount());
  }

  @Test
  void shouldTakeWholePagesWithoutALoad() {
    final long token = pool.claimDirty(42, 0, 3 * SLOT + 100, BLOCK);
    write(token, SLOT, SLOT);
    assertEquals("0100", valid(token));
    write(token, 3 * SLOT, 100); // Up to the block's end is whole.
    assertEquals("0101", valid(token));
    assertEquals(1, pool.stats().dirtyBlocks());
    write(token, SLOT + 10, 20); // In part, of a page that is there.
    assertEquals("0101", valid(token));
    pool.unpin(token);
  }

  @Test
  void shouldRefuseToWriteAMissingPageInPart() {
    final long token = pool.claimDirty(42, 0, 3 * SLOT, BLOCK);
    assertEquals(0, missingAt(() -> write(token, 10, 20)));
    assertEquals(SLOT, missingAt(() -> write(token, SLOT + 1, SLOT - 1)));
    assertEquals(2 * SLOT, missingAt(() -> write(token, SLOT, SLOT + 1)));
    assertEquals("000", valid(token));
    assertEquals(0, pool.stats().dirtyBlocks(), "nothing has changed");
    assertEquals(2 * SLOT, missingAt(() -> write(token, 3 * SLOT - 1, 100)));
    assertEquals(3 * SLOT, pool.length(token));
    pool.unpin(token);
  }

  @Test
  void shouldFillTheGapBehindTheEndWithZeros() {
    final long token = pool.claimDirty(42, 0, SLOT, BLOCK);
    assertEquals(3 * SLOT + 6, pool.write(token, 3 * SLOT + 5, segment((byte) 7), 0, 1));
    assertEquals("0111", valid(token));
    final byte[] expected = new byte[2 * SLOT + 6];
    expected[2 * SLOT + 5] = 7;
    final byte[] content = array(pool.view(token));
    assertArrayEquals(expected, Arrays.copyOfRange(content, SLOT, content.length));
    pool.unpin(token);
  }

  @Test
  void shouldRefuseToShowOrModifyABlockThatIsNotWhole() {
    final long token = pool.claimDirty(42, 0, 2 * SLOT, BLOCK);
    write(token, 0, SLOT);
    try (MutableBlockHandle handle = pool.getDirty(42, 0)) {
      assertEquals(SLOT, missingAt(handle::data));
      assertEquals(SLOT, missingAt(() -> handle.withData(block -> block.byteSize())));
      assertEquals(
          SLOT, missingAt(() -> pool.modifyDirtyInPlace(42, 0, (block, length) -> length)));
      write(token, SLOT, SLOT);
      final byte[] expected = Arrays.copyOf(bytes(0, SLOT), 2 * SLOT);
      System.arraycopy(bytes(SLOT, SLOT), 0, expected, SLOT, SLOT);
      assertArrayEquals(expected, array(handle.data()));
    }
    pool.unpin(token);
  }

  @Test
  void shouldKeepThePagesOfABlockThatMoves() {
    final long token = pool.claimDirty(42, 0, 2 * SLOT, 2 * SLOT);
    write(token, SLOT, SLOT);
    pool.write(token, 6 * SLOT, segment(bytes(6, SLOT)), 0, SLOT); // Outgrows its slot.
    final long moved = pool.pinDirty(42, 0);
    assertEquals("0111111", valid(moved));
    assertArrayEquals(
        bytes(SLOT, SLOT), Arrays.copyOfRange(array(pool.view(moved)), SLOT, 2 * SLOT));
    assertEquals(1, pool.stats().totalBlocks(), "what it left is kept by a token and is no block");
    pool.unpin(token);
    pool.unpin(moved);
  }

  @Test
  void shouldForgetPagesBeyondAnEndThatComesCloser() {
    pool.insertDirty(42, 0, segment(bytes(1, 4 * SLOT))).close();
    pool.markFlushed(42, 0);
    final long token = pool.pinDirty(42, 0);
    assertEquals(4 * SLOT, pool.resize(token, SLOT + 10));
    assertEquals(1, pool.stats().dirtyBlocks(), "the page with the new end was changed");
    assertEquals(SLOT + 10, pool.stats().currentSize());
    assertEquals(SLOT + 10, pool.resize(token, 3 * SLOT));
    assertEquals("110", valid(token), "what was cut off does not come back");
    final byte[] expected = Arrays.copyOf(bytes(1, 4 * SLOT), SLOT + 10);
    assertArrayEquals(
        Arrays.copyOf(expected, 2 * SLOT), Arrays.copyOf(array(pool.view(token)), 2 * SLOT));
    pool.unpin(token);
  }

  @Test
  void shouldFlushNothingOfABlockThatIsCutToNothing() {
    pool.insertDirty(42, 0, segment(bytes(1, 4 * SLOT))).close();
    final long token = pool.pinDirty(42, 0);
    assertEquals(4 * SLOT, pool.resize(token, 0));
    assertEquals(0, pool.stats().dirtyBlocks(), "no page is left that needs flushing");
    assertEquals(0, pool.stats().currentSize());
    pool.unpin(token);
  }

  @Test
  void shouldForgetDiscardedPagesAndZeroWhatIsDiscardedInPart() {
    pool.insertDirty(42, 0, segment(bytes(1, 4 * SLOT))).close();
    pool.markFlushed(42, 0);
    final long token = pool.pinDirty(42, 0);
    pool.discardPages(token, SLOT - 10, 2 * SLOT + 20);
    assertEquals("1001", valid(token));
    assertEquals(4 * SLOT, pool.length(token));
    assertEquals(1, pool.stats().dirtyBlocks());
    final byte[] content = array(pool.view(token));
    final byte[] expected = bytes(1, 4 * SLOT);
    Arrays.fill(expected, SLOT - 10, SLOT, (byte) 0);
    Arrays.fill(expected, 3 * SLOT, 3 * SLOT + 10, (byte) 0);
    assertArrayEquals(Arrays.copyOf(expected, SLOT), Arrays.copyOf(content, SLOT));
    assertArrayEquals(
        Arrays.copyOfRange(expected, 3 * SLOT, 4 * SLOT),
        Arrays.copyOfRange(content, 3 * SLOT, 4 * SLOT));
    assertEquals(SLOT, missingAt(() -> pool.discardPages(token, SLOT + 1, 10)));
    pool.unpin(token);
  }

  @Test
  void shouldNeedNoFlushOnceAllThatNeededItIsDiscarded() {
    pool.insertDirty(42, 0, segment(bytes(1, 2 * SLOT))).close();
    final long token = pool.pinDirty(42, 0);
    pool.discardPages(token, 0, BLOCK);
    assertEquals("00", valid(token));
    assertEquals(0, pool.stats().dirtyBlocks());
    pool.unpin(token);
  }

  @Test
  void shouldTellContentFromInodesAndTheRemovedFromTheListed() {
    put(pool, 1);
    final long content = pool.pin(1, ~1, 0);
    assertTrue(pool.pagesValid(content, 0, SLOT));
    assertThrows(MemoryPoolException.BlockNotMutable.class, () -> pool.resize(content, 1));
    assertThrows(
        MemoryPoolException.BlockNotMutable.class, () -> pool.discardPages(content, 0, SLOT));
    pool.unpin(content);
    final long token = pool.claimDirty(42, 0, SLOT, SLOT);
    pool.removeInodeBlocks(42);
    assertThrows(MemoryPoolException.BlockNotFound.class, () -> write(token, 0, SLOT));
    assertThrows(MemoryPoolException.BlockNotFound.class, () -> pool.resize(token, 1));
    assertThrows(MemoryPoolException.BlockNotFound.class, () -> pool.discardPages(token, 0, SLOT));
    assertFalse(pool.pagesValid(token, 0, 1), "it looks at what the token pins");
    pool.unpin(token);
  }

  @Test
  void shouldRefuseNumbersThatAreNegativeOrTooLarge() {
    final Class<IllegalArgumentException> refused = IllegalArgumentException.class;
    assertThrows(refused, () -> pool.claimDirty(1, -1, 0, 0));
    assertThrows(refused, () -> pool.claimDirty(1, 0, 2, 1));
    assertThrows(refused, () -> pool.claimDirty(1, 0, 0, BLOCK + 1));
    final long token = pool.claimDirty(1, 0, 10, 10);
    assertThrows(refused, () -> pool.resize(token, -1));
    assertThrows(refused, () -> pool.resize(token, BLOCK + 1));
    assertThrows(refused, () -> pool.pagesValid(token, -1, 1));
    assertThrows(refused, () -> pool.discardPages(token, BLOCK, 1));
    assertThrows(refused, () -> pool.fillPages(token, 1, BLOCK, (key, offset, pages) -> {}));
    pool.unpin(token);
    assertThrows(IllegalStateException.class, () -> pool.resize(token, 1));
  }
}
