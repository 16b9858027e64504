package dev.slabmount.vfs;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolException;
import dev.slabmount.core.pool.MemoryPoolStats;
import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.DirectoryBuffer;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Name;
import dev.slabmount.fuse.Request;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.ContentReader;
import dev.slabmount.vfs.manifest.PathRules;
import dev.slabmount.vfs.prefetch.Prefetcher;
import dev.slabmount.vfs.read.BlockReader;
import dev.slabmount.vfs.tree.InodeTree;
import java.util.concurrent.atomic.LongAdder;

/**
 * A tree as a read-only filesystem.
 *
 * <p><b>Handles.</b> The handle of a folder is the inode's number, that of a file holds it. One
 * that does not fit its inode is EBADF. A kernel that offers it opens and closes without asking;
 * every handle is 0 then, and nothing is counted.
 *
 * <p><b>Attributes.</b> What a manifest does not say is made up, always the same way: modes 0644 or
 * 0755 for files, 0755 for directories, 0777 for links; one owner and group; access and change time
 * equal to the modification time; {@link InodeTree} says which time directories have. Files have
 * one extended attribute, {@value #HASH_ATTRIBUTE}: the hash of the content as 32 hex digits, or
 * for a file in chunks their hashes in order, separated by commas.
 *
 * <p><b>Caching.</b> Everything is immutable, so the kernel may keep names, attributes, listings,
 * links and pages, also between opens. Flush and fsync are left at ENOSYS on purpose: the kernel
 * takes that as success and never asks again.
 *
 * <p><b>Threads.</b> Any; see the package. Nothing here but {@link #read} can take long.
 */
public final class VfsFileSystem implements ReadOnlyOperations, AutoCloseable {

  /** The name of the extended attribute that holds a file's hash. */
  public static final String HASH_ATTRIBUTE = "user.slabmount.hash";

  /** Unit of the figures of statfs. */
  private static final int BLOCK_BYTES = 4096;

  // From asm-generic/fcntl.h and unistd.h; the same on x86-64 and aarch64.
  private static final int O_ACCMODE = 3;
  private static final int O_TRUNC = 01000;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int W_OK = 2;

  private final InodeTree tree;
  private final TreeAttributes attributes;
  private final DirectoryListing listing;
  private final ExtendedAttributes xattrs;
  private final KernelAgreement kernel;
  private final CachedPages pages;
  private final MemoryPool pool;
  private final BlockReader reader;
  private final Prefetcher prefetcher;
  private final long negativeTimeoutNanos;
  private final OpenFiles openFiles;
  private final LongAdder openDirectories = new LongAdder();

  /**
   * Makes a filesystem, with threads of its own that {@link #close} ends.
   *
   * @param content where the bytes come from; decides how far they are checked, and from now on
   *     tells this filesystem alone what to discard. Stays the caller's, to be closed after this.
   * @param pool where they are kept; likewise
   */
  public VfsFileSystem(
      final InodeTree tree,
      final ContentReader content,
      final MemoryPool pool,
      final VfsOptions options) {
    this.tree = tree;
    this.attributes = new TreeAttributes(tree, options);
    this.listing = new DirectoryListing(tree, attributes);
    this.xattrs = new ExtendedAttributes(tree);
    this.kernel = new KernelAgreement(options.kernelCaches());
    this.pages = new CachedPages(tree);
    this.negativeTimeoutNanos =
        options.timeoutNanos(KernelCache.ABSENT_NAMES, options.negativeTimeout());
    this.pool = pool;
    this.reader = new BlockReader(tree, pool, content, options.readLimits());
    this.prefetcher =
        new Prefetcher(
            options.prefetch(),
            Math.min(options.prefetchBudget(), pool.config().maxSize() / VfsOptions.POOL_SHARE),
            tree,
            reader);
    this.openFiles = new OpenFiles(kernel, prefetcher);
    content.onDiscard(hash -> discard(hash));
  }

  /** Reads of the object fail by now, or give other bytes: what is cached must not outlive that. */
  private void discard(final ContentHash hash) {
    try {
      pool.removeContentBlocks(hash.high(), hash.low());
    } catch (final MemoryPoolException.PoolClosed _) {
      return; // It forgot everything, and nobody reads any more.
    }
    dropPages(hash);
  }

