package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.*;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The obvious model beside a pool: a map from key to bytes. One thread does random operations on
 * both and compares what they answer.
 *
 * <p>What the model cannot know is which clean blocks the pool has evicted. So a block that needs
 * flushing must be there; any other may be absent, but never different.
 */
final class ModelPool {
  private static final int INODES = 4;
  private static final int BLOCKS = 4;
  private static final int CONTENTS = 24;

  private static final class Dirty {
    final byte[] bytes;
    final boolean needsFlush;

    Dirty(final byte[] bytes, final boolean needsFlush) {
      this.bytes = bytes;
      this.needsFlush = needsFlush;
    }
  }

  private final MemoryPool pool;
  private final Random random;
  private final int blockSize;
  private final Map<BlockKey, Dirty> dirty = new HashMap<>();
  private final Set<BlockHandle> held = new HashSet<>();
  private long loads;

  ModelPool(final MemoryPool pool, final long seed) {
    this.pool = pool;
    this.random = new Random(seed);
    this.blockSize = pool.config().blockSize();
  }

  /** Does so many operations, then lets go of everything. */
  void run(final int operations) {
    for (int i = 0; i < operations; i++) {
      step();
      final MemoryPoolStats stats = pool.stats();
      assertTrue(stats.capacityInUse() <= stats.maxSize(), "over the limit");
      assertEquals(needingFlush(), stats.dirtyBlocks(), "dirtyBlocks");
    }
    held.forEach(BlockHandle::close);
    held.clear();
    for (final BlockKey key : Set.copyOf(dirty.keySet())) {
      compare(key);
    }
  }

  long loads() {
    return loads;
  }

  private long needingFlush() {
    return dirty.values().stream().filter(block -> block.needsFlush).count();
  }

  private void step() {
    final BlockKey inode = BlockKey.ofInode(random.nextInt(INODES), random.nextInt(BLOCKS));
    final BlockKey content = BlockKey.ofContent(random.nextInt(CONTENTS), 1, 2);
    try {
      switch (random.nextInt(18)) {
        case 0, 1 -> insert(inode);
        case 2, 3, 4 -> write(inode);
        case 5 -> modify(inode);
        case 6, 7 -> flush(inode);
        case 8 -> markNeedsFlush(inode);
        case 9 -> removeInode(inode.inode());
        case 10 -> compare(inode);
        case 11 -> shrink(inode);
        case 12, 13, 14 -> acquire(content);
        case 15 -> tryGet(content);
        case 16 -> release();
        case 17 -> rare(content);
        default -> throw new AssertionError();
      }
    } catch (final MemoryPoolException.PoolExhausted e) {
      makeRoom();
    }
  }

  private byte[] randomBytes() {
    final int length = random.nextBoolean() ? random.nextInt(64) : random.nextInt(blockSize + 1);
    return Blocks.bytes(random.nextLong(), length);
  }

  private void insert(final BlockKey key) {
    final byte[] bytes = randomBytes();
    final int capacity =
        bytes.length + (random.nextBoolean() ? 0 : random.nextInt(blockSize - bytes.length + 1));
    pool.insertDirtyWithCapacity(key.inode(), key.block(), Blocks.segment(bytes), capacity).close();
    dirty.put(key, new Dirty(bytes, true));
  }

  /** Whether the pool still has the block; forgets it if the pool was free to drop it. */
  private boolean present(final BlockKey key) {
    final boolean present = pool.hasDirty(key.inode(), key.block());
    final Dirty expected = dirty.get(key);
    if (!present && expected != null) {
      assertFalse(expected.needsFlush, key + " was dropped unflushed");
      dirty.remove(key);
    }
    assertEquals(dirty.containsKey(key), present, key.toString());
    return present;
  }

  private void write(final BlockKey key) {
    if (present(key)) {
      final byte[] source = randomBytes();
      final int offset = random.nextInt(blockSize - source.length + 1);
      final byte[] before = dirty.get(key).bytes;
      final byte[] after = Arrays.copyOf(before, Math.max(before.length, offset + source.length));
      final int length =
          pool.modifyDirtyInPlace(
              key.inode(), key.block(), offset, Blocks.segment(source), 0, source.length);
      System.arraycopy(source, 0, after, offset, source.length);
      assertEquals(after.length, length);
      final boolean changed = source.length > 0 || after.length > before.length;
      dirty.put(key, new Dirty(after, changed || dirty.get(key).needsFlush));
    }
  }

