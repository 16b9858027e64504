package dev.slabmount.core.slab;

import java.util.Arrays;

/**
 * The sizes that slots come in. Class 0 is the smallest, 4 KiB; the last is the pool's block size.
 *
 * <p>A slab is cut into equal slots, so the sizes are what a slab divides into: for n slots, the
 * n-th part of the slab, rounded down to 4 KiB. Powers of two are always among them, because whole
 * blocks have such sizes; between two powers of two there are as many others as keep neighbours
 * {@value #STEP_PERCENT} % apart, so a block wastes little of its slot, and a slab, unlike with
 * classes chosen by size alone, wastes almost nothing at its end.
 *
 * <p>The slab is at least one block, at most {@value #SLAB_BYTES_MAX} bytes if the block is not
 * larger, and in between so small that the pool has at least {@value #SLABS_WANTED} of them: with
 * fewer, one slab that changes class would take a large part of the pool with it.
 *
 * <p>Immutable; any thread.
 */
public final class SizeClasses {
  /** The smallest slot and the unit of all slot sizes: one page. */
  public static final int SLOT_BYTES_MIN = 4096;

  private static final int SLAB_BYTES_MAX = 8 << 20;
  private static final int SLABS_WANTED = 64;
  private static final int STEP_PERCENT = 15;

  private final int slabBytes;
  private final int slotBits;
  private final int[] slotBytes;
  private final byte[] classOfPages;

  /**
   * Chooses slab size and classes.
   *
   * @param poolBytes the pool's limit, at least one block
   * @param blockBytes the largest slot; a power of two of at least 4096
   */
  public SizeClasses(final long poolBytes, final int blockBytes) {
    assert Integer.bitCount(blockBytes) == 1 && blockBytes >= SLOT_BYTES_MIN : blockBytes;
    assert poolBytes >= blockBytes : poolBytes;
    final long wanted = Math.min(SLAB_BYTES_MAX, Long.highestOneBit(poolBytes / SLABS_WANTED));
    slabBytes = (int) Math.max(blockBytes, wanted);
    slotBits = Integer.numberOfTrailingZeros(slabBytes / SLOT_BYTES_MIN);
    slotBytes = divide(slabBytes, blockBytes);
    classOfPages = classTable(slotBytes);
  }

  /** Bytes in a slab. */
  public int slabBytes() {
    return slabBytes;
  }

  /** How many low bits of a slot number are the index within its slab. */
  public int slotBits() {
    return slotBits;
  }

  /** How many classes there are. */
  public int count() {
    return slotBytes.length;
  }

  /** Bytes in a slot of this class. */
  public int slotBytes(final int sizeClass) {
    return slotBytes[sizeClass];
  }

  /** Slots in a slab of this class. */
  public int slotsPerSlab(final int sizeClass) {
    return slabBytes / slotBytes[sizeClass];
  }

  /**
   * The class of the smallest slot that holds this many bytes.
   *
   * @param bytes 0 to the block size
   */
  public int classFor(final int bytes) {
    return classOfPages[(bytes + SLOT_BYTES_MIN - 1) / SLOT_BYTES_MIN];
  }

  private static int[] divide(final int slabBytes, final int blockBytes) {
    final int[] sizes = new int[Byte.MAX_VALUE];
    int count = 0;
    int last = 0;
    for (int slots = slabBytes / SLOT_BYTES_MIN; slots >= slabBytes / blockBytes; slots--) {
      final int size = (slabBytes / slots) & -SLOT_BYTES_MIN;
      final boolean powerOfTwo = Integer.bitCount(size) == 1;
      final boolean farFromBoth =
          farApart(last, size) && farApart(size, Integer.highestOneBit(size) << 1);
      if (size != last && (powerOfTwo || farFromBoth)) {
        sizes[count++] = size;
        last = size;
      }
    }
    return Arrays.copyOf(sizes, count);
  }

  private static boolean farApart(final int smaller, final int larger) {
    return 100L * (larger - smaller) >= (long) STEP_PERCENT * smaller;
  }

  private static byte[] classTable(final int[] slotBytes) {
    final byte[] table = new byte[slotBytes[slotBytes.length - 1] / SLOT_BYTES_MIN + 1];
    int sizeClass = 0;
    for (int pages = 0; pages < table.length; pages++) {
      if (pages * SLOT_BYTES_MIN > slotBytes[sizeClass]) {
        sizeClass++;
      }
      table[pages] = (byte) sizeClass;
    }
    return table;
  }
}
