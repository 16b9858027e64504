package dev.slabmount.vfs;

/**
 * What a mounted tree is doing and has done, read while others work: the figures agree exactly only
 * when nothing goes on.
 *
 * @param inodes inodes of the tree, the root included
 * @param openFiles open files, now; 0 if the kernel opens them without asking
 * @param openDirectories open directories, now; likewise
 * @param poolReads reads answered at once because every block was in the pool
 * @param storeReads reads answered after waiting for the store
 * @param bytesRead bytes that reads were answered with
 * @param readFailures reads answered with an error, EINTR not counted
 * @param readTimeouts of these, reads that waited for the store for too long
 * @param readInterrupts reads whose callers gave up while they waited
 * @param pendingReads reads that wait for the store or for a thread to ask it, now
 * @param pendingWaits times a FUSE worker waited because too many reads were pending
 * @param prefetchedBytes bytes that were loaded before anybody asked for them
 * @param prefetchUsedBytes of these, bytes of blocks that a read came for
 * @param prefetchWastedBytes of these, bytes of blocks that left the pool before any read came; the
 *     rest is in the pool and may still be read
 * @param prefetchPendingBytes bytes that count against the budget: loaded ahead of a reader who is
 *     still expected, or being loaded, now
 * @param storeThreads threads that may wait for the store, idle ones included, now
 * @param stuckThreads of these, threads whose fetch was given up and that have not come back, now
 */
public record VfsStats(
    long inodes,
    long openFiles,
    long openDirectories,
    long poolReads,
    long storeReads,
    long bytesRead,
    long readFailures,
    long readTimeouts,
    long readInterrupts,
    long pendingReads,
    long pendingWaits,
    long prefetchedBytes,
    long prefetchUsedBytes,
    long prefetchWastedBytes,
    long prefetchPendingBytes,
    long storeThreads,
    long stuckThreads) {}