  private void modify(final BlockKey key) {
    if (present(key)) {
      final int after = random.nextInt(blockSize + 1);
      final int length =
          pool.modifyDirtyInPlace(key.inode(), key.block(), after, (block, before) -> after);
      assertEquals(after, length);
      dirty.put(key, new Dirty(Arrays.copyOf(dirty.get(key).bytes, after), true));
    }
  }

  private void flush(final BlockKey key) {
    final boolean present = present(key);
    assertEquals(present, pool.markFlushed(key.inode(), key.block()));
    if (present) {
      dirty.put(key, new Dirty(dirty.get(key).bytes, false));
    }
  }

  private void markNeedsFlush(final BlockKey key) {
    final boolean present = present(key);
    assertEquals(present, pool.markNeedsFlush(key.inode(), key.block()));
    if (present) {
      dirty.put(key, new Dirty(dirty.get(key).bytes, true));
    }
  }

  private void removeInode(final long inode) {
    for (int block = 0; block < BLOCKS; block++) {
      present(BlockKey.ofInode(inode, block));
    }
    final long expected = dirty.keySet().stream().filter(key -> key.inode() == inode).count();
    assertEquals(expected, pool.dirtyBlockCount(inode));
    assertEquals(expected, pool.removeInodeBlocks(inode));
    dirty.keySet().removeIf(key -> key.inode() == inode);
  }

  private void compare(final BlockKey key) {
    if (present(key)) {
      try (MutableBlockHandle handle = pool.getDirty(key.inode(), key.block())) {
        assertArrayEquals(dirty.get(key).bytes, Blocks.array(handle.data()), key.toString());
      }
    }
  }

  private void shrink(final BlockKey key) {
    assertEquals(present(key), pool.shrinkDirtyBlock(key.inode(), key.block()));
    compare(key);
  }

  private byte[] contentOf(final BlockKey key) {
    return Blocks.bytes(key.high(), (int) (key.high() * 977 % (blockSize + 1)));
  }

  private void acquire(final BlockKey key) {
    final BlockHandle handle =
        pool.acquire(
            key,
            (loaded, slot) -> {
              loads++;
              return new Blocks.Fixed(contentOf(loaded)).load(loaded, slot);
            });
    assertArrayEquals(contentOf(key), Blocks.array(handle.data()), key.toString());
    if (held.size() < 3) {
      held.add(handle);
    } else {
      handle.close();
    }
  }

  private void tryGet(final BlockKey key) {
    try (BlockHandle handle = pool.tryGet(key)) {
      if (handle != null) {
        assertArrayEquals(contentOf(key), Blocks.array(handle.data()), key.toString());
      }
    }
  }

  private void release() {
    for (final BlockHandle handle : held) {
      assertArrayEquals(contentOf(handle.key()), Blocks.array(handle.data()), "held for long");
      handle.close();
    }
    held.clear();
  }

  private void rare(final BlockKey content) {
    switch (random.nextInt(4)) {
      case 0 -> pool.invalidateHash(content.high(), content.low());
      case 1 -> {
        if (held.isEmpty() && needingFlush() == 0) {
          pool.clear();
          dirty.clear();
          assertEquals(0, pool.stats().slotsInUse());
        }
      }
      case 2 -> {
        if (held.isEmpty()) {
          pool.clearDiscardingDirty();
          dirty.clear();
          assertEquals(0, pool.stats().slotsInUse());
        }
      }
      default -> release();
    }
  }

  /** Everything is pinned or dirty: that must be true, and then ends. */
  private void makeRoom() {
    assertTrue(!held.isEmpty() || needingFlush() > 0, "no room, but everything could go");
    release();
    for (final BlockKey key : Set.copyOf(dirty.keySet())) {
      flush(key);
    }
  }
}
