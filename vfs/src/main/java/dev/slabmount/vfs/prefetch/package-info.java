/**
 * Loading blocks before they are read.
 *
 * <pre>
 *   a read is answered or on its way ─▶ Prefetcher ─▶ StreamTable: which run of reads is it part of?
 *                                                       └▶ ReadStream: what comes next?
 *                                          PrefetchBudget ◀─┤ may it?
 *                                                           └▶ AheadBlock ─▶ BackgroundLoads
 * </pre>
 *
 * <p>{@link dev.slabmount.vfs.prefetch.Prefetcher} is the entry point; {@link
 * dev.slabmount.vfs.prefetch.PrefetchStrategy} says what can be chosen. All of it is advice: when
 * something is in the way, a table that is full, a budget that is used up, a stream that another
 * worker is just looking at, a block is not prefetched, and whoever reads it loads it.
 *
 * <p><b>Threads.</b> Workers call in here at every read. They never wait for each other, nor for a
 * store; a read whose blocks and followers are in the pool allocates nothing.
 */
@NullMarked
package dev.slabmount.vfs.prefetch;

import org.jspecify.annotations.NullMarked;
