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

  private final MemFsOptions options;
  private final WallClock clock = new WallClock();
  private final FileMemory memory;
  private final HeapRoom room;
  private final Nodes nodes;
  private final Tree tree;
  private final Births births;
  private final FileCalls files;
  private final ExtendedAttributeCalls extended;

  /** Creates an empty filesystem, whose root belongs to root. */
  public MemFs(MemFsOptions options) {
    this(options, 0, 0);
  }

  /** Creates an empty filesystem, whose root belongs to somebody. */
  public MemFs(MemFsOptions options, int uid, int gid) {
    this.options = options;
    room = new HeapRoom(options.heapBytes);
    memory = new FileMemory(options.sizeBytes, room);
    nodes = new Nodes(room);
    tree = new Tree(nodes, room, clock);
    births = new Births(memory, nodes, tree, clock);
    files = new FileCalls(options, clock);
    extended = new ExtendedAttributeCalls(options, clock, room);
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
    if (options.directIo) {
      connection.enable(Feature.DIRECT_IO_ALLOW_MMAP);
    }
    connection.enable(Feature.CACHE_SYMLINKS);
  }

  @Override
  public void destroy() {
    memory.close();
  }

  @Override
  public void lookup(Request request, long parent, Name name) {
    Node directory = directory(request, parent, name);
    if (directory == null || directory.names == null) {
      return;
    }
    Names names = directory.names;
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

  /** A directory that may have such a name; null if an error was answered. */
  private @Nullable Node directory(Request request, long ino, @Nullable Name name) {
    Node directory = nodes.get(ino);
    if (directory != null && directory.names != null && !isTooLong(name)) {
      return directory;
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
    boolean fits = !resizes || (changes.size() >= 0 && changes.size() <= Content.MAX_BYTES);
    if (node == null || !fits) {
      request.reply().error(node == null ? Errno.ENOENT : Errno.EFBIG);
      return;
    }
    long stamp = node.lock.writeLock();
    try {
      if (resizes) {
        node.resize(changes.size());
      }
      node.apply(changes, clock.now());
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
    make(request, parent, name, mode, deviceNumber, null);
  }

  @Override
  public void mkdir(Request request, long parent, Name name, int mode) {
    make(request, parent, name, Mode.DIRECTORY | mode, 0, null);
  }

  @Override
  public void symlink(Request request, long parent, Name name, Name target) {
    make(request, parent, name, Mode.LINK | 0777, 0, target.toByteArray());
  }

  private void make(
      Request request, long parent, Name name, int mode, int device, byte @Nullable [] target) {
    Node directory = directory(request, parent, name);
    if (directory != null) {
      answerEntry(request, births.named(request, directory, name, mode, device, target));
    }
  }

  @Override
  public void create(Request request, long parent, Name name, int mode, int flags) {
    Node directory = directory(request, parent, name);
    if (directory != null) {
      answerCreated(request, births.named(request, directory, name, mode, 0, null));
    }
  }

  @Override
  public void tmpfile(Request request, long parent, int mode, int flags) {
    Node directory = directory(request, parent, null);
    if (directory != null) {
      answerCreated(request, births.nameless(request, directory, mode));
    }
  }

  /** As {@link #answerEntry}, with the node opened. */
  private void answerCreated(Request request, @Nullable Node node) {
    if (node != null
        && !request
            .reply()
            .created(node.describe(request.entry(), options), files.opened(request))) {
      nodes.forget(node, 1);
    }
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
    Node from = directory(request, parent, name);
    Node to = from == null ? null : directory(request, newParent, newName);
    if (from != null && to != null) {
      request.reply().error(tree.rename(from, name, to, newName, flags));
    }
  }

  @Override
  public void link(Request request, long ino, long newParent, Name newName) {
    Node node = nodes.get(ino);
    Node directory = directory(request, newParent, newName);
    if (directory == null) {
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
    Node directory = directory(request, ino, null);
    if (directory != null) {
      directory.accessed(clock.now());
      Listing.answer(request, directory, offset, buffer);
    }
  }

  @Override
  public void readdirplus(Request request, long ino, long fh, long offset, DirectoryBuffer buffer) {
    Node directory = directory(request, ino, null);
    if (directory != null) {
      directory.accessed(clock.now());
      Listing.answerPlus(request, directory, offset, buffer, options);
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
                .files(room.limitBytes() / HeapRoom.usual())
                .filesFree(room.freeBytes() / HeapRoom.usual())
                .nameLengthMax(NAME_BYTES_MAX));
  }

  @Override
  public void setxattr(Request request, long ino, Name name, int flags) {
    extended.set(request, nodes.get(ino), name, flags);
  }

  @Override
  public void getxattr(Request request, long ino, Name name, int size) {
    extended.get(request, nodes.get(ino), name, size);
  }

  @Override
  public void listxattr(Request request, long ino, int size) {
    extended.list(request, nodes.get(ino), size);
  }

  @Override
  public void removexattr(Request request, long ino, Name name) {
    extended.remove(request, nodes.get(ino), name);
  }
}