  @Override
  public void init(final Connection connection) {
    kernel.negotiate(connection, prefetcher.needsOpens());
    pages.mounted(connection.notifier());
  }

  @Override
  public void lookup(final Request request, final long parent, final Name name) {
    final int errno = requireDirectory(parent);
    if (errno != 0) {
      request.reply().error(errno);
      return;
    }
    if (name.length() > PathRules.NAME_BYTES_MAX) {
      request.reply().error(Errno.ENAMETOOLONG);
      return;
    }
    final long ino = tree.lookup(parent, name.array(), 0, name.length());
    if (ino != InodeTree.ABSENT) {
      request.reply().entry(attributes.fill(request.entry(), ino));
    } else if (negativeTimeoutNanos > 0) {
      request.reply().entry(request.entry().clear().entryTimeoutNanos(negativeTimeoutNanos));
    } else {
      request.reply().error(Errno.ENOENT);
    }
  }

  @Override
  public void getattr(final Request request, final long ino, final long fh) {
    if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
      return;
    }
    request
        .reply()
        .attributes(attributes.fill(request.attributes(), ino), attributes.timeoutNanos());
  }

  @Override
  public void readlink(final Request request, final long ino) {
    if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
    } else if (!tree.isSymlink(ino)) {
      request.reply().error(Errno.EINVAL);
    } else {
      request.reply().target(tree.targets(), tree.targetStart(ino), (int) tree.size(ino));
    }
  }

  @Override
  public void open(final Request request, final long ino, final int flags) {
    if (!kernel.announcesFiles()) {
      request.reply().error(Errno.ENOSYS); // The kernel opens by itself from now on.
    } else if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
    } else if (tree.isDirectory(ino)) {
      request.reply().error(Errno.EISDIR);
    } else if (!tree.isRegular(ino)) {
      request.reply().error(Errno.EINVAL);
    } else if ((flags & (O_ACCMODE | O_TRUNC)) != 0) {
      request.reply().error(Errno.EROFS);
    } else {
      final boolean keep = kernel.keepsPages();
      final long fh = openFiles.open(ino);
      if (!request.reply().opened(request.openedFile().fh(fh).keepCache(keep).noFlush(true))) {
        openFiles.close(fh);
      }
    }
  }

  @Override
  public void read(
      final Request request, final long ino, final long fh, final long offset, final int length) {
    if (!isOpenFile(ino, fh)) {
      request.reply().error(Errno.EBADF);
    } else if (offset < 0 || length < 0) {
      request.reply().error(Errno.EINVAL);
    } else {
      reader.read(request, ino, offset, length);
      final long count = Math.min(length, tree.size(ino) - offset);
      if (count > 0) {
        openFiles.read(ino, fh, offset, (int) count);
      }
    }
  }

  @Override
  public void release(final Request request, final long ino, final long fh) {
    openFiles.close(fh);
    request.reply().ok();
  }

  @Override
  public void forget(final long ino, final long count) {
    openFiles.forget(ino);
  }

  @Override
  public void opendir(final Request request, final long ino, final int flags) {
    final int errno = kernel.announcesDirectories() ? requireDirectory(ino) : Errno.ENOSYS;
    if (errno != 0) {
      request.reply().error(errno);
      return;
    }
    openDirectories.increment();
    final boolean keep = kernel.keepsListings();
    if (!request.reply().opened(request.openedFile().fh(ino).keepCache(keep).cacheReaddir(keep))) {
      openDirectories.decrement();
    }
  }

  @Override
  public void readdir(
      final Request request,
      final long ino,
      final long fh,
      final long offset,
      final DirectoryBuffer buffer) {
    if (isOpenDirectory(request, ino, fh, offset)) {
      listing.fill(buffer, ino, offset, null);
      request.reply().directory(buffer);
    }
  }

  @Override
  public void readdirplus(
      final Request request,
      final long ino,
      final long fh,
      final long offset,
      final DirectoryBuffer buffer) {
    if (isOpenDirectory(request, ino, fh, offset)) {
      listing.fill(buffer, ino, offset, request.entry());
      request.reply().directory(buffer);
    }
  }

  @Override
  public void releasedir(final Request request, final long ino, final long fh) {
    openDirectories.decrement();
    request.reply().ok();
  }

  @Override
  public void statfs(final Request request, final long ino) {
    request
        .reply()
        .figures(
            request
                .figures()
                .clear()
                .blockSize(BLOCK_BYTES)
                .ioSize(BLOCK_BYTES)
                .blocks(TreeAttributes.unitsOf(tree.totalSize(), BLOCK_BYTES))
                .files(tree.count())
                .nameLengthMax(PathRules.NAME_BYTES_MAX));
  }

  @Override
  public void getxattr(final Request request, final long ino, final Name name, final int size) {
    xattrs.get(request, ino, name, size);
  }

  @Override
  public void listxattr(final Request request, final long ino, final int size) {
    xattrs.list(request, ino, size);
  }

  @Override
  public void access(final Request request, final long ino, final int mask) {
    if (!tree.exists(ino)) {
      request.reply().error(Errno.ENOENT);
    } else if ((mask & W_OK) != 0) {
      request.reply().error(Errno.EROFS);
    } else if (attributes.isAllowed(request, ino, mask)) {
      request.reply().ok();
    } else {
      request.reply().error(Errno.EACCES);
    }
  }

  @Override
  public void lseek(
      final Request request, final long ino, final long fh, final long offset, final int whence) {
    if (!isOpenFile(ino, fh)) {
      request.reply().error(Errno.EBADF);
    } else if (whence != SEEK_DATA && whence != SEEK_HOLE) {
      request.reply().error(Errno.EINVAL);
    } else if (offset < 0 || offset >= tree.size(ino)) {
      request.reply().error(Errno.ENXIO);
    } else {
      // Data everywhere; the one hole is the end of the file.
      request.reply().offset(whence == SEEK_DATA ? offset : tree.size(ino));
    }
  }

  /** What happens and happened. Any thread. */
  public VfsStats stats() {
    final MemoryPoolStats memory = pool.stats();
    return new VfsStats(
        tree.count(),
        openFiles.count(),
        openDirectories.sum(),
        reader.poolReads(),
        reader.storeReads(),
        reader.bytesRead(),
        reader.failures(),
        reader.timeouts(),
        reader.interrupts(),
        reader.pending(),
        reader.waits(),
        memory.bytesLoadedAhead(),
        memory.bytesAheadUsed(),
        memory.bytesAheadWasted(),
        prefetcher.pendingBytes(),
        reader.storeThreads(),
        reader.stuckThreads());
  }

  /**
   * Makes the kernel forget the content of every file that holds this object: what it keeps in its
   * page cache it serves without asking, so bytes that turn out to be wrong have to be taken away
   * there. Does nothing where nothing is mounted.
   *
   * <p>Returns at once and never fails; may be called from any thread, also in the middle of an
   * operation. A thread of its own looks through the tree for all objects reported so far and tells
   * the kernel, which first waits for reads of those pages that are under way: until it gets there,
   * programs may see the old pages. That is some milliseconds if nothing hangs, and as long as a
   * fetch may take for each such file if the store does not answer. Have reads of the object fail
   * before this is called, or the kernel may fetch the same bytes again.
   */
  public void dropPages(final ContentHash hash) {
    pages.drop(hash);
  }

  /**
   * Ends the store threads; call it when the mount has ended. Reads that are still pending after
   * {@link VfsOptions#closeDeadline} are answered with EIO. Closing twice is harmless.
   */
  @Override
  public void close() {
    pages.close();
    reader.close();
  }

  private boolean isOpenFile(final long ino, final long fh) {
    return openFiles.fits(ino, fh) && tree.exists(ino) && tree.isRegular(ino);
  }

  private int requireDirectory(final long ino) {
    if (!tree.exists(ino)) {
      return Errno.ENOENT;
    }
    return tree.isDirectory(ino) ? 0 : Errno.ENOTDIR;
  }

  private boolean isOpenDirectory(
      final Request request, final long ino, final long fh, final long offset) {
    final boolean opened = kernel.announcesDirectories() ? fh == ino : fh == OpenFiles.NEVER_OPENED;
    if (!opened || requireDirectory(ino) != 0) {
      request.reply().error(Errno.EBADF);
      return false;
    }
    if (offset < 0) {
      request.reply().error(Errno.EINVAL);
      return false;
    }
    return true;
  }
}
