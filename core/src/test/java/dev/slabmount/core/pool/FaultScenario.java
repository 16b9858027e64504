package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A life of a few blocks in which everything happens that can fail, in steps, beside what the pool
 * must hold after each step. A step that failed has changed nothing and can be taken again.
 */
final class FaultScenario {
  /** One step; what it changes is noted once it has succeeded. */
  record Step(String name, Runnable action) {}

  private static final int BLOCK = 8 * SLOT;
  private static final BlockKey CONTENT = BlockKey.ofContent(7, 7, 7);

  final Map<BlockKey, byte[]> expected = new LinkedHashMap<>();
  final Map<BlockKey, byte[]> stored = new LinkedHashMap<>();
  final List<Step> steps =
      List.of(
          new Step("insert", this::insert),
          new Step("replace", this::insert),
          new Step("load content", this::load),
          new Step("load ahead", this::loadAhead),
          new Step("load an inode's block", this::loadDirty),
          new Step("grow by a write", this::growByWrite),
          new Step("grow by a modifier", this::growByModifier),
          new Step("shrink", this::shrink),
          new Step("flush", this::flush),
          new Step("claim", this::claim),
          new Step("fill", this::fill),
          new Step("grow by resizing", this::resize),
          new Step("fill the rest", this::fill),
          new Step("flush pages", this::flushPages));

  private final MemoryPool pool;
  private final Faults faults;

  FaultScenario(final MemoryPool pool, final Faults faults) {
    this.pool = pool;
    this.faults = faults;
  }

  static MemoryPoolConfig config() {
    return MemoryPoolConfig.builder()
        .maxSize(8L * BLOCK)
        .blockSize(BLOCK)
        .hugePages(false)
        .roomWait(java.time.Duration.ZERO)
        .build();
  }

  /** Everything that was acknowledged is there, to the byte. */
  void verify(final String when) {
    expected.forEach((key, bytes) -> {
      try (MutableBlockHandle handle = pool.getDirty(key.inode(), key.block())) {
        assertTrue(handle != null, key + " is lost after " + when);
        assertEquals(bytes.length, handle.length(), key + " after " + when);
        assertArrayEquals(bytes, Blocks.array(handle.data()), key + " after " + when);
      } catch (final MemoryPoolException.PagesMissing e) {
        assertEquals(CLAIMED, key, "only this block was claimed without pages");
      }
    });
    final long dirty = Arrays.stream(new long[] {1, 2, 3}).map(this::dirtyOf).sum();
    assertEquals(dirty, pool.stats().dirtyBlocks(), "dirtyBlocks after " + when);
  }

  private static final BlockKey CLAIMED = BlockKey.ofInode(3, 0);

  private long dirtyOf(final long inode) {
    return pool.blocksNeedingFlush(inode).length;
  }

  private void insert() {
    final byte[] bytes = bytes(expected.size(), SLOT);
    pool.insertDirty(1, 0, segment(bytes)).close();
    expected.put(BlockKey.ofInode(1, 0), bytes);
  }

  private void load() {
    final byte[] bytes = bytes(9, 3 * SLOT);
    try (BlockHandle handle = pool.acquire(CONTENT, provider(bytes))) {
      assertArrayEquals(bytes, Blocks.array(handle.data()));
    }
  }

  private void loadAhead() {
    final byte[] bytes = bytes(10, 2 * SLOT);
    assertTrue(pool.loadAhead(8, 8, 8, bytes.length, provider(bytes)));
  }

  private void loadDirty() {
    final byte[] bytes = bytes(11, 2 * SLOT);
    pool.acquireDirty(2, 0, provider(bytes)).close();
    pool.markNeedsFlush(2, 0); // So that it has to stay.
    expected.put(BlockKey.ofInode(2, 0), bytes);
  }

  private BlockContentProvider provider(final byte... bytes) {
    final Blocks.Fixed fixed = new Blocks.Fixed(bytes);
    return new BlockContentProvider() {
      @Override
      public int load(final BlockKey key, final MemorySegment slot) throws IOException {
        faults.tick(Faults.Kind.LOAD);
        return fixed.load(key, slot);
      }

      @Override
      public int maxLength(final BlockKey key) {
        return bytes.length;
      }
    };
  }

