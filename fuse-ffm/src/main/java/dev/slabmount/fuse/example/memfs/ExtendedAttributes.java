package dev.slabmount.fuse.example.memfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The extended attributes of one node, few and small. Guarded by the lock of the node. */
final class ExtendedAttributes {
  private static final int CREATE = 1; // XATTR_CREATE, sys/xattr.h
  private static final int REPLACE = 2;
  private static final int BYTES_MAX = 1 << 18; // of one node, on the heap
  private static final byte[] CAPABILITIES =
      "security.capability".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] SYSTEM = "system.".getBytes(StandardCharsets.US_ASCII);

  private final List<byte[]> names = new ArrayList<>(2);
  private final List<byte[]> values = new ArrayList<>(2);
  private int bytes;

  /** Answers a setxattr. */
  static void set(Request request, Node node, Name name, int flags, long now) {
    if (startsWith(name, SYSTEM)) {
      request.reply().error(Errno.EOPNOTSUPP); // ACLs, which the kernel would have to heed
      return;
    }
    byte[] value = request.dataLength() == 0 ? new byte[0] : request.data().toArray(JAVA_BYTE);
    int refused;
    long stamp = node.lock.writeLock();
    try {
      if (node.extended == null) {
        node.extended = new ExtendedAttributes();
      }
      refused = node.extended.set(name, value, flags);
      if (refused == 0) {
        node.changedAt(now);
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    request.reply().error(refused);
  }

  /** Answers a getxattr. */
  static void get(Request request, Node node, Name name, int size) {
    byte[] value;
    long stamp = node.lock.readLock();
    try {
      value = node.extended == null ? null : node.extended.get(name);
    } finally {
      node.lock.unlockRead(stamp);
    }
    if (startsWith(name, SYSTEM)) {
      request.reply().error(Errno.EOPNOTSUPP);
    } else if (value == null) {
      request.reply().error(Errno.ENODATA);
    } else {
      answer(request, value, size);
    }
  }

  /** Answers a listxattr. */
  static void list(Request request, Node node, int size) {
    byte[] all;
    long stamp = node.lock.readLock();
    try {
      all = node.extended == null ? new byte[0] : node.extended.list();
    } finally {
      node.lock.unlockRead(stamp);
    }
    answer(request, all, size);
  }

  /** Answers a removexattr. */
  static void remove(Request request, Node node, Name name, long now) {
    int refused;
    long stamp = node.lock.writeLock();
    try {
      refused = node.extended == null ? Errno.ENODATA : node.extended.remove(name);
      if (refused == 0) {
        node.changedAt(now);
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    request.reply().error(refused);
  }

  private static void answer(Request request, byte[] value, int size) {
    if (size == 0) {
      request.reply().valueSize(value.length);
    } else if (value.length > size) {
      request.reply().error(Errno.ERANGE);
    } else {
      request.reply().data(value, 0, value.length);
    }
  }

  private static boolean startsWith(Name name, byte[] prefix) {
    return name.length() >= prefix.length
        && Arrays.equals(name.array(), 0, prefix.length, prefix, 0, prefix.length);
  }

  private int set(Name name, byte[] value, int flags) {
    int at = indexOf(name);
    if (at >= 0 && flags == CREATE) {
      return Errno.EEXIST;
    }
    if (at < 0 && flags == REPLACE) {
      return Errno.ENODATA;
    }
    int more = at >= 0 ? value.length - values.get(at).length : name.length() + 1 + value.length;
    if (bytes + more > BYTES_MAX) {
      return Errno.ENOSPC;
    }
    if (at >= 0) {
      values.set(at, value);
    } else {
      names.add(name.toByteArray());
      values.add(value);
    }
    bytes += more;
    return 0;
  }

  private byte @Nullable [] get(Name name) {
    int at = indexOf(name);
    return at < 0 ? null : values.get(at);
  }

  private int remove(Name name) {
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

  /** All names, each ended by a NUL. */
  private byte[] list() {
    int length = 0;
    for (byte[] name : names) {
      length += name.length + 1;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] name : names) {
      System.arraycopy(name, 0, all, at, name.length);
      at += name.length + 1;
    }
    return all;
  }

  private void removeAt(int at) {
    bytes -= names.remove(at).length + 1 + values.remove(at).length;
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
