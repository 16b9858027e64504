package dev.slabmount.core.stress;

import static dev.slabmount.core.pool.BlockPages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.DirtyRuns;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** The operations on pages of inodes' blocks, on pool and model. */
final class ModelPages {
  private final ModelPool model;
  private final MemoryPool pool;

  /** Writes bytes at an offset by some way or other; returns the block's new length. */
  interface Writing {
    int write(int offset, MemorySegment bytes);
  }

  ModelPages(final ModelPool model) {
    this.model = model;
    this.pool = model.pool;
  }

  void step(final BlockKey key) {
    if (model.random.nextInt(8) == 0) {
      flush(key);
    } else if (model.random.nextInt(4) == 0) {
      writeByKey(key);
    } else {
      onToken(key);
    }
  }

  private void writeByKey(final BlockKey key) {
    final boolean present = model.present(key);
    final byte[] source =
        Blocks.bytes(model.random.nextLong(), 1 + model.random.nextInt(PAGE_BYTES));
    final int offset = randomOffset(source.length);
    if (present) {
      write(
          model.blocks.get(key),
          offset,
          source,
          (at, bytes) ->
              pool.modifyDirtyInPlace(key.inode(), key.block(), at, bytes, 0, source.length));
    } else {
      model.expect(
          MemoryPoolException.BlockNotFound.class,
          () ->
              pool.modifyDirtyInPlace(
                  key.inode(), key.block(), offset, Blocks.segment(source), 0, source.length));
    }
  }

  /** Pages' edges more often than chance would have it. */
  private int randomOffset(final int length) {
    final int offset = model.random.nextInt(model.blockSize - length + 1);
    return model.random.nextBoolean() ? offset : offset & -PAGE_BYTES;
  }

  /** Writes on both sides. The block may be one that was removed. */
  void write(
      final ModelBlock block, final int offset, final byte[] source, final Writing operation) {
    final MemorySegment bytes = Blocks.segment(source);
    if (block.removed) {
      model.expect(MemoryPoolException.BlockNotFound.class, () -> operation.write(offset, bytes));
      return;
    }
    // Whether pages are missing is known beforehand; the model changes once the pool has.
    final ModelBlock probe = block.copy();
    final int missing = probe.write(offset, source);
    if (missing >= 0) {
      model.expect(MemoryPoolException.PagesMissing.class, () -> operation.write(offset, bytes));
      assertEquals(missing, model.lastMissing, "the page that is missing");
    } else {
      final int length = operation.write(offset, bytes);
      block.write(offset, source);
      assertEquals(block.length(), length);
    }
  }

  private void onToken(final BlockKey key) {
    final boolean present = model.present(key);
    final int length = model.random.nextInt(model.blockSize + 1);
    final int capacity = length + model.random.nextInt(model.blockSize - length + 1);
    final long token = pool.claimDirty(key.inode(), key.block(), length, capacity);
    model.pinned = true;
    try {
      if (!present || (model.backed && isNew())) {
        model.remove(key);
        model.allocations++;
        final ModelBlock block = new ModelBlock(key, length);
        model.blocks.put(key, block);
        adoptEmpty(block);
      }
      final ModelBlock block = model.blocks.get(key);
      for (int i = model.random.nextInt(4); i >= 0; i--) {
        onToken(token, block);
      }
    } finally {
      pool.unpin(token);
    }
  }

  /** Whether a thread of the pool's evicted the block before it was claimed. */
  private boolean isNew() {
    return pool.stats().allocations() > model.allocations;
  }

  private void onToken(final long token, final ModelBlock block) {
    switch (model.random.nextInt(7)) {
      case 0, 1 -> {
        final byte[] source =
            Blocks.bytes(model.random.nextLong(), 1 + model.random.nextInt(model.blockSize));
        write(
            block,
            randomOffset(source.length),
            source,
            (at, bytes) -> pool.write(token, at, bytes, 0, source.length));
      }
      case 2, 3 -> fill(token, block);
      case 4 -> resize(token, block);
      case 5 -> discard(token, block);
      case 6 -> {
        pool.removeInodeBlocks(block.key.inode());
        for (int number = 0; number < ModelPool.BLOCKS; number++) {
          model.remove(BlockKey.ofInode(block.key.inode(), number));
        }
      }
      default -> throw new AssertionError();
    }
  }

