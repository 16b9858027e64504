package dev.slabmount.vfs;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Feature;
import java.util.Set;

/**
 * What was agreed with the kernel when the mount began, about caches and about opens that it need
 * not announce.
 *
 * <p>Any thread; before {@link #negotiate} it is the agreement with a kernel that offers nothing.
 */
final class KernelAgreement {

  /**
   * How many read-aheads the kernel may have under way. It leaves some to do without from three
   * quarters of this on, and lets programs wait at this: so it is more than a store that hangs is
   * likely to hold up, and less than {@link VfsOptions#pendingReads}, so that read-ahead alone can
   * not make FUSE workers wait.
   */
  private static final int MAX_BACKGROUND_REQUESTS = 768;

  private final Set<KernelCache> wanted;

  // Written by the thread that answers INIT, read by all workers.
  private volatile boolean announcesFiles = true;
  private volatile boolean announcesDirectories = true;

  KernelAgreement(final Set<KernelCache> wanted) {
    this.wanted = wanted;
  }

  /**
   * Chooses what the kernel shall do by itself.
   *
   * @param needsOpens whether files have to be opened by requests, whatever the kernel offers
   */
  void negotiate(final Connection connection, final boolean needsOpens) {
    connection.enable(Feature.ASYNC_READ);
    // With it the kernel waits for a direct read where not even SIGKILL ends the wait.
    connection.disable(Feature.ASYNC_DIO);
    connection.enable(Feature.PARALLEL_DIROPS);
    want(connection, Feature.READDIRPLUS, wanted.contains(KernelCache.LISTED_ATTRIBUTES));
    want(connection, Feature.READDIRPLUS_AUTO, wanted.contains(KernelCache.LISTED_ATTRIBUTES));
    want(connection, Feature.CACHE_SYMLINKS, wanted.contains(KernelCache.LINKS));
    connection.disable(Feature.AUTO_INVAL_DATA);
    connection.maxBackground(MAX_BACKGROUND_REQUESTS);
    final boolean silent = wanted.contains(KernelCache.OPENS);
    announcesFiles =
        !want(connection, Feature.NO_OPEN_SUPPORT, silent && keepsPages() && !needsOpens);
    announcesDirectories = !want(connection, Feature.NO_OPENDIR_SUPPORT, silent && keepsListings());
  }

  /** Asks for a feature or does without; returns whether it was agreed. */
  private static boolean want(
      final Connection connection, final Feature feature, final boolean wanted) {
    if (wanted) {
      return connection.enable(feature);
    }
    connection.disable(feature);
    return false;
  }

  /** Whether files are opened and released by requests; else their handle is 0. */
  boolean announcesFiles() {
    return announcesFiles;
  }

  /** Whether folders are opened and released by requests; else their handle is 0. */
  boolean announcesDirectories() {
    return announcesDirectories;
  }

  /** Whether pages stay good from one open to the next. */
  boolean keepsPages() {
    return wanted.contains(KernelCache.PAGES);
  }

  /** Whether listings stay good from one open to the next. */
  boolean keepsListings() {
    return wanted.contains(KernelCache.LISTINGS);
  }
}
