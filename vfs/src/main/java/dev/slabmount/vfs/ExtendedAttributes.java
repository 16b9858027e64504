package dev.slabmount.vfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.vfs.tree.InodeTree;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The one extended attribute that files have: {@link VfsFileSystem#HASH_ATTRIBUTE}.
 *
 * <p>The kernel keeps no extended attributes, so every question arrives here. Names outside {@code
 * user.} are answered with EOPNOTSUPP, "not on this filesystem", and not with ENODATA, "not on this
 * file": {@code ls -l} asks for {@code security.*} and {@code system.*} of each file, but not again
 * of a filesystem that has none.
 *
 * <p>Immutable; any thread.
 */
final class ExtendedAttributes {

  private static final byte[] HASH_NAME =
      VfsFileSystem.HASH_ATTRIBUTE.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NAME_LIST =
      (VfsFileSystem.HASH_ATTRIBUTE + "\0").getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USER_PREFIX = "user.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NOTHING = {};

  /** Hexadecimal digits of one hash. */
  private static final int HASH_DIGITS = 32;

  /** XATTR_SIZE_MAX of linux/limits.h. */
  private static final int VALUE_BYTES_MAX = 64 << 10;

  private final InodeTree tree;

  ExtendedAttributes(final InodeTree tree) {
    this.tree = tree;
  }

  /** Answers getxattr. Any bytes may come as a name, any number as an inode. */
  void get(final Request request, final long ino, final Name name, final int size) {
    if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
    } else if (!isUserAttribute(name)) {
      request.reply().error(Errno.EOPNOTSUPP);
    } else if (!tree.isRegular(ino) || !name.equalsRange(HASH_NAME, 0, HASH_NAME.length)) {
      request.reply().error(Errno.ENODATA);
    } else {
      final long length = (long) tree.objectCount(ino) * (HASH_DIGITS + 1) - 1;
      if (isValueWanted(request, length, size)) {
        request.reply().data(hashes(ino, (int) length), 0, (int) length);
      }
    }
  }

  /** Answers listxattr. */
  void list(final Request request, final long ino, final int size) {
    if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
    } else {
      final byte[] names = tree.isRegular(ino) ? NAME_LIST : NOTHING;
      if (isValueWanted(request, names.length, size)) {
        request.reply().data(names, 0, names.length);
      }
    }
  }

  private static boolean isUserAttribute(final Name name) {
    return name.length() >= USER_PREFIX.length
        && Arrays.equals(name.array(), 0, USER_PREFIX.length, USER_PREFIX, 0, USER_PREFIX.length);
  }

  private byte[] hashes(final long ino, final int length) {
    final StringBuilder text = new StringBuilder(length).append(tree.hash(ino, 0));
    for (int i = 1; i < tree.objectCount(ino); i++) {
      text.append(',').append(tree.hash(ino, i));
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Answers all but a request for the value itself that has room for it. */
  private static boolean isValueWanted(final Request request, final long length, final int size) {
    if (length > VALUE_BYTES_MAX) {
      request.reply().error(Errno.E2BIG);
    } else if (size == 0) {
      request.reply().valueSize((int) length);
    } else if (size < length) {
      request.reply().error(Errno.ERANGE);
    } else {
      return true;
    }
    return false;
  }
}
