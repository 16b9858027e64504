package dev.slabmount.vfs;

/**
 * What a mounted tree is doing and has done, read while others work: the figures agree exactly only
 * when nothing goes on.
 *
 * @param inodes inodes of the tree, the root included
 * @param openFiles open files, now; 0 if the kernel opens them without asking
 * @param openDirectories open directories, now; likewise
 * @param poolReads reads answered at once because every block was in the pool
 * @param storeReads reads answered by a store thread
 * @param bytesRead bytes that reads were answered with
 * @param readFailures reads that a store thread answered with an error
 * @param pendingReads reads that wait for the store or for a thread to ask it, now
 * @param queueWaits times a FUSE worker waited because too many reads were pending
 */
public record VfsStats(
    long inodes,
    long openFiles,
    long openDirectories,
    long poolReads,
    long storeReads,
    long bytesRead,
    long readFailures,
    long pendingReads,
    long queueWaits) {}
