package dev.slabmount.vfs.read;

import java.time.Duration;

/**
 * How many reads may wait for the content store, with how many threads, and for how long.
 *
 * @param storeThreads most threads that wait for the store because of reads, at least 1
 * @param aheadThreads most threads that wait for the store because of {@link BackgroundLoads}, at
 *     least 1
 * @param pendingReads most reads that wait for the store or for such a thread, at least 1
 * @param fetchTimeout how long a read waits, and how long one block may take to come, more than 0
 * @param closeDeadline how long closing lets pending reads finish, and once more how long it waits
 *     for those that it interrupted then
 */
public record ReadLimits(
    int storeThreads,
    int aheadThreads,
    int pendingReads,
    Duration fetchTimeout,
    Duration closeDeadline) {}
