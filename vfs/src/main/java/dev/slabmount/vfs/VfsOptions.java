package dev.slabmount.vfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of a mounted tree, checked once.
 *
 * <p>The timeouts may be long: nothing in a read-only tree ever changes.
 *
 * @param entryTimeout how long the kernel may believe that a name leads to an inode
 * @param attributesTimeout how long the kernel may believe attributes
 * @param negativeTimeout how long the kernel may believe that a name does not exist; 0: not at all
 * @param uid owner of everything
 * @param gid group of everything
 * @param storeThreads how many threads may wait for the content store at once, at least 1
 * @param storeQueue how many reads may wait for such a thread before FUSE workers wait, at least 1.
 *     Only as many as the mount lets be {@linkplain
 *     dev.slabmount.fuse.FuseMount.Builder#maxDetached detached}, those at store threads included,
 *     can ever wait: have that allow both and one more for each FUSE worker
 * @param closeDeadline how long {@link VfsFileSystem#close} lets pending reads finish, and once
 *     more how long it waits for those that it interrupted then
 */
public record VfsOptions(
    Duration entryTimeout,
    Duration attributesTimeout,
    Duration negativeTimeout,
    int uid,
    int gid,
    int storeThreads,
    int storeQueue,
    Duration closeDeadline) {

  private static final Duration CACHE_TIMEOUT_DEFAULT = Duration.ofDays(1);
  private static final Duration CLOSE_DEADLINE_DEFAULT = Duration.ofSeconds(5);
  private static final int STORE_THREADS_MIN_DEFAULT = 4;
  private static final int STORE_QUEUE_DEFAULT = 512;
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
    requireTimeout("closeDeadline", closeDeadline);
    requirePositive("storeThreads", storeThreads);
    requirePositive("storeQueue", storeQueue);
  }

  /**
   * The default settings: timeouts of 24 hours, the ids with which this process makes files, as
   * many store threads as processors but at least 4, 512 reads in the queue, 5 s to close.
   *
   * @throws UncheckedIOException if the ids cannot be read from {@code /proc/self/status}
   */
  public static VfsOptions defaults() {
    return new VfsOptions(
        CACHE_TIMEOUT_DEFAULT,
        CACHE_TIMEOUT_DEFAULT,
        CACHE_TIMEOUT_DEFAULT,
        ownId("Uid:"),
        ownId("Gid:"),
        Math.max(STORE_THREADS_MIN_DEFAULT, Runtime.getRuntime().availableProcessors()),
        STORE_QUEUE_DEFAULT,
        CLOSE_DEADLINE_DEFAULT);
  }

  /** The same with other timeouts. */
  public VfsOptions withTimeouts(
      final Duration entry, final Duration attributes, final Duration negative) {
    return new VfsOptions(
        entry, attributes, negative, uid, gid, storeThreads, storeQueue, closeDeadline);
  }

  /** The same with another owner and group. */
  public VfsOptions withOwner(final int newUid, final int newGid) {
    return new VfsOptions(
        entryTimeout,
        attributesTimeout,
        negativeTimeout,
        newUid,
        newGid,
        storeThreads,
        storeQueue,
        closeDeadline);
  }

  /** The same with other store threads. */
  public VfsOptions withStoreThreads(final int threads, final int queue) {
    return new VfsOptions(
        entryTimeout, attributesTimeout, negativeTimeout, uid, gid, threads, queue, closeDeadline);
  }

  /** The same with another deadline for closing. */
  public VfsOptions withCloseDeadline(final Duration deadline) {
    return new VfsOptions(
        entryTimeout,
        attributesTimeout,
        negativeTimeout,
        uid,
        gid,
        storeThreads,
        storeQueue,
        deadline);
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
}
