package dev.slabmount.core.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MutableBlockHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/** The operations on whole blocks of inodes, on pool and model. */
final class ModelInodes {
  private final ModelPool model;
  private final MemoryPool pool;

  ModelInodes(final ModelPool model) {
    this.model = model;
    this.pool = model.pool;
  }

  void step(final BlockKey key) {
    switch (model.random.nextInt(10)) {
      case 0, 1 -> insert(key);
      case 2 -> acquire(key);
      case 3 -> modify(key);
      case 4 -> flush(key);
      case 5 -> flushVersion(key);
      case 6 -> markNeedsFlush(key);
      case 7 -> removeInode(key.inode());
      case 8 -> get(key);
      case 9 ->
          assertEquals(
              model.present(key), pool.shrinkDirtyBlock(key.inode(), key.block()), "shrink");
      default -> throw new AssertionError();
    }
  }

  private void insert(final BlockKey key) {
    final byte[] bytes = model.randomBytes(model.blockSize);
    final int spare = model.blockSize - bytes.length;
    final MemorySegment source = Blocks.segment(bytes);
    model.present(key);
    final MutableBlockHandle handle =
        switch (model.random.nextInt(3)) {
          case 0 -> pool.insertDirty(key.inode(), key.block(), source);
          case 1 -> pool.updateDirty(key.inode(), key.block(), source);
          default ->
              pool.insertDirtyWithCapacity(
                  key.inode(), key.block(), source, bytes.length + model.random.nextInt(spare + 1));
        };
    model.remove(key);
    model.allocations++;
    final ModelBlock block = new ModelBlock(key, bytes, true);
    model.blocks.put(key, block);
    model.hold(handle, block);
  }

  private void acquire(final BlockKey key) {
    final boolean present = model.present(key);
    final byte[] content = model.store.content(key);
    final MutableBlockHandle handle =
        pool.acquireDirty(
            key.inode(),
            key.block(),
            (loaded, slot) -> {
              assertEquals(key, loaded);
              model.loads++;
              model.allocations++;
              MemorySegment.copy(content, 0, slot, ValueLayout.JAVA_BYTE, 0, content.length);
              model.remove(key); // It was clean, and a thread of the pool's has evicted it.
              return content.length;
            });
    final boolean loaded = !present || !model.blocks.containsKey(key);
    if (loaded) {
      model.blocks.put(key, new ModelBlock(key, content, false));
    }
    model.hold(handle, model.blocks.get(key));
  }

  private void get(final BlockKey key) {
    final boolean present = model.present(key);
    final MutableBlockHandle handle = pool.getDirty(key.inode(), key.block());
    if (handle == null) {
      assertEquals(model.present(key), false, key + " cannot be had");
      return;
    }
    assertEquals(present, true, key.toString());
    final ModelBlock block = model.blocks.get(key);
    if (block.firstMissing() < 0) {
      block.version = handle.version();
      block.changed = false;
    }
    model.hold(handle, block);
  }

  private void modify(final BlockKey key) {
    final ModelBlock block = model.present(key) ? model.blocks.get(key) : null;
    final int capacity = model.random.nextInt(model.blockSize + 1);
    final int room = Math.max(capacity, block == null ? 0 : block.length());
    final int after = model.random.nextInt(room + 1);
    final byte[] written = model.randomBytes(after);
    final boolean fails = model.random.nextInt(10) == 0;
    final Class<? extends RuntimeException> expected =
        block == null
            ? MemoryPoolException.BlockNotFound.class
            : block.firstMissing() >= 0
                ? MemoryPoolException.PagesMissing.class
                : fails ? Planned.class : null;
    final byte[] before = block == null ? new byte[0] : block.bytes();
    final Integer length =
        model.expect(
            expected,
            () ->
                pool.modifyDirtyInPlace(
                    key.inode(),
                    key.block(),
                    capacity,
                    (memory, present) -> {
                      assertEquals(before.length, present);
                      assertEquals(room, memory.byteSize());
                      if (fails) {
                        throw new Planned();
                      }
                      MemorySegment.copy(
                          written, 0, memory, ValueLayout.JAVA_BYTE, 0, written.length);
                      return after;
                    }));
    if (expected == null) {
      assertEquals(after, length);
      final byte[] content = Arrays.copyOf(before, after);
      System.arraycopy(written, 0, content, 0, written.length);
      Objects.requireNonNull(block).replace(content, true);
    } else if (expected == Planned.class) {
      Objects.requireNonNull(block).replace(before, true); // Whatever it changed is to be flushed.
    }
  }

  void flush(final BlockKey key) {
    final boolean present = model.present(key);
    assertEquals(present, pool.markFlushed(key.inode(), key.block()));
    if (present) {
      model.blocks.get(key).flushed();
    }
  }

  private void flushVersion(final BlockKey key) {
    if (model.present(key) && model.blocks.get(key).version != 0) {
      final ModelBlock block = model.blocks.get(key);
      final boolean flushed = pool.markFlushed(key.inode(), key.block(), block.version);
      assertEquals(!block.changed, flushed, "version " + block.version + " of " + key);
      if (flushed) {
        block.flushed();
      }
    } else {
      assertEquals(false, pool.markFlushed(key.inode(), key.block(), Long.MAX_VALUE));
    }
  }

  private void markNeedsFlush(final BlockKey key) {
    final boolean present = model.present(key);
    assertEquals(present, pool.markNeedsFlush(key.inode(), key.block()));
    if (present) {
      final ModelBlock block = model.blocks.get(key);
      block.markNeedsFlush();
      model.adoptFlag(block);
    }
  }

  private void removeInode(final long inode) {
    int expected = 0;
    for (int block = 0; block < ModelPool.BLOCKS; block++) {
      expected += model.present(BlockKey.ofInode(inode, block)) ? 1 : 0;
    }
    assertEquals(expected, pool.dirtyBlockCount(inode));
    assertEquals(expected, pool.removeInodeBlocks(inode));
    for (int block = 0; block < ModelPool.BLOCKS; block++) {
      model.remove(BlockKey.ofInode(inode, block));
    }
  }

  /** A modifier's failure. */
  private static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
