package dev.slabmount.vfs;

import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.tree.InodeTree;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes pages out of the kernel's cache that turned out to be wrong.
 *
 * <p>A thread of its own does it, started when it is first needed: the kernel waits for pages that
 * are just being read, and so for the FUSE workers and store threads that answer those reads. That
 * takes as long as those reads do, at worst until they are given up.
 *
 * <p>Which files hold an object is found by a look at every object of every file. Objects that are
 * reported during such a pass wait and are looked for together, in one more pass, however many they
 * are.
 *
 * <p>Any thread.
 */
final class CachedPages implements AutoCloseable {

  private static final Logger LOG = System.getLogger(VfsFileSystem.class.getName());
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final InodeTree tree;
  private final ThreadPoolExecutor executor;
  private final Set<ContentHash> waiting = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Notifier notifier;

  CachedPages(final InodeTree tree) {
    this.tree = tree;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("slabmount-drop-pages").factory());
    executor.allowCoreThreadTimeOut(true);
  }

  /** Notifications go there from now on. */
  void mounted(final Notifier kernel) {
    notifier = kernel;
  }

  /** Soon drops the pages of every file that holds this object. Does not wait. */
  void drop(final ContentHash hash) {
    if (!waiting.add(hash)) {
      return; // The pass that takes it begins later than now.
    }
    try {
      executor.execute(this::dropWaiting);
    } catch (final RejectedExecutionException _) {
      LOG.log(Level.DEBUG, "the mount has ended, and with it what the kernel kept of {0}", hash);
    }
  }

  /** One pass for all that wait; a task whose objects an earlier pass took has nothing to do. */
  private void dropWaiting() {
    final Set<ContentHash> taken = new HashSet<>(waiting);
    waiting.removeAll(taken); // Before the pass begins: what is reported from now on waits.
    final Notifier kernel = notifier;
    if (taken.isEmpty() || kernel == null) {
      return; // If there is no kernel, nothing was ever mounted.
    }
    for (long ino = InodeTree.ROOT; ino <= tree.count() && !executor.isShutdown(); ino++) {
      if (tree.isRegular(ino)) {
        dropFrom(kernel, ino, taken);
      }
    }
  }

  private void dropFrom(final Notifier kernel, final long ino, final Set<ContentHash> hashes) {
    final int count = tree.objectCount(ino);
    for (int i = 0; i < count && !executor.isShutdown(); i++) {
      if (hashes.contains(new ContentHash(tree.objectHigh(ino, i), tree.objectLow(ino, i)))) {
        final int errno =
            kernel.invalidateInode(ino, i * Manifest.CHUNK_BYTES, tree.objectStride(ino));
        if (errno != 0 && errno != Errno.ENOENT) {
          LOG.log(Level.WARNING, "cannot drop cached pages of inode {0}: error {1}", ino, errno);
        }
      }
    }
  }

  /** Drops nothing more. Does not wait: a notification under way ends with the mount. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
