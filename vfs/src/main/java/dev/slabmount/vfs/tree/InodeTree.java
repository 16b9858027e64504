package dev.slabmount.vfs.tree;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * All inodes of a mounted tree; see the package for the layout.
 *
 * <p>Immutable; any thread. Every method but {@link #path} and {@link #hash} takes constant time
 * and allocates nothing; {@link #lookup} takes the logarithm of the directory's size. About 45
 * bytes of heap and the name for each inode.
 *
 * <p>Inode numbers come from the kernel, which may send any: ask {@link #exists} first. All other
 * methods require an inode that exists and, where the comment says so, one of the right kind.
 */
public final class InodeTree {

  /** The root's number. */
  public static final long ROOT = 1;

  /** Answer of {@link #lookup} when there is no such name. */
  public static final long ABSENT = 0;

  /** {@code S_IFMT} of {@code linux/stat.h}: the bits of a mode that hold the kind. */
  public static final int KIND_MASK = 0170000;

  /** {@code S_IFDIR}. */
  public static final int DIRECTORY = 0040000;

  /** {@code S_IFREG}. */
  public static final int REGULAR = 0100000;

  /** {@code S_IFLNK}. */
  public static final int SYMLINK = 0120000;

  private final TreeColumns columns;

  InodeTree(final TreeColumns columns) {
    this.columns = columns;
  }

  /** How many inodes there are, the root included. Numbers are 1 to this. */
  public int count() {
    return columns.count;
  }

  /** How many of them are regular files. */
  public int fileCount() {
    return columns.fileCount;
  }

  /** The sizes of all regular files together, in bytes. */
  public long totalSize() {
    return columns.totalSize;
  }

  /** Whether the number is that of an inode. */
  public boolean exists(final long ino) {
    return ino >= ROOT && ino <= columns.count;
  }

  /** Kind and permission bits, as in {@code st_mode}. */
  public int mode(final long ino) {
    return columns.modes[(int) ino] & 0xffff;
  }

  /** Whether the inode is a directory. */
  public boolean isDirectory(final long ino) {
    return (mode(ino) & KIND_MASK) == DIRECTORY;
  }

  /** Whether the inode is a regular file. */
  public boolean isRegular(final long ino) {
    return (mode(ino) & KIND_MASK) == REGULAR;
  }

  /** Whether the inode is a symbolic link. */
  public boolean isSymlink(final long ino) {
    return (mode(ino) & KIND_MASK) == SYMLINK;
  }

  /** Bytes of a file, length of a link's target in bytes, 0 for a directory. */
  public long size(final long ino) {
    return columns.sizes[(int) ino];
  }

  /**
   * Modification time in microseconds since the epoch. A manifest has times for files only: a
   * directory shows the newest time of any file below it, or 0 if there is none, and a link shows
   * 0.
   */
  public long mtimeMicros(final long ino) {
    return columns.mtimes[(int) ino];
  }

  /** 2 and the number of its subdirectories for a directory, else 1. */
  public int linkCount(final long ino) {
    return isDirectory(ino) ? 2 + (int) columns.highs[(int) ino] : 1;
  }

  /** The directory that holds the inode; the root is its own parent. */
  public long parent(final long ino) {
    return columns.parents[(int) ino];
  }

  /** The first child's number; the others follow it, {@link #childCount} in all. */
  public long firstChild(final long directory) {
    return columns.childStarts[(int) directory];
  }

  /** How many children a directory has; 0 for everything else. */
  public int childCount(final long directory) {
    return columns.childStarts[(int) directory + 1] - columns.childStarts[(int) directory];
  }

  /**
   * Finds a child by the bytes {@code name[offset, offset + length)}.
   *
   * @return its number, or {@link #ABSENT}
   */
  public long lookup(final long directory, final byte[] name, final int offset, final int length) {
    int low = columns.childStarts[(int) directory];
    int high = columns.childStarts[(int) directory + 1] - 1;
    while (low <= high) {
      final int middle = (low + high) >>> 1;
      final int order =
          Arrays.compareUnsigned(
              columns.names,
              columns.nameStarts[middle],
              columns.nameStarts[middle + 1],
              name,
              offset,
              offset + length);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return ABSENT;
  }

  /** The array that holds all names. Callers read it and never change it. */
  public byte[] names() {
    return columns.names;
  }

  /** Where in {@link #names} the inode's name begins. The root's name is empty. */
  public int nameStart(final long ino) {
    return columns.nameStarts[(int) ino];
  }

  /** Bytes of the inode's name. */
  public int nameLength(final long ino) {
    return columns.nameStarts[(int) ino + 1] - columns.nameStarts[(int) ino];
  }

  /** The array that holds the targets of all links. Callers read it and never change it. */
  public byte[] targets() {
    return columns.targets;
  }

  /** Where in {@link #targets} the target of a link begins; {@link #size} bytes long. */
  public int targetStart(final long symlink) {
    return (int) columns.highs[(int) symlink];
  }

  /** Of how many objects a file's content is made; at least 1, even if it is empty. */
  public int objectCount(final long file) {
    return columns.isChunked(file) ? (int) columns.lows[(int) file] : 1;
  }

  /**
   * Length in bytes of every object of a file but the last: {@link Manifest#CHUNK_BYTES}, or the
   * whole size if there is only one.
   */
  public long objectStride(final long file) {
    return columns.isChunked(file) ? Manifest.CHUNK_BYTES : size(file);
  }

  /** Upper half of the hash of object {@code index} of a file. */
  public long objectHigh(final long file, final int index) {
    return columns.isChunked(file)
        ? columns.chunkHashes[2 * ((int) columns.highs[(int) file] + index)]
        : columns.highs[(int) file];
  }

  /** Lower half of the hash of object {@code index} of a file. */
  public long objectLow(final long file, final int index) {
    return columns.isChunked(file)
        ? columns.chunkHashes[2 * ((int) columns.highs[(int) file] + index) + 1]
        : columns.lows[(int) file];
  }

  /** The hash of object {@code index} of a file. Allocates. */
  public ContentHash hash(final long file, final int index) {
    return new ContentHash(objectHigh(file, index), objectLow(file, index));
  }

  /**
   * The full path of an inode below the root, for messages; empty for the root. Allocates, and
   * takes time in proportion to the depth.
   */
  public String path(final long ino) {
    if (ino == ROOT) {
      return "";
    }
    final String name =
        new String(columns.names, nameStart(ino), nameLength(ino), StandardCharsets.UTF_8);
    return parent(ino) == ROOT ? name : path(parent(ino)) + "/" + name;
  }
}
