package dev.slabmount.vfs;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Request;
import dev.slabmount.vfs.tree.InodeTree;
import java.util.concurrent.TimeUnit;

/**
 * Turns what the tree knows of an inode into what the kernel wants to hear.
 *
 * <p>What a manifest does not say is made up, always the same way: access and change time equal the
 * modification time, everything has one owner and group, content takes up its length in sectors.
 *
 * <p>Immutable; any thread. Allocates nothing.
 */
final class TreeAttributes {

  /** Unit of st_blocks, whatever the block size; see stat(2). */
  private static final int SECTOR_BYTES = 512;

  /** st_blksize. The C library makes its buffers that large, so it is not the pool's block size. */
  private static final int BLOCK_BYTES = 4096;

  private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

  private static final int X_OK = 1;
  private static final int ALL_EXECUTE_BITS = 0111;
  private static final int OWNER_SHIFT = 6;
  private static final int GROUP_SHIFT = 3;

  private final InodeTree tree;
  private final int uid;
  private final int gid;
  private final long entryTimeoutNanos;
  private final long attributesTimeoutNanos;

  TreeAttributes(final InodeTree tree, final VfsOptions options) {
    this.tree = tree;
    this.uid = options.uid();
    this.gid = options.gid();
    this.entryTimeoutNanos = options.timeoutNanos(KernelCache.NAMES, options.entryTimeout());
    this.attributesTimeoutNanos =
        options.timeoutNanos(KernelCache.ATTRIBUTES, options.attributesTimeout());
  }

  /** How long the kernel may believe attributes. */
  long timeoutNanos() {
    return attributesTimeoutNanos;
  }

  Entry fill(final Entry entry, final long ino) {
    fill(entry.attributes(), ino);
    return entry
        .ino(ino)
        .generation(0)
        .entryTimeoutNanos(entryTimeoutNanos)
        .attributesTimeoutNanos(attributesTimeoutNanos);
  }

  Attributes fill(final Attributes attributes, final long ino) {
    final long micros = tree.mtimeMicros(ino);
    final long size = tree.size(ino);
    return attributes
        .ino(ino)
        .size(size)
        .blocks(unitsOf(size, SECTOR_BYTES))
        .blockSize(BLOCK_BYTES)
        .mode(tree.mode(ino))
        .linkCount(tree.linkCount(ino))
        .uid(uid)
        .gid(gid)
        .deviceNumber(0)
        .times(
            Math.floorDiv(micros, MICROS_PER_SECOND),
            (int) TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, MICROS_PER_SECOND)));
  }

  /** How many units hold so many bytes. */
  static long unitsOf(final long bytes, final int unit) {
    return bytes / unit + (bytes % unit == 0 ? 0 : 1);
  }

  /**
   * Whether the caller may read or execute, by the rules of path_resolution(7). The kernel does not
   * tell which other groups the caller is in; group and others have the same rights here.
   *
   * @param mask of R_OK 4 and X_OK 1
   */
  boolean isAllowed(final Request request, final long ino, final int mask) {
    final int mode = tree.mode(ino);
    if (request.uid() == 0) {
      return (mask & X_OK) == 0 || tree.isDirectory(ino) || (mode & ALL_EXECUTE_BITS) != 0;
    }
    final int shift;
    if (request.uid() == uid) {
      shift = OWNER_SHIFT;
    } else {
      shift = request.gid() == gid ? GROUP_SHIFT : 0;
    }
    return ((mode >> shift) & mask) == mask;
  }
}
