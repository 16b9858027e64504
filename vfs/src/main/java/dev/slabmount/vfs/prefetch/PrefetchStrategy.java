package dev.slabmount.vfs.prefetch;

/** Which blocks of a file are loaded before anybody asks for them. */
public sealed interface PrefetchStrategy {

  /** The most blocks that a strategy may name. */
  int BLOCKS_MAX = 4096;

  /** In place of a number of blocks: as many as suit the block size; see {@link Sequential}. */
  int AUTOMATIC = 0;

  /** Whether it has to see files being opened, so that the kernel may not open them silently. */
  boolean needsOpens();

  /** None: a block is loaded when it is read. */
  record None() implements PrefetchStrategy {
    @Override
    public boolean needsOpens() {
      return false;
    }
  }

  /**
   * The first blocks of each file, when it is opened: for programs that read the heads of many
   * files.
   *
   * @param blocks how many, 1 to {@value PrefetchStrategy#BLOCKS_MAX}
   */
  record OnOpen(int blocks) implements PrefetchStrategy {
    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public OnOpen {
      requireBlocks(blocks, 1);
    }

    @Override
    public boolean needsOpens() {
      return true;
    }
  }

  /**
   * The blocks that follow, while a file is read in order. At first as many as were read in order
   * twice, so that a short run wastes little, then more and more up to {@code lookAhead}. A file in
   * which runs kept ending early has to be read in order for longer before it begins.
   *
   * @param lookAhead how many blocks ahead of the reader at most, 1 to {@value
   *     PrefetchStrategy#BLOCKS_MAX}; or {@link #AUTOMATIC}: 16 MiB, but 4 to 256 blocks
   */
  record Sequential(int lookAhead) implements PrefetchStrategy {
    private static final int AUTOMATIC_BYTES = 16 << 20;
    private static final int AUTOMATIC_MIN = 4;
    private static final int AUTOMATIC_MAX = 256;

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Sequential {
      requireBlocks(lookAhead, AUTOMATIC);
    }

    /** How many blocks ahead, if a block has so many bytes. */
    public int blocks(final int blockSize) {
      return lookAhead == AUTOMATIC
          ? Math.clamp(AUTOMATIC_BYTES / blockSize, AUTOMATIC_MIN, AUTOMATIC_MAX)
          : lookAhead;
    }

    @Override
    public boolean needsOpens() {
      return false;
    }
  }

  /**
   * The whole file, when it is opened, as far as the budget goes; the rest as what was loaded is
   * read.
   */
  record Eager() implements PrefetchStrategy {
    @Override
    public boolean needsOpens() {
      return true;
    }
  }

  private static void requireBlocks(final int blocks, final int least) {
    if (blocks < least || blocks > BLOCKS_MAX) {
      throw new IllegalArgumentException(
          "a number of blocks must be from 1 to " + BLOCKS_MAX + ", not " + blocks);
    }
  }
}
