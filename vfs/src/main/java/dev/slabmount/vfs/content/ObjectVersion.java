package dev.slabmount.vfs.content;

/**
 * One state of one object in a store. Two versions that are the {@linkplain #isSameAs same} have
 * the same bytes as far as the store can tell: a folder compares device, inode, length,
 * modification and change time; an object store would compare its entity tag. A folder cannot tell
 * of every store through a shared memory map, see {@link FileStat#isSameContentAs}.
 *
 * @param length bytes in this state
 * @param high first half of a 128-bit digest of everything that tells states apart, the length
 *     included
 * @param low second half
 * @param settled whether every change that the store can tell of at all, made after this version
 *     was asked for, is sure to give another version. False while the state is so young that a
 *     change right now could get the same time stamps; such a version says nothing about later
 *     reads
 */
public record ObjectVersion(long length, long high, long low, boolean settled) {

  /** Whether both are one state, settled or not. */
  public boolean isSameAs(final ObjectVersion other) {
    return high == other.high && low == other.low;
  }
}
