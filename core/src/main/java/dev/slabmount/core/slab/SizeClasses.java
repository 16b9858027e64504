package dev.slabmount.core.slab;

/**
 * The sizes that slots come in. Class 0 is the smallest, 4 KiB; the last is the pool's block size.
 *
 * <p>Up to {@value #STEPS} × 2 pages every whole number of pages is a class; beyond that there are
 * {@value #STEPS} classes from one power of two to the next. So a block wastes nothing of its slot
 * up to 128 KiB (beyond the rest of its last page), and less than a sixteenth of its length above;
 * and blocks of about the same size have slots of the same size, which take each other's place
 * exactly.
 *
 * <p>A slab is what the allocator keeps its books by. A slot never crosses the end of one, so a
 * slab is several of the largest blocks long where the pool is large enough; and it is at most an
 * eighth of the pool, so that there are several to choose from.
 *
 * <p>Immutable; any thread.
 */
public final class SizeClasses {
  /** The smallest slot and the unit of all slot sizes: one page. */
  public static final int SLOT_BYTES_MIN = 4096;

  /** A slot's place in its slab, in pages, has 16 bits. */
  static final int SLAB_PAGES_MAX = 1 << 16;

  private static final int SLAB_BYTES_WANTED = 8 << 20;
  private static final int BLOCKS_PER_SLAB_WANTED = 8;
  private static final int SLABS_WANTED = 8;

  /** Classes from one power of two to the next, itself a power of two. */
  private static final int STEPS = 16;

  private static final int STEP_BITS = Integer.numberOfTrailingZeros(STEPS);

  private final int slabBytes;
  private final int slotBits;
  private final int count;

  /**
   * Chooses slab size and classes.
   *
   * @param poolBytes the pool's limit, at least one block
   * @param blockBytes the largest slot; a power of two of at least 4096
   */
  public SizeClasses(final long poolBytes, final int blockBytes) {
    assert Integer.bitCount(blockBytes) == 1 && blockBytes >= SLOT_BYTES_MIN : blockBytes;
    assert poolBytes >= blockBytes : poolBytes;
    final long wanted =
        Math.min(
            (long) SLAB_PAGES_MAX * SLOT_BYTES_MIN,
            Math.max(SLAB_BYTES_WANTED, (long) BLOCKS_PER_SLAB_WANTED * blockBytes));
    final long share = Long.highestOneBit(poolBytes / SLABS_WANTED);
    slabBytes = (int) Math.max(blockBytes, Math.min(wanted, share));
    slotBits = Integer.numberOfTrailingZeros(slabBytes / SLOT_BYTES_MIN);
    count = classForPages(blockBytes / SLOT_BYTES_MIN) + 1;
  }

  /** Bytes in a slab; the last one of a pool may be shorter. */
  public int slabBytes() {
    return slabBytes;
  }

  /** How many low bits of a slot number are the index within its slab. */
  public int slotBits() {
    return slotBits;
  }

  /** How many classes there are. */
  public int count() {
    return count;
  }

  /** Bytes in a slot of this class. */
  public int slotBytes(final int sizeClass) {
    return pages(sizeClass) * SLOT_BYTES_MIN;
  }

  /**
   * The class of the smallest slot that holds this many bytes.
   *
   * @param bytes 0 to the block size
   */
  public int classFor(final int bytes) {
    return classForPages(Math.max(1, (int) (((long) bytes + SLOT_BYTES_MIN - 1) / SLOT_BYTES_MIN)));
  }

  /** Pages in a slot of this class. */
  static int pages(final int sizeClass) {
    final int octave = Math.max(0, (sizeClass >>> STEP_BITS) - 1);
    return (sizeClass - STEPS * octave + 1) << octave;
  }

  /** The class of the smallest slot with at least so many pages. */
  static int classForPages(final int pages) {
    final int octave =
        Math.max(0, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages - 1) - STEP_BITS);
    final int steps = (pages + (1 << octave) - 1) >>> octave;
    return STEPS * octave + steps - 1;
  }

  /** The class of the largest slot that fits into so many pages, or -1. */
  int classWithin(final int pages) {
    if (pages <= 0) {
      return -1;
    }
    final int sizeClass = classForPages(pages);
    return Math.min(count - 1, pages(sizeClass) == pages ? sizeClass : sizeClass - 1);
  }
}
