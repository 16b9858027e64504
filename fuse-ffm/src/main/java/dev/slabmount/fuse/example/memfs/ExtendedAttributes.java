package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The extended attributes of one node, few and small, on the heap. Guarded by the lock of the node.
 * Each method that changes does all or nothing.
 */
final class ExtendedAttributes {
  /** The attribute must be new: {@code XATTR_CREATE}, sys/xattr.h. */
  static final int CREATE = 1;

  /** The attribute must be there. */
  static final int REPLACE = 2;

  /** What all attributes of one node together may take, names and values. */
  static final int BYTES_MAX = 1 << 18;

  private static final int OVERHEAD_BYTES = 64; // of two arrays and their places
  private static final byte[] CAPABILITIES =
      "security.capability".getBytes(StandardCharsets.US_ASCII);

  private final HeapRoom room;
  private final ArrayList<byte[]> names = new ArrayList<>(2);
  private final ArrayList<byte[]> values = new ArrayList<>(2);
  private int bytes;

  /** Creates none, that will take their room from {@code room}. */
  ExtendedAttributes(HeapRoom room) {
    this.room = room;
  }

  /** Sets one; returns 0 or an {@link Errno}. Keeps {@code value}. */
  int set(Name name, byte[] value, int flags) {
    int at = indexOf(name);
    if (at >= 0 && (flags & CREATE) != 0) {
      return Errno.EEXIST;
    }
    if (at < 0 && (flags & REPLACE) != 0) {
      return Errno.ENODATA;
    }
    if (at >= 0) {
      if (!take(value.length - values.get(at).length)) {
        return Errno.ENOSPC;
      }
      values.set(at, value);
      return 0;
    }
    byte[] key = name.toByteArray(); // first, as the lists' places: a full heap shows here
    names.ensureCapacity(names.size() + 1);
    values.ensureCapacity(values.size() + 1);
    if (!take(OVERHEAD_BYTES + key.length + value.length)) {
      return Errno.ENOSPC;
    }
    names.add(key);
    values.add(value);
    return 0;
  }

  private boolean take(int more) {
    boolean fits = bytes + more <= BYTES_MAX && room.take(more);
    bytes += fits ? more : 0;
    return fits;
  }

  /** The value of one, not to be changed; null if there is none of that name. */
  byte @Nullable [] get(Name name) {
    int at = indexOf(name);
    return at < 0 ? null : values.get(at);
  }

  /** Removes one; returns 0 or an {@link Errno}. */
  int remove(Name name) {
    int at = indexOf(name);
    if (at < 0) {
      return Errno.ENODATA;
    }
    removeAt(at);
    return 0;
  }

  /** Removes what would let others run the file with rights of its own. */
  void removeCapabilities() {
    for (int i = 0; i < names.size(); i++) {
      if (Arrays.equals(names.get(i), CAPABILITIES)) {
        removeAt(i);
        return;
      }
    }
  }

  /** Removes all of them. */
  void clear() {
    while (!names.isEmpty()) {
      removeAt(names.size() - 1);
    }
  }

  /** The names, each ended by a NUL, but for those that begin with {@code without}. */
  byte[] list(byte @Nullable [] without) {
    int length = 0;
    for (byte[] name : names) {
      length += isHidden(name, without) ? 0 : name.length + 1;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] name : names) {
      if (!isHidden(name, without)) {
        System.arraycopy(name, 0, all, at, name.length);
        at += name.length + 1;
      }
    }
    return all;
  }

  private static boolean isHidden(byte[] name, byte @Nullable [] without) {
    return without != null
        && name.length >= without.length
        && Arrays.equals(name, 0, without.length, without, 0, without.length);
  }

  private void removeAt(int at) {
    int less = OVERHEAD_BYTES + names.remove(at).length + values.remove(at).length;
    bytes -= less;
    room.give(less);
  }

  private int indexOf(Name name) {
    for (int i = 0; i < names.size(); i++) {
      if (name.equalsRange(names.get(i), 0, names.get(i).length)) {
        return i;
      }
    }
    return -1;
  }
}
