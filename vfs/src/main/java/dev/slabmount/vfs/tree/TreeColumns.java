package dev.slabmount.vfs.tree;

import java.util.Arrays;

/**
 * The columns of an {@link InodeTree}, filled in the order of inode numbers by {@link TreeBuilder}.
 * Row 0 is not used.
 */
final class TreeColumns {

  /** Besides the mode, which has 16 bits: set for files whose content is more than one object. */
  private static final int CHUNKED = 1 << 16;

  final int count;
  int fileCount;
  long totalSize;

  final int[] modes;
  final int[] parents;

  /** One row more than inodes: the end of the last range. */
  final int[] childStarts;

  /** One row more than inodes: the end of the last name. */
  final int[] nameStarts;

  byte[] names = new byte[1024];
  final long[] sizes;
  final long[] mtimes;

  /**
   * File: upper half of its hash, or for a chunked one the place of its first chunk. Link: start of
   * its target. Directory: number of its subdirectories.
   */
  final long[] highs;

  /** File: lower half of its hash, or for a chunked one the number of its chunks. */
  final long[] lows;

  byte[] targets = new byte[64];
  private int targetsLength;

  /** Two longs for each chunk. */
  long[] chunkHashes = new long[16];

  private int chunkCount;

  TreeColumns(final int count) {
    this.count = count;
    modes = new int[count + 1];
    parents = new int[count + 1];
    childStarts = new int[count + 2];
    nameStarts = new int[count + 2];
    sizes = new long[count + 1];
    mtimes = new long[count + 1];
    highs = new long[count + 1];
    lows = new long[count + 1];
  }

  boolean isChunked(final long ino) {
    return (modes[(int) ino] & CHUNKED) != 0;
  }

  /** Names are appended in the order of inode numbers, from the root on. */
  void appendName(final int ino, final byte[] name) {
    final int start = nameStarts[ino];
    final int end = Math.addExact(start, name.length);
    if (end > names.length) {
      names = Arrays.copyOf(names, grown(end));
    }
    System.arraycopy(name, 0, names, start, name.length);
    nameStarts[ino + 1] = end;
  }

  void setTarget(final int ino, final byte[] target) {
    final int end = Math.addExact(targetsLength, target.length);
    if (end > targets.length) {
      targets = Arrays.copyOf(targets, grown(end));
    }
    System.arraycopy(target, 0, targets, targetsLength, target.length);
    highs[ino] = targetsLength;
    sizes[ino] = target.length;
    targetsLength = end;
  }

  void startChunks(final int ino, final int chunks) {
    modes[ino] |= CHUNKED;
    highs[ino] = chunkCount;
    lows[ino] = chunks;
  }

  void appendChunk(final long high, final long low) {
    final int start = Math.multiplyExact(2, chunkCount);
    if (start + 2 > chunkHashes.length) {
      chunkHashes = Arrays.copyOf(chunkHashes, grown(start + 2));
    }
    chunkHashes[start] = high;
    chunkHashes[start + 1] = low;
    chunkCount++;
  }

  /** Gives back what growing reserved in excess. */
  void trim() {
    names = Arrays.copyOf(names, nameStarts[count + 1]);
    targets = Arrays.copyOf(targets, targetsLength);
    chunkHashes = Arrays.copyOf(chunkHashes, 2 * chunkCount);
  }

  private static int grown(final int needed) {
    return (int) Math.min(needed + (needed >> 1) + 16L, Integer.MAX_VALUE - 8);
  }
}
