package dev.slabmount.vfs;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Feature;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was agreed with the kernel when the mount began, about caches and about opens that it need
 * not announce. The log of the mount says what is done without, and why.
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
    connection.disable(Feature.ASYNC_DIO, "a killed direct reader would wait for its answer");
    connection.enable(Feature.PARALLEL_DIROPS);
    want(connection, Feature.READDIRPLUS, without(KernelCache.LISTED_ATTRIBUTES));
    want(connection, Feature.READDIRPLUS_AUTO, without(KernelCache.LISTED_ATTRIBUTES));
    want(connection, Feature.CACHE_SYMLINKS, without(KernelCache.LINKS));
    connection.disable(Feature.AUTO_INVAL_DATA, "files do not change");
    connection.maxBackground(MAX_BACKGROUND_REQUESTS);
    final String whyFilesAreAnnounced =
        needsOpens
            ? "prefetching has to see files opened"
            : without(KernelCache.OPENS, KernelCache.PAGES);
    announcesFiles = !want(connection, Feature.NO_OPEN_SUPPORT, whyFilesAreAnnounced);
    announcesDirectories =
        !want(
            connection,
            Feature.NO_OPENDIR_SUPPORT,
            without(KernelCache.OPENS, KernelCache.LISTINGS));
  }

  /** Which of these caches the kernel shall not keep, in words; empty if it shall keep them all. */
  private String without(final KernelCache... needed) {
    return Arrays.stream(needed)
        .filter(cache -> !wanted.contains(cache))
        .map(cache -> cache.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining(" and "),
                names -> names.isEmpty() ? "" : "without kernel cache of " + names));
  }

  /**
   * Asks for a feature, or does without and says why; returns whether it was agreed.
   *
   * @param whyNot empty if the feature is wanted
   */
  private static boolean want(
      final Connection connection, final Feature feature, final String whyNot) {
    if (whyNot.isEmpty()) {
      return connection.enable(feature);
    }
    connection.disable(feature, whyNot);
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
