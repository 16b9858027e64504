package dev.slabmount.core.pool;

import java.util.HexFormat;
import java.util.Objects;

/**
 * The name of a block: which content or inode it belongs to, and which block of that it is.
 *
 * <p>Two keys are the same only if all parts are: the pool never decides identity on a shortened
 * hash. A key of content and a key of an inode are never equal, whatever their numbers.
 *
 * <p>Immutable; any thread.
 *
 * @param inodeKeyed whether the block belongs to an inode (and may be written) or is content that
 *     never changes
 * @param high the upper 64 bits of the 128-bit content id; 0 for an inode
 * @param low the lower 64 bits of the content id, or the inode number
 * @param block index of the block within its content or inode, counted in units of the pool's block
 *     size; not negative
 */
public record BlockKey(boolean inodeKeyed, long high, long low, int block) {
  /** Bytes in a content id. */
  public static final int CONTENT_ID_BYTES = 16;

  private static final HexFormat HEX = HexFormat.of();

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if {@code block} is negative, or an inode's key has upper bits
   */
  public BlockKey {
    if (block < 0) {
      throw new IllegalArgumentException("block index must not be negative: " + block);
    }
    if (inodeKeyed && high != 0) {
      throw new IllegalArgumentException("an inode's key has no upper 64 bits");
    }
  }

  /** The key of block {@code block} of the content with this 128-bit id. */
  public static BlockKey ofContent(final long high, final long low, final int block) {
    return new BlockKey(false, high, low, block);
  }

  /**
   * The key of a block of content named by its hash in text form.
   *
   * @param hash 32 hexadecimal digits, upper or lower case
   * @throws IllegalArgumentException if {@code hash} is anything else
   */
  public static BlockKey ofContent(final String hash, final int block) {
    Objects.requireNonNull(hash, "hash");
    if (hash.length() != 2 * CONTENT_ID_BYTES) {
      throw new IllegalArgumentException(
          "a content hash has 32 hexadecimal digits, not " + hash.length() + ": " + hash);
    }
    try {
      return ofContent(
          HexFormat.fromHexDigitsToLong(hash, 0, CONTENT_ID_BYTES),
          HexFormat.fromHexDigitsToLong(hash, CONTENT_ID_BYTES, 2 * CONTENT_ID_BYTES),
          block);
    } catch (final NumberFormatException e) {
      throw new IllegalArgumentException("not a hexadecimal content hash: " + hash, e);
    }
  }

  /**
   * The key of a block of content named by the 16 bytes of its hash, most significant byte first.
   * Whoever knows the content hashes it; the pool depends on no hash.
   *
   * @throws IllegalArgumentException if {@code hash} has another length
   */
  public static BlockKey ofContent(final byte[] hash, final int block) {
    Objects.requireNonNull(hash, "hash");
    if (hash.length != CONTENT_ID_BYTES) {
      throw new IllegalArgumentException("a content hash has 16 bytes, not " + hash.length);
    }
    return ofContent(HEX.formatHex(hash), block);
  }

  /** The key of block {@code block} of an inode. */
  public static BlockKey ofInode(final long inode, final int block) {
    return new BlockKey(true, 0, inode, block);
  }

  /** Whether the block's bytes never change once loaded: content, not an inode. */
  public boolean isReadOnly() {
    return !inodeKeyed;
  }

  /**
   * The content id as 32 lower-case hexadecimal digits.
   *
   * @throws IllegalStateException if this is an inode's key
   */
  public String contentHash() {
    if (inodeKeyed) {
      throw new IllegalStateException(this + " names an inode, not content");
    }
    return HEX.toHexDigits(high) + HEX.toHexDigits(low);
  }

  /**
   * The inode number.
   *
   * @throws IllegalStateException if this is a content key
   */
  public long inode() {
    if (!inodeKeyed) {
      throw new IllegalStateException(this + " names content, not an inode");
    }
    return low;
  }

  /** {@code content:<32 hex digits>:<block>} or {@code inode:<unsigned number>:<block>}. */
  @Override
  public String toString() {
    return inodeKeyed
        ? "inode:" + Long.toUnsignedString(low) + ":" + block
        : "content:" + contentHash() + ":" + block;
  }
}
