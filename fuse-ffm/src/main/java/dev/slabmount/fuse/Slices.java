package dev.slabmount.fuse;

import java.util.Arrays;

/**
 * A list of pieces of off-heap memory that together are the data of one reply; the kernel gathers
 * them and Java copies nothing, unless they are more than the 1,023 that one system call takes.
 *
 * <p>Part of a request's scratch: reused, not thread-safe. The memory belongs to the caller and
 * must stay what it is until the reply method returns; after that the binding no longer looks at
 * it.
 */
public final class Slices {
  private long[] addresses = new long[8];
  private int[] lengths = new int[8];
  private long[] tags = new long[8];
  private int count;
  private long totalLength;

  /** Creates an empty list. */
  public Slices() {}

  /** Empties the list. */
  public Slices clear() {
    count = 0;
    totalLength = 0;
    return this;
  }

  /**
   * Appends {@code length} bytes at {@code address}. Allocates only beyond the longest list yet.
   */
  public Slices add(long address, int length) {
    return add(address, length, 0);
  }

  /**
   * As {@link #add(long, int)}, with a number of the caller's own that is kept beside the piece:
   * what it needs to let go of the memory afterwards.
   */
  public Slices add(long address, int length, long tag) {
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      tags = Arrays.copyOf(tags, 2 * count);
    }
    addresses[count] = address;
    lengths[count] = length;
    tags[count] = tag;
    count++;
    totalLength += length;
    return this;
  }

  /** How many pieces there are. */
  public int count() {
    return count;
  }

  /** Sum of the lengths in bytes. */
  public long totalLength() {
    return totalLength;
  }

  /** Address of piece {@code index}. */
  public long address(int index) {
    return addresses[index];
  }

  /** What the caller keeps beside piece {@code index}; 0 if nothing. */
  public long tag(int index) {
    return tags[index];
  }

  /** Length in bytes of piece {@code index}. */
  public int length(int index) {
    return lengths[index];
  }
}
