package dev.slabmount.vfs;

import dev.slabmount.vfs.prefetch.PrefetchStrategy;
import dev.slabmount.vfs.read.ReadLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The settings of a mounted tree, checked once. Use {@link #builder()}; {@link #defaults()} is the
 * builder with nothing set.
 *
 * <p>The timeouts of the kernel's caches may be long: nothing in a read-only tree ever changes.
 *
 * <p>Immutable; any thread.
 *
 * @param entryTimeout how long the kernel may believe that a name leads to an inode. Default: 24 h.
 * @param attributesTimeout how long the kernel may believe attributes. Default: 24 h.
 * @param negativeTimeout how long the kernel may believe that a name does not exist; 0: not at all.
 *     Default: 24 h.
 * @param kernelCaches what the kernel may do by itself; a cache that is not named here is off,
 *     whatever its timeout. Default: everything.
 * @param uid owner of everything. Default: the one with which this process makes files.
 * @param gid group of everything. Default: likewise.
 * @param storeThreads most threads that wait for the content store because of reads, at least 1.
 *     There are as many as fetches under way, and a few idle ones. If all of them hang, other
 *     fetches wait until one returns. Default: 512.
 * @param aheadThreads most threads that wait for the store because of blocks that nobody asked for
 *     yet, at least 1. Default: 16.
 * @param pendingReads most reads that wait for the store, with a thread or without, at least 1.
 *     Beyond that FUSE workers wait, and with them all requests, until one is answered. Only as
 *     many as the mount lets be {@linkplain dev.slabmount.fuse.FuseMount.Builder#maxDetached
 *     detached} can ever wait: have that allow them and one more for each FUSE worker. Default:
 *     1024.
 * @param prefetch which blocks are loaded before anybody asks for them. Default: those that follow,
 *     while a file is read in order.
 * @param prefetchBudget how many bytes may have been loaded so, or be loading, that nobody has read
 *     yet; not negative, and never more than one {@value #POOL_SHARE}th of the pool. With less than
 *     a block nothing is prefetched. Default: 64 MiB.
 * @param fetchTimeout how long a read waits for the content store before it fails with EIO, and how
 *     long a fetch may last before it is given up, more than 0. Give the pool the same {@linkplain
 *     dev.slabmount.core.pool.MemoryPoolConfig#loadTimeout load timeout}. Default: 300 s.
 * @param closeDeadline how long {@link VfsFileSystem#close} lets pending reads finish, and once
 *     more how long it waits for those that it interrupted then. Default: 5 s.
 */
public record VfsOptions(
    Duration entryTimeout,
    Duration attributesTimeout,
    Duration negativeTimeout,
    Set<KernelCache> kernelCaches,
    int uid,
    int gid,
    int storeThreads,
    int aheadThreads,
    int pendingReads,
    PrefetchStrategy prefetch,
    long prefetchBudget,
    Duration fetchTimeout,
    Duration closeDeadline) {

  /** The part of the pool that prefetched blocks may take: one in so many. */
  public static final int POOL_SHARE = 16;

  private static final Duration TIMEOUT_MAX = Duration.ofDays(36_500);

  /** A line of {@code /proc/self/status} holds real, effective, saved and filesystem id. */
  private static final int FILESYSTEM_ID_COLUMN = 4;

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it and what is
   *     allowed
   */
  public VfsOptions {
    requireTimeout("entryTimeout", entryTimeout);
    requireTimeout("attributesTimeout", attributesTimeout);
    requireTimeout("negativeTimeout", negativeTimeout);
    kernelCaches = Set.copyOf(kernelCaches);
    requireTimeout("fetchTimeout", fetchTimeout);
    requireTimeout("closeDeadline", closeDeadline);
    requirePositive("storeThreads", storeThreads);
    requirePositive("aheadThreads", aheadThreads);
    requirePositive("pendingReads", pendingReads);
    if (prefetchBudget < 0) {
      throw new IllegalArgumentException(
          "prefetchBudget must not be negative: " + prefetchBudget + " bytes");
    }
    if (fetchTimeout.isZero()) {
      throw new IllegalArgumentException("fetchTimeout must be more than 0");
    }
  }

  /**
   * The default settings.
   *
   * @throws UncheckedIOException if the ids cannot be read from {@code /proc/self/status}
   */
  public static VfsOptions defaults() {
    return builder().build();
  }

  /**
   * A builder in which nothing is set.
   *
   * @throws UncheckedIOException if the ids cannot be read from {@code /proc/self/status}
   */
  public static Builder builder() {
    return new Builder();
  }

  /** For how long something may be kept: 0 if it may not be kept at all. */
  long timeoutNanos(final KernelCache cache, final Duration timeout) {
    return kernelCaches.contains(cache) ? timeout.toNanos() : 0;
  }

  ReadLimits readLimits() {
    return new ReadLimits(storeThreads, aheadThreads, pendingReads, fetchTimeout, closeDeadline);
  }

  /** An id of this process from {@code /proc/self/status}; see proc(5). Ids are unsigned there. */
  private static int ownId(final String key) {
    try {
      final Path status = Path.of("/proc/self/status");
      for (final String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(key)) {
          return Integer.parseUnsignedInt(line.split("\\s+", -1)[FILESYSTEM_ID_COLUMN]);
        }
      }
      throw new IOException(status + " has no line " + key);
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot find out who owns the mount: " + e.getMessage(), e);
    }
  }

  private static void requireTimeout(final String name, final Duration timeout) {
    if (timeout.isNegative() || timeout.compareTo(TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException(
          name + " must be from 0 to " + TIMEOUT_MAX.toDays() + " days, not " + timeout);
    }
  }

  private static void requirePositive(final String name, final int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
  }

  /** Collects settings; what is not set gets its default. Not thread-safe. */
  public static final class Builder {
    private static final Duration CACHE_TIMEOUT = Duration.ofDays(1);

    private Duration entryTimeout = CACHE_TIMEOUT;
    private Duration attributesTimeout = CACHE_TIMEOUT;
    private Duration negativeTimeout = CACHE_TIMEOUT;
    private Set<KernelCache> kernelCaches = Set.of(KernelCache.values());
    private int uid = ownId("Uid:");
    private int gid = ownId("Gid:");
    private int storeThreads = 512;
    private int aheadThreads = 16;
    private int pendingReads = 1024;
    private PrefetchStrategy prefetch = new PrefetchStrategy.Sequential(PrefetchStrategy.AUTOMATIC);
    private long prefetchBudget = 64L << 20;
    private Duration fetchTimeout = Duration.ofMinutes(5);
    private Duration closeDeadline = Duration.ofSeconds(5);

    private Builder() {}

    /** Sets how long the kernel may believe names and attributes, and that a name is absent. */
    public Builder timeouts(
        final Duration entry, final Duration attributes, final Duration negative) {
      entryTimeout = entry;
      attributesTimeout = attributes;
      negativeTimeout = negative;
      return this;
    }

    /** Sets what the kernel may do by itself. */
    public Builder kernelCaches(final Set<KernelCache> allowed) {
      kernelCaches = allowed;
      return this;
    }

    /** Sets the owner and group of everything. */
    public Builder owner(final int newUid, final int newGid) {
      uid = newUid;
      gid = newGid;
      return this;
    }

    /** Sets how many threads may wait for the store because of reads. */
    public Builder storeThreads(final int count) {
      storeThreads = count;
      return this;
    }

    /** Sets how many threads may wait for the store because of blocks that nobody asked for. */
    public Builder aheadThreads(final int count) {
      aheadThreads = count;
      return this;
    }

    /** Sets how many reads may wait for the store. */
    public Builder pendingReads(final int count) {
      pendingReads = count;
      return this;
    }

    /** Sets which blocks are loaded before anybody asks for them. */
    public Builder prefetch(final PrefetchStrategy strategy) {
      prefetch = strategy;
      return this;
    }

    /** Sets how many bytes may be prefetched that nobody has read yet. */
    public Builder prefetchBudget(final long bytes) {
      prefetchBudget = bytes;
      return this;
    }

    /** Sets how long a read waits for the store. */
    public Builder fetchTimeout(final Duration atMost) {
      fetchTimeout = atMost;
      return this;
    }

    /** Sets how long closing waits for pending reads. */
    public Builder closeDeadline(final Duration atMost) {
      closeDeadline = atMost;
      return this;
    }

    /**
     * Builds the settings.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public VfsOptions build() {
      return new VfsOptions(
          entryTimeout,
          attributesTimeout,
          negativeTimeout,
          kernelCaches,
          uid,
          gid,
          storeThreads,
          aheadThreads,
          pendingReads,
          prefetch,
          prefetchBudget,
          fetchTimeout,
          closeDeadline);
    }
  }
}
