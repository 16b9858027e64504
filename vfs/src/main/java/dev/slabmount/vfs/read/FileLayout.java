package dev.slabmount.vfs.read;

import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;

/**
 * Where the bytes of a file lie: file → objects → blocks.
 *
 * <pre>
 *   file      |0                    CHUNK_BYTES              2 CHUNK_BYTES   size|
 *   objects   |  object 0          |  object 1              |  object 2          |
 *   blocks    | 0 | 1 | ...    | n | 0 | 1 | ...            | 0 | 1 | ...     |m |    (the last is short)
 * </pre>
 *
 * <p>The block size is a power of two and divides {@link Manifest#CHUNK_BYTES}, so blocks lie on
 * one grid over the whole file and none spans two objects. All sizes and offsets are in bytes.
 *
 * <p>Stateless arithmetic over an immutable tree: any thread, no allocation.
 */
final class FileLayout {

  private final InodeTree tree;
  private final int blockShift;

  /**
   * A layout in blocks of the given size.
   *
   * @throws IllegalArgumentException if {@code blockSize} is not one that a pool may have
   */
  FileLayout(final InodeTree tree, final int blockSize) {
    if (Integer.bitCount(blockSize) != 1
        || blockSize < MemoryPoolConfig.BLOCK_SIZE_MIN
        || blockSize > Manifest.CHUNK_BYTES) {
      throw new IllegalArgumentException("no block size: " + blockSize);
    }
    this.tree = tree;
    this.blockShift = Integer.numberOfTrailingZeros(blockSize);
  }

  /** How many blocks {@code length > 0} bytes from {@code offset} touch. */
  int blocksTouched(final long offset, final int length) {
    return (int) (((offset + length - 1) >>> blockShift) - (offset >>> blockShift)) + 1;
  }

  /** Which object of the file holds the byte at {@code offset}. */
  int object(final long ino, final long offset) {
    return tree.objectCount(ino) == 1 ? 0 : (int) (offset / Manifest.CHUNK_BYTES);
  }

  /** Length of an object. */
  long objectLength(final long ino, final int object) {
    return Math.min(tree.objectStride(ino), tree.size(ino) - object * Manifest.CHUNK_BYTES);
  }

  /** Which block of its object holds the byte at {@code offset}; may exceed what an int holds. */
  long block(final int object, final long offset) {
    return (offset - object * Manifest.CHUNK_BYTES) >>> blockShift;
  }

  /** Where a block begins within its object. */
  long blockStart(final long block) {
    return block << blockShift;
  }

  /** Length of a block: the block size, or less for the last of its object. */
  int blockLength(final long ino, final int object, final long block) {
    return (int) Math.min(1L << blockShift, objectLength(ino, object) - blockStart(block));
  }

  /** Where the byte at {@code offset} of the file lies within its block. */
  int withinBlock(final long offset) {
    return (int) offset & ((1 << blockShift) - 1);
  }

  /** How many of the {@code length} bytes from {@code offset} lie in the first block touched. */
  int lengthInBlock(final long offset, final int length) {
    return Math.min(length, (1 << blockShift) - withinBlock(offset));
  }
}
