package dev.slabmount.fuse.example.memfs;

import dev.slabmount.fuse.AttributeChanges;
import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Request;
import org.jspecify.annotations.Nullable;

/**
 * A POSIX filesystem in memory: what a filesystem for this binding looks like, complete and small.
 * The package's documentation says how it works; mount it with {@code default_permissions}, because
 * it leaves permissions to the kernel.
 *
 * <p>Files need no handle: what is open has lookup counts. Flush, fsync and access are not offered,
 * because there is nothing to do; the kernel asks once, gets ENOSYS and then takes all of them for
 * successes. Locks, by not being offered, are the kernel's own.
 *
 * <p>Thread-safe. Reads share the file's lock until they are answered, because the kernel copies
 * straight from the file's memory; a read, write, getattr or lookup allocates nothing.
 */
public final class MemFs implements FileSystem {
  private static final int NAME_BYTES_MAX = 255;
  private static final int HEAP_BYTES_PER_NODE = 1024;

  private final MemFsOptions options;
  private final WallClock clock = new WallClock();
  private final FileMemory memory;
  private final Nodes nodes;
  private final Tree tree;
  private final FileCalls files;

  /** Creates an empty filesystem, whose root belongs to root. */
  public MemFs(MemFsOptions options) {
    this(options, 0, 0);
  }

  /** Creates an empty filesystem, whose root belongs to somebody. */
  public MemFs(MemFsOptions options, int uid, int gid) {
    this.options = options;
    memory = new FileMemory(options.sizeBytes);
    nodes =
        new Nodes(
            (int)
                Math.min(
                    Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_NODE, Integer.MAX_VALUE));
    tree = new Tree(nodes, clock);
    files = new FileCalls(options, clock);
    nodes.make(new Node.Birth(memory, Mode.DIRECTORY | 0755, uid, gid, 0, clock.now()), null);
  }

  @Override
  public void init(Connection connection) {
    if (options.killPrivileges) {
      connection.enable(Feature.HANDLE_KILLPRIV_V2);
    }
    if (options.writebackCache) {
      connection.enable(Feature.WRITEBACK_CACHE);
    }
    connection.enable(Feature.CACHE_SYMLINKS);
  }

  @Override
  public void destroy() {
    memory.close();
  }

  @Override
  public void lookup(Request request, long parent, Name name) {
    Names names = names(request, parent, name);
    if (names == null) {
      return;
    }
    Node node;
    long stamp = names.lock.readLock();
    try {
      node = names.get(name);
      if (node != null) {
        node.addLookups(1); // while it has a name, so that nobody removes it before
      }
    } finally {
      names.lock.unlockRead(stamp);
    }
    if (node != null) {
      answerEntry(request, node);
    } else if (options.negativeNanos > 0) {
      request.reply().entry(request.entry().entryTimeoutNanos(options.negativeNanos));
    } else {
      request.reply().error(Errno.ENOENT);
    }
  }

  /** The names of a directory that may have such a name; null if an error was answered. */
  private @Nullable Names names(Request request, long ino, @Nullable Name name) {
    Node directory = nodes.get(ino);
    if (directory != null && directory.names != null && !isTooLong(name)) {
      return directory.names;
    }
    int refused = directory == null ? Errno.ENOENT : Errno.ENOTDIR;
    request.reply().error(isTooLong(name) ? Errno.ENAMETOOLONG : refused);
    return null;
  }

  private static boolean isTooLong(@Nullable Name name) {
    return name != null && name.length() > NAME_BYTES_MAX;
  }

  /** Answers with a node that a lookup count was taken of; does nothing if there is none. */
  private void answerEntry(Request request, @Nullable Node node) {
    if (node != null && !request.reply().entry(node.describe(request.entry(), options))) {
      nodes.forget(node, 1);
    }
  }

  @Override
  public void forget(long ino, long count) {
    Node node = nodes.get(ino);
    if (node != null) {
      nodes.forget(node, count);
    }
  }

