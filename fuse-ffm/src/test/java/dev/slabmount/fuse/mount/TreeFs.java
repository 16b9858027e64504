package dev.slabmount.fuse.mount;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.Request;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A small tree in memory that does what it is asked and writes down every request it gets. Names
 * are kept as Latin-1 strings, one char per byte. Slow and simple: one lock around all.
 */
abstract class TreeFs implements FileSystem {
  static final long TIME = 1_600_000_000L;
  private static final int FORMAT = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int SYMLINK = 0120000;

  /** A request, as it arrived. */
  record Call(String what, int uid, int gid, int pid, int umask, int openFlags, long lockOwner) {}

  /** An inode. */
  static final class Node {
    int mode;
    int uid;
    int gid;
    int device;
    int links = 1;
    byte[] content = {};
    String target = "";
    long accessSeconds = TIME;
    int accessNanos;
    long modifySeconds = TIME;
    int modifyNanos;
    final Map<String, Long> children = new TreeMap<>();
    final Map<String, byte[]> attributes = new TreeMap<>();
  }

  final List<Call> calls = new CopyOnWriteArrayList<>();
  final Map<Long, Node> nodes = new ConcurrentHashMap<>();
  final Set<Feature> without = EnumSet.noneOf(Feature.class);
  final Set<Feature> with = EnumSet.noneOf(Feature.class);
  long entryTimeoutNanos;
  long attributesTimeoutNanos;
  boolean rememberMissing;
  volatile Notifier kernel;
  private final AtomicLong nextIno = new AtomicLong(2);

  TreeFs() {
    Node root = new Node();
    root.mode = DIRECTORY | 0755;
    nodes.put(ROOT, root);
  }

  /** Makes a file in the root before or while it is mounted, and returns its inode number. */
  long file(String name, byte[] content) {
    return add(ROOT, name, REGULAR | 0644, content);
  }

  final synchronized long add(long parent, String name, int mode, byte[] content) {
    long ino = nextIno.getAndIncrement();
    Node node = new Node();
    node.mode = mode;
    node.content = content;
    nodes.put(ino, node);
    nodes.get(parent).children.put(name, ino);
    return ino;
  }

  void record(Request r, String what) {
    calls.add(new Call(what, r.uid(), r.gid(), r.pid(), r.umask(), r.openFlags(), r.lockOwner()));
  }

