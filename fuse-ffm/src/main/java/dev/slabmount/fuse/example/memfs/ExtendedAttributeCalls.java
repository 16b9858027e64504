package dev.slabmount.fuse.example.memfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked of extended attributes. There are those of users, of trusted programs and
 * of security; ACLs ({@code system.}) there are not, because the kernel would have to heed them.
 * Who may read or change which is left to the kernel. Thread-safe.
 */
final class ExtendedAttributeCalls {
  private static final byte[] USER = ascii("user.");
  private static final byte[] TRUSTED = ascii("trusted.");
  private static final byte[] SECURITY = ascii("security.");

  private final MemFsOptions options;
  private final WallClock clock;
  private final HeapRoom room;

  ExtendedAttributeCalls(MemFsOptions options, WallClock clock, HeapRoom room) {
    this.options = options;
    this.clock = clock;
    this.room = room;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  void set(Request request, @Nullable Node node, Name name, int flags) {
    int refused = refuse(node, name);
    if (node == null || refused != 0) {
      request.reply().error(refused);
      return;
    }
    byte[] value = request.dataLength() == 0 ? new byte[0] : request.data().toArray(JAVA_BYTE);
    long stamp = node.lock.writeLock();
    try {
      if (node.extended == null) {
        node.extended = new ExtendedAttributes(room);
      }
      refused = node.extended.set(name, value, flags);
      if (refused == 0) {
        node.changedAt(clock.now());
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    request.reply().error(refused);
  }

  void get(Request request, @Nullable Node node, Name name, int size) {
    int refused = refuse(node, name);
    if (node == null || refused != 0) {
      request.reply().error(refused);
      return;
    }
    byte[] value;
    long stamp = node.lock.readLock();
    try {
      value = node.extended == null ? null : node.extended.get(name);
    } finally {
      node.lock.unlockRead(stamp);
    }
    if (value == null) {
      request.reply().error(Errno.ENODATA);
    } else {
      answer(request, value, size);
    }
  }

  void list(Request request, @Nullable Node node, int size) {
    int refused = refuse(node, null);
    if (node == null || refused != 0) {
      request.reply().error(refused);
      return;
    }
    byte[] all;
    long stamp = node.lock.readLock();
    try {
      // What a trusted program keeps there is nobody else's business: xattr(7).
      all =
          node.extended == null
              ? new byte[0]
              : node.extended.list(request.uid() == 0 ? null : TRUSTED);
    } finally {
      node.lock.unlockRead(stamp);
    }
    answer(request, all, size);
  }

  void remove(Request request, @Nullable Node node, Name name) {
    int refused = refuse(node, name);
    if (node == null || refused != 0) {
      request.reply().error(refused);
      return;
    }
    long stamp = node.lock.writeLock();
    try {
      refused = node.extended == null ? Errno.ENODATA : node.extended.remove(name);
      if (refused == 0) {
        node.changedAt(clock.now());
      }
    } finally {
      node.lock.unlockWrite(stamp);
    }
    request.reply().error(refused);
  }

  /** Why there is no such attribute of such a node; 0 if there may be one. */
  private int refuse(@Nullable Node node, @Nullable Name name) {
    if (!options.extendedAttributes) {
      return Errno.ENOSYS; // on purpose: the kernel does without them from now on
    }
    if (node == null) {
      return Errno.ENOENT;
    }
    return name == null
            || startsWith(name, USER)
            || startsWith(name, TRUSTED)
            || startsWith(name, SECURITY)
        ? 0
        : Errno.EOPNOTSUPP;
  }

  private static boolean startsWith(Name name, byte[] prefix) {
    return name.length() >= prefix.length
        && Arrays.equals(name.array(), 0, prefix.length, prefix, 0, prefix.length);
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
}