  private void fill(final long token, final ModelBlock block) {
    final int offset = model.random.nextInt(model.blockSize);
    final int length = model.random.nextInt(model.blockSize - offset + 1);
    final int end = Math.min(block.length(), offset + length);
    final BitSet wanted = new BitSet();
    for (int page = offset / PAGE_BYTES; page * PAGE_BYTES < end && offset < end; page++) {
      wanted.set(page, !block.isValid(page));
    }
    if (block.removed) {
      fillRemoved(token, offset, length, !wanted.isEmpty());
      return;
    }
    final boolean fails = !wanted.isEmpty() && model.random.nextInt(8) == 0;
    final BitSet asked = new BitSet();
    try {
      model.expect(
          fails ? MemoryPoolException.RetrievalFailed.class : null,
          () -> {
            pool.fillPages(
                token,
                offset,
                length,
                (key, at, pages) -> {
                  note(block, wanted, asked, key, at, pages);
                  if (fails) {
                    throw new IOException("planned");
                  }
                  model.store.load(key, at, pages);
                });
            return null;
          });
    } catch (final MemoryPoolException.PoolExhausted e) {
      adoptFilled(block, asked);
      throw e;
    }
    block.version = 0; // Whether a fill is a new version is not said.
    if (fails) {
      adoptFilled(block, asked);
    } else {
      assertEquals(wanted, asked, "the pages that were loaded");
      wanted.stream().forEach(page -> fillFromStore(block, page));
    }
  }

  /** A fill that failed may have loaded some of the pages, no others. */
  private void adoptFilled(final ModelBlock block, final BitSet asked) {
    final long token = pool.pinDirty(block.key.inode(), block.key.block());
    asked.stream()
        .filter(page -> pool.pagesValid(token, block.pageStart(page), 1))
        .forEach(page -> fillFromStore(block, page));
    pool.unpin(token);
  }

  private void fillFromStore(final ModelBlock block, final int page) {
    block.fill(page, model.store.page(block.key, block.pageStart(page), block.pageEnd(page)));
  }

  /** A fill that finds nothing missing need not notice that the block was removed. */
  private void fillRemoved(
      final long token, final int offset, final int length, final boolean isWanted) {
    try {
      pool.fillPages(token, offset, length, model.store::load);
      assertFalse(isWanted, "filled pages of a block that was removed");
    } catch (final MemoryPoolException.BlockNotFound e) {
      // As it should be.
    }
  }

  private static void note(
      final ModelBlock block,
      final BitSet wanted,
      final BitSet asked,
      final BlockKey key,
      final int offset,
      final MemorySegment pages) {
    assertEquals(block.key, key);
    assertEquals(0, offset % PAGE_BYTES);
    int at = offset;
    while (at < offset + pages.byteSize()) {
      final int page = at / PAGE_BYTES;
      assertTrue(wanted.get(page), "page " + page + " is not missing, or not wanted");
      assertFalse(asked.get(page), "page " + page + " is asked for twice");
      asked.set(page);
      at = block.pageEnd(page);
    }
    assertEquals(offset + pages.byteSize(), at, "pages are asked for whole");
  }

  private void resize(final long token, final ModelBlock block) {
    final int length = model.random.nextInt(model.blockSize + 1);
    final int before = block.length();
    final Integer was =
        model.expect(
            block.removed ? MemoryPoolException.BlockNotFound.class : null,
            () -> pool.resize(token, length));
    if (was != null) {
      assertEquals(before, was);
      final boolean odd = before == 0 || length == 0;
      block.resize(length);
      block.version = 0;
      if (odd) {
        adoptEmpty(block);
      }
    }
  }

  private void discard(final long token, final ModelBlock block) {
    final int offset = model.random.nextInt(model.blockSize);
    final int length = 1 + model.random.nextInt(model.blockSize - offset);
    final int missing = block.removed ? -1 : block.copy().discard(offset, length);
    model.expect(
        block.removed
            ? MemoryPoolException.BlockNotFound.class
            : missing >= 0 ? MemoryPoolException.PagesMissing.class : null,
        () -> {
          pool.discardPages(token, offset, length);
          return null;
        });
    if (missing >= 0) {
      assertEquals(missing, model.lastMissing, "the page that is missing");
    } else if (!block.removed) {
      block.discard(offset, length);
      block.version = 0;
    }
  }

