package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The obvious model beside a pool: a map from key to {@link ModelBlock}. One thread does random
 * operations on both and compares what they answer, and afterwards the block, byte for byte.
 *
 * <p>What the model cannot know is which clean blocks the pool has evicted. So a block that needs
 * flushing or is held must be there; any other may be absent, but never different. If the pool
 * writes back by itself ({@code backed}), a block may turn clean at any time, and must then be in
 * the store.
 */
final class ModelPool {
  static final int INODES = 4;
  static final int BLOCKS = 4;
  private static final int HOLDERS = 6;

  final MemoryPool pool;
  final Random random;
  final int blockSize;
  final boolean backed;
  final ModelStore store;
  final Map<BlockKey, ModelBlock> blocks = new HashMap<>();

  /** Open handles on inodes' blocks, also on such that were removed. */
  final List<Held> held = new ArrayList<>();

  long loads;
  long allocations;

  /** The present operation holds a pin itself. */
  boolean pinned;

  private final ModelContents contents;
  private final ModelInodes inodes;
  private final ModelPages pages;

  /** A handle and what it must show. */
  record Held(MutableBlockHandle handle, ModelBlock block) {}

  ModelPool(final MemoryPool pool, final ModelStore store, final boolean backed, final long seed) {
    this.pool = pool;
    this.store = store;
    this.backed = backed;
    this.random = new Random(seed);
    this.blockSize = pool.config().blockSize();
    this.contents = new ModelContents(this);
    this.inodes = new ModelInodes(this);
    this.pages = new ModelPages(this);
  }

  /** Does so many operations, then lets go of everything. */
  void run(final int operations) {
    for (int i = 0; i < operations; i++) {
      step();
      checkFigures();
    }
    release();
    blocks.values().stream().toList().forEach(block -> compare(block.key));
  }

  long loads() {
    return loads;
  }

