package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.BlockPages;
import dev.slabmount.core.pool.Blocks;
import dev.slabmount.core.pool.DirtyRuns;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Where blocks of inodes are flushed to and filled from. What was never written is a pattern of its
 * key. Any thread.
 */
final class ModelStore {
  private final int blockSize;
  private final Map<BlockKey, byte[]> bytes = new HashMap<>();
  private final Map<BlockKey, Integer> lengths = new HashMap<>();

  ModelStore(final int blockSize) {
    this.blockSize = blockSize;
  }

  synchronized byte[] page(final BlockKey key, final int from, final int to) {
    return Arrays.copyOfRange(bytesOf(key), from, to);
  }

  synchronized byte[] content(final BlockKey key) {
    return Arrays.copyOf(bytesOf(key), lengths.getOrDefault(key, key.block() * 977 % blockSize));
  }

  synchronized void writeBack(final long inode, final int block, final DirtyRuns runs) {
    final BlockKey key = BlockKey.ofInode(inode, block);
    for (int run = 0; run < runs.count(); run++) {
      final MemorySegment source = runs.bytes(run);
      MemorySegment.copy(
          source,
          ValueLayout.JAVA_BYTE,
          0,
          bytesOf(key),
          runs.offset(run),
          Math.toIntExact(source.byteSize()));
    }
    lengths.put(key, runs.blockLength());
  }

  /** A provider of the pages of this key. */
  void load(final BlockKey key, final int offset, final MemorySegment pages) {
    final int length = Math.toIntExact(pages.byteSize());
    MemorySegment.copy(
        page(key, offset, offset + length), 0, pages, ValueLayout.JAVA_BYTE, 0, length);
  }

  private byte[] bytesOf(final BlockKey key) {
    return bytes.computeIfAbsent(
        key, it -> Blocks.bytes(it.inode() * 31 + it.block() + BlockPages.PAGE_BYTES, blockSize));
  }
}
