package dev.slabmount.vfs;

import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Entry;
import dev.slabmount.vfs.tree.InodeTree;
import org.jspecify.annotations.Nullable;

/**
 * Fills the answers to readdir and readdirplus.
 *
 * <p>A cookie is the position of what comes next: 0 is {@code .}, 1 is {@code ..}, 2 the first
 * child. Children are a range of inode numbers that never changes, so cookies stay good for ever.
 *
 * <p>Immutable; any thread. Allocates nothing.
 */
final class DirectoryListing {

  private static final byte[] DOTS = {'.', '.'};
  private static final long FIRST_CHILD_POSITION = 2;

  private final InodeTree tree;
  private final TreeAttributes attributes;

  DirectoryListing(final InodeTree tree, final TreeAttributes attributes) {
    this.tree = tree;
    this.attributes = attributes;
  }

  /**
   * Adds entries from {@code position} on until the buffer is full or the listing ends.
   *
   * @param entry scratch for a listing with attributes, or null for a plain one
   */
  void fill(
      final DirectoryBuffer buffer,
      final long directory,
      final long position,
      final @Nullable Entry entry) {
    final long end = FIRST_CHILD_POSITION + tree.childCount(directory);
    for (long at = position; at < end; at++) {
      if (!add(buffer, directory, at, entry)) {
        return;
      }
    }
  }

  private boolean add(
      final DirectoryBuffer buffer,
      final long directory,
      final long position,
      final @Nullable Entry entry) {
    final boolean isChild = position >= FIRST_CHILD_POSITION;
    final long ino = isChild ? child(directory, position) : dots(directory, position);
    final byte[] names = isChild ? tree.names() : DOTS;
    final int start = isChild ? tree.nameStart(ino) : 0;
    final int length = isChild ? tree.nameLength(ino) : (int) position + 1;
    return entry == null
        ? buffer.add(names, start, length, ino, tree.mode(ino), position + 1)
        : buffer.addPlus(names, start, length, attributes.fill(entry, ino), position + 1);
  }

  private long child(final long directory, final long position) {
    return tree.firstChild(directory) + position - FIRST_CHILD_POSITION;
  }

  private long dots(final long directory, final long position) {
    return position == 0 ? directory : tree.parent(directory);
  }
}