  private void step() {
    pinned = false;
    final BlockKey key = BlockKey.ofInode(random.nextInt(INODES), random.nextInt(BLOCKS));
    try {
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> inodes.step(key);
        case 4, 5, 6, 7, 8, 9, 10, 11 -> pages.step(key);
        case 12 -> compare(key);
        case 13, 14, 15, 16 -> contents.step();
        case 17 -> useHeld();
        case 18 -> closeOne();
        case 19 -> rare();
        default -> throw new AssertionError();
      }
    } catch (final MemoryPoolException.PoolExhausted e) {
      makeRoom();
    }
    if (blocks.containsKey(key)) {
      compare(key);
    }
  }

  private void checkFigures() {
    final MemoryPoolStats stats = pool.stats();
    assertTrue(stats.capacityInUse() <= stats.maxSize(), "over the limit");
    assertEquals(allocations, stats.allocations(), "allocations");
    if (backed) {
      assertTrue(stats.dirtyBlocks() <= needingFlush(), "dirtyBlocks");
    } else {
      assertEquals(needingFlush(), stats.dirtyBlocks(), "dirtyBlocks");
      assertEquals(0, stats.pendingLoads(), "pendingLoads");
      assertTrue(stats.pins() >= held.size() + contents.held(), "pins");
      assertTrue(stats.pins() == 0 || held.size() + contents.held() > 0, "pins");
    }
  }

  long needingFlush() {
    return blocks.values().stream().filter(ModelBlock::needsFlush).count();
  }

  byte[] randomBytes(final int lengthMax) {
    final int bound = random.nextBoolean() ? Math.min(64, lengthMax) : lengthMax;
    return Blocks.bytes(random.nextLong(), random.nextInt(bound + 1));
  }

  /** Whether the pool still has the block; forgets it if the pool was free to drop it. */
  boolean present(final BlockKey key) {
    final boolean present = pool.hasDirty(key.inode(), key.block());
    final ModelBlock expected = blocks.get(key);
    if (!present && expected != null) {
      assertEquals(0, expected.holders, key + " was dropped while it was held");
      if (expected.needsFlush()) {
        assertTrue(backed, key + " was dropped unflushed");
        requireStored(expected);
      }
      blocks.remove(key);
    }
    assertEquals(blocks.containsKey(key), present, key.toString());
    return present;
  }

  /** The block is gone or clean, so what was to be flushed has to be in the store. */
  void requireStored(final ModelBlock block) {
    for (int page = 0; page < block.pages(); page++) {
      if (block.isDirty(page)) {
        requireStored(block, page);
      }
    }
    block.flushed();
  }

  void requireStored(final ModelBlock block, final int page) {
    assertTrue(backed, "page " + page + " of " + block.key + " is clean, and nobody flushed it");
    assertArrayEquals(
        block.page(page),
        store.page(block.key, block.pageStart(page), block.pageEnd(page)),
        "page " + page + " of " + block.key + " was written back");
  }

  /** Takes over whether the pool says that the block as such needs flushing. */
  void adoptFlag(final ModelBlock block) {
    block.needsFlushAsSuch = false;
    block.needsFlushAsSuch = !block.needsFlush() && isListed(block);
  }

  private boolean isListed(final ModelBlock block) {
    final int number = block.key.block();
    return Arrays.stream(pool.blocksNeedingFlush(block.key.inode())).anyMatch(it -> it == number);
  }

  void remove(final BlockKey key) {
    final ModelBlock block = blocks.remove(key);
    if (block != null) {
      block.removed = true;
    }
  }

  /** Keeps a handle open for a while. */
  void hold(final MutableBlockHandle handle, final ModelBlock block) {
    if (held.size() < HOLDERS && random.nextInt(3) == 0) {
      held.add(new Held(handle, block));
      block.holders++;
    } else {
      handle.close();
    }
  }

  /** Both sides fail in the same way, or neither does. */
  <T> @Nullable T expect(
      final @Nullable Class<? extends RuntimeException> expected, final Supplier<T> operation) {
    if (expected == null) {
      return operation.get();
    }
    try {
      fail("expected " + expected.getSimpleName() + ", but it returned " + operation.get());
    } catch (final MemoryPoolException.PoolExhausted e) {
      throw e; // Which is looked at first is not said.
    } catch (final RuntimeException e) {
      assertSame(expected, e.getClass(), e.toString());
      if (e instanceof MemoryPoolException.PagesMissing missing) {
        lastMissing = missing.offset();
      }
    }
    return null;
  }

  /** The page that the last expected {@code PagesMissing} named. */
  int lastMissing;

  // ---- Content, byte for byte ----

  void compare(final BlockKey key) {
    if (!present(key)) {
      return;
    }
    final long token = pool.pinDirty(key.inode(), key.block());
    if (token == MemoryPool.NO_BLOCK) { // Clean, and evicted by a thread of the pool's.
      assertFalse(present(key), key.toString());
      return;
    }
    final ModelBlock block = blocks.get(key);
    try {
      compare(token, block);
    } finally {
      pool.unpin(token);
    }
    for (final Held each : held) {
      if (each.block == block) {
        compareHeld(each);
      }
    }
  }

  private void compare(final long token, final ModelBlock block) {
    final String name = block.key.toString();
    assertEquals(block.length(), pool.length(token), name);
    final MemorySegment view = pool.view(token);
    for (int page = 0; page < block.pages(); page++) {
      final int from = block.pageStart(page);
      final int length = block.pageEnd(page) - from;
      assertEquals(block.isValid(page), pool.pagesValid(token, from, length), name + " " + page);
      if (block.isValid(page)) {
        final byte[] bytes = view.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(block.page(page), bytes, name + ", page " + page);
      }
    }
    assertTrue(
        pool.pagesValid(token, block.length(), blockSize - block.length()), "beyond " + name);
    final boolean needsFlush = isListed(block);
    if (backed && !needsFlush && block.needsFlush()) {
      requireStored(block);
    }
    assertEquals(block.needsFlush(), needsFlush, name + " needs flushing");
  }

  private void compareHeld(final Held each) {
    assertEquals(each.block.length(), each.handle.length());
    final int missing = each.block.firstMissing();
    if (missing < 0) {
      assertArrayEquals(each.block.bytes(), Blocks.array(each.handle.data()), "held for long");
    } else {
      expect(MemoryPoolException.PagesMissing.class, each.handle::data);
      assertEquals(missing, lastMissing);
    }
  }

  // ---- What is held ----

  private void useHeld() {
    if (!held.isEmpty()) {
      final Held each = held.get(random.nextInt(held.size()));
      compareHeld(each);
      final byte[] source = randomBytes(blockSize - 1);
      if (source.length > 0) {
        pages.write(
            each.block,
            random.nextInt(blockSize - source.length),
            source,
            (offset, bytes) -> each.handle.write(offset, bytes, 0, source.length));
      }
      compareHeld(each);
    }
  }

  private void closeOne() {
    if (!held.isEmpty()) {
      final Held each = held.remove(random.nextInt(held.size()));
      compareHeld(each);
      each.block.holders--;
      each.handle.close();
      each.handle.close(); // Harmless.
      expect(IllegalStateException.class, each.handle::length);
    }
  }

  void release() {
    while (!held.isEmpty()) {
      closeOne();
    }
    contents.release();
  }

  private void rare() {
    switch (random.nextInt(4)) {
      case 0 -> clear(false);
      case 1 -> clear(true);
      case 2 -> refuseBadArguments();
      default -> release();
    }
  }

  private void clear(final boolean discard) {
    final boolean pinned =
        contents.holdsSome() || blocks.values().stream().anyMatch(block -> block.holders > 0);
    if (backed && (pinned || needingFlush() > 0)) {
      return; // The pool's own threads may pin a block, or clean it.
    }
    final boolean refused = pinned || (!discard && needingFlush() > 0);
    try {
      if (discard) {
        pool.clearDiscardingDirty();
      } else {
        pool.clear();
      }
      assertFalse(refused, "cleared, though a block is pinned or needs flushing");
      Set.copyOf(blocks.keySet()).forEach(this::remove);
      assertEquals(0, pool.stats().totalBlocks());
    } catch (final MemoryPoolException.PoolExhausted e) {
      assertTrue(refused || backed, "clear was refused: " + e.getMessage());
    }
  }

  private void refuseBadArguments() {
    final MemorySegment source = Blocks.segment(new byte[blockSize + 1]);
    final Class<IllegalArgumentException> bad = IllegalArgumentException.class;
    expect(bad, () -> pool.insertDirty(1, -1, source.asSlice(0, 1)));
    expect(bad, () -> pool.insertDirty(1, 1, source));
    expect(bad, () -> pool.modifyDirtyInPlace(1, 1, -1, source, 0, 1));
    expect(bad, () -> pool.modifyDirtyInPlace(1, 1, blockSize, source, 0, 1));
    expect(bad, () -> pool.modifyDirtyInPlace(1, 1, 0, source, blockSize + 1, 1));
    expect(bad, () -> pool.claimDirty(1, 1, 1, blockSize + 1));
    expect(bad, () -> pool.claimDirty(1, 1, 2, 1));
    expect(bad, () -> pool.acquire(BlockKey.ofInode(1, 1), new Blocks.Fixed((byte) 1)));
  }

  /** Everything is pinned or dirty: that must be true, and then ends. */
  private void makeRoom() {
    assertTrue(
        pinned || !held.isEmpty() || contents.held() > 0 || needingFlush() > 0,
        "no room, but everything could go");
    release();
    for (final BlockKey key : Set.copyOf(blocks.keySet())) {
      compare(key);
      inodes.flush(key);
    }
  }
}