  static String text(Name name) {
    return new String(name.array(), 0, name.length(), StandardCharsets.ISO_8859_1);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Attributes fill(Attributes a, long ino) {
    Node node = nodes.get(ino);
    int size = (node.mode & FORMAT) == SYMLINK ? node.target.length() : node.content.length;
    return a.ino(ino)
        .mode(node.mode)
        .uid(node.uid)
        .gid(node.gid)
        .linkCount(node.links)
        .deviceNumber(node.device)
        .size(size)
        .blocks((size + 511) / 512)
        .blockSize(8192)
        .accessSeconds(node.accessSeconds)
        .accessNanos(node.accessNanos)
        .modifySeconds(node.modifySeconds)
        .modifyNanos(node.modifyNanos)
        .changeSeconds(TIME);
  }

  final Entry fill(Entry entry, long ino) {
    entry.ino(ino).generation(1).entryTimeoutNanos(entryTimeoutNanos);
    entry.attributesTimeoutNanos(attributesTimeoutNanos);
    fill(entry.attributes(), ino);
    return entry;
  }

  private void answerEntry(Request r, long ino) {
    r.reply().entry(fill(r.entry(), ino));
  }

  @Override
  public void init(Connection connection) {
    kernel = connection.notifier();
    with.forEach(connection::enable);
    without.forEach(connection::disable);
  }

  @Override
  public synchronized void lookup(Request r, long parent, Name name) {
    record(r, "lookup " + parent + " " + text(name));
    Long ino = nodes.get(parent).children.get(text(name));
    if (ino != null) {
      answerEntry(r, ino);
    } else if (rememberMissing) {
      r.reply().entry(r.entry().ino(0).entryTimeoutNanos(entryTimeoutNanos));
    } else {
      r.reply().error(Errno.ENOENT);
    }
  }

  @Override
  public void forget(long ino, long count) {
    calls.add(new Call("forget " + ino + " " + count, 0, 0, 0, 0, 0, 0));
  }

  @Override
  public synchronized void getattr(Request r, long ino, long fh) {
    record(r, "getattr " + ino + " " + fh);
    r.reply().attributes(fill(r.attributes(), ino), attributesTimeoutNanos);
  }

  @Override
  public synchronized void setattr(Request r, long ino, long fh, AttributeChanges c) {
    StringBuilder what = new StringBuilder("setattr " + ino + " " + fh);
    Node node = nodes.get(ino);
    if (c.has(AttributeChanges.MODE_VALID)) {
      what.append(" mode ").append(Integer.toOctalString(c.mode()));
      node.mode = (node.mode & FORMAT) | (c.mode() & ~FORMAT);
    }
    if (c.has(AttributeChanges.UID_VALID)) {
      what.append(" uid ").append(c.uid());
      node.uid = c.uid();
    }
    if (c.has(AttributeChanges.GID_VALID)) {
      what.append(" gid ").append(c.gid());
      node.gid = c.gid();
    }
    if (c.has(AttributeChanges.SIZE_VALID)) {
      what.append(" size ").append(c.size());
      node.content = Arrays.copyOf(node.content, (int) c.size());
    }
    if (c.has(AttributeChanges.ACCESS_TIME_NOW)) {
      what.append(" atime now");
    } else if (c.has(AttributeChanges.ACCESS_TIME_VALID)) {
      what.append(" atime ").append(c.accessSeconds()).append('.').append(c.accessNanos());
      node.accessSeconds = c.accessSeconds();
      node.accessNanos = c.accessNanos();
    }
    if (c.has(AttributeChanges.MODIFY_TIME_NOW)) {
      what.append(" mtime now");
    } else if (c.has(AttributeChanges.MODIFY_TIME_VALID)) {
      what.append(" mtime ").append(c.modifySeconds()).append('.').append(c.modifyNanos());
      node.modifySeconds = c.modifySeconds();
      node.modifyNanos = c.modifyNanos();
    }
    record(r, what.toString());
    r.reply().attributes(fill(r.attributes(), ino), attributesTimeoutNanos);
  }

  @Override
  public void readlink(Request r, long ino) {
    record(r, "readlink " + ino);
    byte[] target = bytes("-" + nodes.get(ino).target + "-");
    r.reply().target(target, 1, target.length - 2);
  }

  @Override
  public void mknod(Request r, long parent, Name name, int mode, int device) {
    record(r, "mknod %d %s %o %x".formatted(parent, text(name), mode, device));
    long ino = add(parent, text(name), mode, new byte[0]);
    nodes.get(ino).device = device;
    answerEntry(r, ino);
  }

  @Override
  public void mkdir(Request r, long parent, Name name, int mode) {
    record(r, "mkdir %d %s %o".formatted(parent, text(name), mode));
    answerEntry(r, add(parent, text(name), DIRECTORY | mode, new byte[0]));
  }

  @Override
  public synchronized void unlink(Request r, long parent, Name name) {
    record(r, "unlink " + parent + " " + text(name));
    nodes.get(parent).children.remove(text(name));
    r.reply().ok();
  }

  @Override
  public synchronized void rmdir(Request r, long parent, Name name) {
    record(r, "rmdir " + parent + " " + text(name));
    Node node = nodes.get(nodes.get(parent).children.get(text(name)));
    if (!node.children.isEmpty()) {
      r.reply().error(Errno.ENOTEMPTY);
      return;
    }
    nodes.get(parent).children.remove(text(name));
    r.reply().ok();
  }

  @Override
  public void symlink(Request r, long parent, Name name, Name target) {
    record(r, "symlink %d %s %s".formatted(parent, text(name), text(target)));
    long ino = add(parent, text(name), SYMLINK | 0777, new byte[0]);
    nodes.get(ino).target = text(target);
    answerEntry(r, ino);
  }

  @Override
  public synchronized void rename(
      Request r, long parent, Name name, long newParent, Name newName, int flags) {
    record(
        r, "rename %d %s %d %s %d".formatted(parent, text(name), newParent, text(newName), flags));
    Map<String, Long> from = nodes.get(parent).children;
    Map<String, Long> to = nodes.get(newParent).children;
    Long moved = from.remove(text(name));
    Long replaced = to.put(text(newName), moved);
    if (flags == 2 && replaced != null) {
      from.put(text(name), replaced);
    }
    r.reply().ok();
  }

  @Override
  public synchronized void link(Request r, long ino, long newParent, Name newName) {
    record(r, "link %d %d %s".formatted(ino, newParent, text(newName)));
    nodes.get(newParent).children.put(text(newName), ino);
    nodes.get(ino).links++;
    answerEntry(r, ino);
  }
}
