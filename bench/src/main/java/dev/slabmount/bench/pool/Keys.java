package dev.slabmount.bench.pool;

/** The keys of numbered blocks: contents of 64 blocks, inodes of 256 blocks. */
final class Keys {
  /** The upper half of every content id. */
  static final long CONTENT_HIGH = 0x51ab_51ab_51ab_51abL;

  private static final int CONTENT_SHIFT = 6;
  private static final int CONTENT_MASK = (1 << CONTENT_SHIFT) - 1;
  private static final int INODE_SHIFT = 8;
  private static final int INODE_MASK = (1 << INODE_SHIFT) - 1;

  private Keys() {}

  /** The lower half of the content id of a content-keyed block. */
  static long content(int block) {
    return (long) block >>> CONTENT_SHIFT;
  }

  /** The block's index in its content. */
  static int contentBlock(int block) {
    return block & CONTENT_MASK;
  }

  /** The inode of an inode-keyed block; never 0. */
  static long inode(int block) {
    return 1L + (block >>> INODE_SHIFT);
  }

  /** The block's index in its inode. */
  static int inodeBlock(int block) {
    return block & INODE_MASK;
  }
}
