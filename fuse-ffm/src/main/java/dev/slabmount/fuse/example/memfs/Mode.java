package dev.slabmount.fuse.example.memfs;

/**
 * The bits of a mode and the flags that calls bring, as {@code stat.h} and {@code fcntl.h} number
 * them.
 */
final class Mode {
  /** The bits that say what a node is. */
  static final int TYPE = 0170000;

  /** A directory. */
  static final int DIRECTORY = 0040000;

  /** A regular file. */
  static final int FILE = 0100000;

  /** A symbolic link. */
  static final int LINK = 0120000;

  /** Permissions, with set-user-ID, set-group-ID and sticky. */
  static final int PERMISSIONS = 07777;

  /** Programs run as the file's owner. */
  static final int SET_USER_ID = 04000;

  /** Programs run as the file's group; what is made in a directory gets its group. */
  static final int SET_GROUP_ID = 02000;

  /** The group may run it. */
  static final int GROUP_EXECUTE = 0010;

  /** An open empties the file. */
  static final int O_TRUNC = 01000;

  private Mode() {}
}