  @Override
  public void getattr(Request request, long ino, long fh) {
    Node node = nodes.get(ino);
    if (node == null) {
      request.reply().error(Errno.ENOENT);
      return;
    }
    node.describe(request.attributes());
    request.reply().attributes(request.attributes(), options.attributeNanos);
  }

  @Override
  public void setattr(Request request, long ino, long fh, AttributeChanges changes) {
    Node node = nodes.get(ino);
    boolean resizes = changes.has(AttributeChanges.SIZE_VALID);
    if (node == null || (resizes && changes.size() > Content.MAX_BYTES)) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EFBIG);
      return;
    }
    long now = clock.now();
    long stamp = node.lock.writeLock();
    try {
      if (resizes) {
        node.resize(changes.size());
      }
      node.apply(changes, now);
    } finally {
      node.lock.unlockWrite(stamp);
    }
    node.describe(request.attributes());
    request.reply().attributes(request.attributes(), options.attributeNanos);
  }

  @Override
  public void readlink(Request request, long ino) {
    Node node = nodes.get(ino);
    if (node == null || node.target == null) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EINVAL);
      return;
    }
    node.accessed(clock.now());
    request.reply().target(node.target, 0, node.target.length);
  }

  @Override
  public void mknod(Request request, long parent, Name name, int mode, int deviceNumber) {
    answerEntry(request, make(request, parent, name, mode, deviceNumber, null));
  }

  @Override
  public void mkdir(Request request, long parent, Name name, int mode) {
    answerEntry(request, make(request, parent, name, Mode.DIRECTORY | mode, 0, null));
  }

  @Override
  public void symlink(Request request, long parent, Name name, Name target) {
    answerEntry(request, make(request, parent, name, Mode.LINK | 0777, 0, target.toByteArray()));
  }

  @Override
  public void create(Request request, long parent, Name name, int mode, int flags) {
    Node node = make(request, parent, name, mode, 0, null);
    if (node != null
        && !request
            .reply()
            .created(node.describe(request.entry(), options), files.opened(request))) {
      nodes.forget(node, 1);
    }
  }

  /** Makes a node with a name and a lookup count; null if an error was answered instead. */
  private @Nullable Node make(
      Request request, long parent, Name name, int mode, int device, byte @Nullable [] target) {
    Node directory = nodes.get(parent);
    if (directory == null || names(request, parent, name) == null) {
      return null;
    }
    boolean inherits = (directory.mode() & Mode.SET_GROUP_ID) != 0;
    boolean passesOn = inherits && (mode & Mode.TYPE) == Mode.DIRECTORY;
    Node node =
        nodes.make(
            new Node.Birth(
                memory,
                passesOn ? mode | Mode.SET_GROUP_ID : mode,
                request.uid(),
                inherits ? directory.gid() : request.gid(),
                device,
                clock.now()),
            target);
    if (node == null) {
      request.reply().error(Errno.ENOSPC);
      return null;
    }
    node.addLookups(1);
    int refused = tree.add(directory, name, node);
    if (refused == 0) {
      return node;
    }
    node.linked(clock.now(), -node.links);
    nodes.forget(node, 1);
    request.reply().error(refused);
    return null;
  }

  @Override
  public void unlink(Request request, long parent, Name name) {
    Node directory = nodes.get(parent);
    request.reply().error(directory == null ? Errno.ENOENT : tree.unlink(directory, name));
  }

  @Override
  public void rmdir(Request request, long parent, Name name) {
    Node directory = nodes.get(parent);
    request.reply().error(directory == null ? Errno.ENOENT : tree.rmdir(directory, name));
  }

  @Override
  public void rename(
      Request request, long parent, Name name, long newParent, Name newName, int flags) {
    Node from = nodes.get(parent);
    Node to = nodes.get(newParent);
    if (names(request, parent, name) == null
        || from == null
        || names(request, newParent, newName) == null
        || to == null) {
      return;
    }
    request.reply().error(tree.rename(from, name, to, newName, flags));
  }

  @Override
  public void link(Request request, long ino, long newParent, Name newName) {
    Node node = nodes.get(ino);
    Node directory = nodes.get(newParent);
    if (names(request, newParent, newName) == null || directory == null) {
      return;
    }
    int refused = node == null ? Errno.ENOENT : tree.link(node, directory, newName);
    if (refused == 0 && node != null) {
      node.addLookups(1);
      answerEntry(request, node);
    } else {
      request.reply().error(refused);
    }
  }

  @Override
  public void open(Request request, long ino, int flags) {
    files.open(request, nodes.get(ino), flags);
  }

  @Override
  public void read(Request request, long ino, long fh, long offset, int length) {
    files.read(request, nodes.get(ino), offset, length);
  }

  @Override
  public void write(Request request, long ino, long fh, long offset, int length) {
    files.write(request, nodes.get(ino), offset, length);
  }

  @Override
  public void fallocate(Request request, long ino, long fh, long offset, long length, int mode) {
    files.fallocate(request, nodes.get(ino), offset, length, mode);
  }

  @Override
  public void lseek(Request request, long ino, long fh, long offset, int whence) {
    files.seek(request, nodes.get(ino), offset, whence);
  }

  @Override
  public void copyFileRange(
      Request request,
      long ino,
      long fh,
      long offset,
      long toIno,
      long toFh,
      long toOffset,
      long length,
      int flags) {
    files.copy(request, nodes.get(ino), offset, nodes.get(toIno), toOffset, length);
  }

  @Override
  public void opendir(Request request, long ino, int flags) {
    OpenedFile file = request.openedFile();
    request
        .reply()
        .opened(file.cacheReaddir(options.cacheListings).keepCache(options.cacheListings));
  }

  @Override
  public void readdir(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    Node node = nodes.get(ino);
    if (names(request, ino, null) != null && node != null) {
      Listing.answer(request, node, offset, buffer);
      node.accessed(clock.now());
    }
  }

  @Override
  public void readdirplus(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    Node node = nodes.get(ino);
    if (names(request, ino, null) != null && node != null) {
      Listing.answerPlus(request, node, offset, buffer, options);
      node.accessed(clock.now());
    }
  }

  @Override
  public void statfs(Request request, long ino) {
    FileSystemFigures figures = request.figures();
    long free = memory.freeBytes() / FileMemory.PAGE_BYTES;
    request
        .reply()
        .figures(
            figures
                .blockSize(FileMemory.PAGE_BYTES)
                .ioSize(FileMemory.PAGE_BYTES)
                .blocks(memory.limitBytes() / FileMemory.PAGE_BYTES)
                .blocksFree(free)
                .blocksAvailable(free)
                .files(nodes.limit())
                .filesFree(nodes.limit() - nodes.living())
                .nameLengthMax(NAME_BYTES_MAX));
  }

  @Override
  public void setxattr(Request request, long ino, Name name, int flags) {
    Node node = node(request, ino);
    if (node != null) {
      ExtendedAttributes.set(request, node, name, flags, clock.now());
    }
  }

  @Override
  public void getxattr(Request request, long ino, Name name, int size) {
    Node node = node(request, ino);
    if (node != null) {
      ExtendedAttributes.get(request, node, name, size);
    }
  }

  @Override
  public void listxattr(Request request, long ino, int size) {
    Node node = node(request, ino);
    if (node != null) {
      ExtendedAttributes.list(request, node, size);
    }
  }

  @Override
  public void removexattr(Request request, long ino, Name name) {
    Node node = node(request, ino);
    if (node != null) {
      ExtendedAttributes.remove(request, node, name, clock.now());
    }
  }

  /** The node that a call about extended attributes names; null if an error was answered. */
  private @Nullable Node node(Request request, long ino) {
    Node node = nodes.get(ino);
    if (node == null || !options.extendedAttributes) {
      // ENOSYS on purpose: the kernel does without them from now on.
      request.reply().error(options.extendedAttributes ? Errno.ENOENT : Errno.ENOSYS);
      return null;
    }
    return node;
  }
}
