package dev.slabmount.core.index;

/** 64-bit hashes of keys: good enough to spread them, never taken for the key itself. */
public final class KeyHash {
  private static final long INODE_SALT = 0x6A09E667F3BCC909L; // Fractional part of √2.
  private static final long BLOCK_FACTOR = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd.

  private KeyHash() {}

  /** Of a block's key. */
  public static long ofBlock(
      final boolean inodeKeyed, final long high, final long low, final int block) {
    return mix(low ^ highPart(inodeKeyed, high, block));
  }

  /** Of a content id or inode. */
  public static long ofOwner(final boolean inodeKeyed, final long high, final long low) {
    return ofBlock(inodeKeyed, high, low, 0);
  }

  /** What {@link #ofBlock} combines with the low half: keys collide if both differ alike. */
  static long highPart(final boolean inodeKeyed, final long high, final int block) {
    return (high ^ (inodeKeyed ? INODE_SALT : 0L)) + block * BLOCK_FACTOR;
  }

  /** The finalizer of MurmurHash3 (Austin Appleby, public domain). */
  private static long mix(final long value) {
    long h = value;
    h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
    h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return h ^ (h >>> 33);
  }
}
