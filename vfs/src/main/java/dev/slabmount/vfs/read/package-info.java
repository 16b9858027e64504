/**
 * The read path: from (inode, offset, length) to bytes in the pool to the kernel.
 *
 * <pre>
 *   FUSE worker                                   a store thread               the keeper
 *   BlockReader.read
 *     every block pinned? ─ yes ─ reply from
 *            │                    the slots, unpin
 *            no: detach ─▶ Miss
 *     Miss joins the Fetch of its first absent
 *     block, or begins one ─ StoreThreads ──────▶ Fetch.run
 *     worker takes the next request                 MemoryPool.pinOrLoad         every 50 ms:
 *                                                     └ ContentReader.read         a Miss too old: EIO
 *                                                       INTO the slot              caller gone: EINTR
 *                                                   every Miss that waits:         a Fetch too old:
 *                                                     reply, or on to the          given up, its
 *                                                     next absent block            thread interrupted
 * </pre>
 *
 * <p>{@link dev.slabmount.vfs.read.BlockReader} is the entry point. Then read {@code Miss}, a read
 * that waits without a thread; {@code Fetch}, one block under way, with its thread and all reads
 * that wait for it; {@code Fetches}; {@code PendingReads}, the bound and the keeper; and {@link
 * dev.slabmount.vfs.read.StoreThreads}, the threads that may wait for a store. {@link
 * dev.slabmount.vfs.read.BackgroundLoads} is the same for blocks that nobody asked for yet.
 *
 * <p>A pin is taken and given back within one method, on whichever thread, and never held while
 * waiting for room or for a load: so readers cannot starve each other, however small the pool is.
 */
@NullMarked
package dev.slabmount.vfs.read;

import org.jspecify.annotations.NullMarked;