  private void growByWrite() {
    final byte[] more = bytes(12, SLOT);
    final BlockKey key = BlockKey.ofInode(1, 0);
    final byte[] after = Arrays.copyOf(expected.get(key), 3 * SLOT);
    System.arraycopy(more, 0, after, 2 * SLOT, SLOT);
    assertEquals(3 * SLOT, pool.modifyDirtyInPlace(1, 0, 2 * SLOT, segment(more), 0, SLOT));
    expected.put(key, after);
  }

  private void growByModifier() {
    final byte[] after = bytes(13, BLOCK);
    pool.modifyDirtyInPlace(
        2,
        0,
        BLOCK,
        (block, length) -> {
          faults.tickUnchecked(Faults.Kind.MODIFY);
          MemorySegment.copy(after, 0, block, ValueLayout.JAVA_BYTE, 0, BLOCK);
          return BLOCK;
        });
    expected.put(BlockKey.ofInode(2, 0), after);
  }

  private void shrink() {
    final byte[] after = Arrays.copyOf(expected.get(BlockKey.ofInode(2, 0)), 100);
    pool.modifyDirtyInPlace(2, 0, (block, length) -> 100);
    expected.put(BlockKey.ofInode(2, 0), after);
    assertTrue(pool.shrinkDirtyBlock(2, 0));
  }

  private void flush() {
    assertTrue(pool.flush(1, 0, this::writeBack));
    assertArrayEquals(expected.get(BlockKey.ofInode(1, 0)), stored.get(BlockKey.ofInode(1, 0)));
    pool.markNeedsFlush(1, 0); // So that it has to stay.
  }

  private void claim() {
    final long token = pool.claimDirty(3, 0, 2 * SLOT, 2 * SLOT);
    try {
      pool.write(token, SLOT, segment(bytes(14, SLOT)), 0, SLOT);
    } finally {
      pool.unpin(token);
    }
    final byte[] bytes = new byte[2 * SLOT];
    System.arraycopy(bytes(15, SLOT), 0, bytes, 0, SLOT);
    System.arraycopy(bytes(14, SLOT), 0, bytes, SLOT, SLOT);
    expected.put(CLAIMED, bytes);
  }

  private void fill() {
    onClaimed(token ->
        pool.fillPages(
            token,
            0,
            BLOCK,
            (key, offset, pages) -> {
              faults.tick(Faults.Kind.FILL);
              final int length = (int) pages.byteSize();
              MemorySegment.copy(bytes(15, BLOCK), offset, pages, ValueLayout.JAVA_BYTE, 0, length);
            }));
  }

  private void resize() {
    onClaimed(token -> pool.resize(token, 5 * SLOT));
    final byte[] before = expected.get(CLAIMED);
    final byte[] after = bytes(15, 5 * SLOT);
    System.arraycopy(before, 0, after, 0, before.length);
    expected.put(CLAIMED, after);
  }

  private void onClaimed(final java.util.function.LongConsumer action) {
    final long token = pool.pinDirty(3, 0);
    try {
      action.accept(token);
    } finally {
      pool.unpin(token);
    }
  }

  private void flushPages() {
    assertTrue(pool.flush(3, 0, this::writeBack));
    assertEquals(0, dirtyOf(3));
    pool.markNeedsFlush(3, 0);
  }

  private void writeBack(final long inode, final int block, final DirtyRuns runs)
      throws IOException {
    faults.tick(Faults.Kind.WRITE_BACK);
    final byte[] bytes = new byte[runs.blockLength()];
    for (int run = 0; run < runs.count(); run++) {
      MemorySegment.copy(
          runs.bytes(run), ValueLayout.JAVA_BYTE, 0, bytes, runs.offset(run), runs.length(run));
    }
    stored.put(BlockKey.ofInode(inode, block), bytes);
  }
}
