package dev.slabmount.fuse;

/**
 * Figures of a mount since it began, read without stopping it: each is exact for some recent
 * moment.
 *
 * @param requests requests that reached the filesystem
 * @param uncaught operations that threw and got EIO
 * @param unanswered operations that returned without an answer and got EIO
 * @param repliesRefused second answers, and answers by a thread or at a time that had no right to
 * @param repliesUndelivered answers that the kernel did not take: interrupted callers, a mount gone
 * @param detached requests that are detached and unanswered at this moment
 * @param detachWaits times a worker waited because too many requests were detached
 * @param inodesReferenced inodes of which the kernel holds lookup counts, the root not counted
 * @param lookupCount sum of those lookup counts
 */
public record MountStats(
    long requests,
    long uncaught,
    long unanswered,
    long repliesRefused,
    long repliesUndelivered,
    int detached,
    long detachWaits,
    long inodesReferenced,
    long lookupCount) {}