  /** What an empty block is said to need is taken over as it is. */
  private void adoptEmpty(final ModelBlock block) {
    if (block.length() == 0) {
      model.adoptFlag(block);
    }
  }

  private void flush(final BlockKey key) {
    final boolean present = model.present(key);
    final ModelBlock block = present ? model.blocks.get(key) : new ModelBlock(key, 0);
    final boolean fails = model.random.nextInt(6) == 0;
    final boolean[] called = new boolean[1];
    final ModelBlock flushed = block.copy();
    final Boolean found;
    try {
      found =
          pool.flush(
              key.inode(),
              key.block(),
              (inode, number, runs) -> {
                assertEquals(key, BlockKey.ofInode(inode, number));
                called[0] = true;
                requireRuns(block, runs);
                if (fails) {
                  throw new IOException("planned");
                }
                model.store.writeBack(inode, number, runs);
                for (int run = 0; run < runs.count(); run++) {
                  markClean(block, runs.offset(run), runs.length(run));
                }
                writeMeanwhile(block);
              });
    } catch (final MemoryPoolException.FlushFailed e) {
      assertTrue(called[0] && fails, e.toString());
      return;
    }
    assertEquals(present, found);
    assertFalse(called[0] && fails, "the failure of a write-back did not reach its caller");
    if (!called[0] && present) {
      if (flushed.length() > 0 && flushed.needsFlush() && !flushed.needsFlushAsSuch) {
        model.requireStored(block);
      }
      block.flushed();
    } else {
      block.needsFlushAsSuch = false;
    }
  }

  /** A write that comes during a flush stays to be flushed. */
  private void writeMeanwhile(final ModelBlock block) {
    if (model.random.nextInt(3) == 0) {
      final byte[] source = Blocks.bytes(model.random.nextLong(), 1 + model.random.nextInt(100));
      try {
        write(
            block,
            randomOffset(source.length),
            source,
            (at, bytes) ->
                pool.modifyDirtyInPlace(
                    block.key.inode(), block.key.block(), at, bytes, 0, source.length));
      } catch (final MemoryPoolException.PoolExhausted e) {
        // There is no room to grow; then nothing has changed.
      }
    }
  }

  private static void markClean(final ModelBlock block, final int offset, final int length) {
    for (int page = offset / PAGE_BYTES; page * PAGE_BYTES < offset + length; page++) {
      block.flushed(page);
    }
  }

  private void requireRuns(final ModelBlock block, final DirtyRuns runs) {
    assertEquals(block.length(), runs.blockLength());
    final BitSet given = new BitSet();
    for (int run = 0; run < runs.count(); run++) {
      final int offset = runs.offset(run);
      final int end = offset + runs.length(run);
      assertEquals(0, offset % PAGE_BYTES);
      assertEquals(block.pageEnd((end - 1) / PAGE_BYTES), end, "a run ends where a page ends");
      assertFalse(offset > 0 && given.get(offset / PAGE_BYTES - 1), "neighbours in two runs");
      assertTrue(given.length() <= offset / PAGE_BYTES, "runs ascend");
      given.set(offset / PAGE_BYTES, (end - 1) / PAGE_BYTES + 1);
      requireBytes(block, offset, end, runs.bytes(run));
    }
    for (int page = 0; page < block.pages(); page++) {
      if (block.isDirty(page) && !given.get(page)) {
        model.requireStored(block, page);
        block.flushed(page);
      }
      assertFalse(given.get(page) && !block.isDirty(page), "page " + page + " is clean");
    }
  }

  private static void requireBytes(
      final ModelBlock block, final int offset, final int end, final MemorySegment bytes) {
    final byte[] expected = java.util.Arrays.copyOfRange(block.bytes(), offset, end);
    assertEquals(-1, MemorySegment.ofArray(expected).mismatch(bytes), "what is to be flushed");
  }
}
