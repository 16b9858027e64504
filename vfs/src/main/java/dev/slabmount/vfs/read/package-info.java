/**
 * The read path: from (inode, offset, length) to bytes in the pool to the kernel.
 *
 * <pre>
 *   FUSE worker                                    store thread
 *   BlockReader.read
 *     every block pinned? ── yes ─ reply from the slots ─ unpin
 *            └── no: detach ─ StoreThreads.submit ──▶ MemoryPool.pinOrLoad
 *     worker takes the next request                     └ ContentReader.read INTO the slot
 *                                                     reply from the slots ─ unpin
 * </pre>
 *
 * <p>{@link dev.slabmount.vfs.read.BlockReader} is the entry point, {@link
 * dev.slabmount.vfs.read.StoreThreads} the threads that may wait for a store. A pin is taken and
 * given back within one method, on whichever thread, and never held while waiting for room or for a
 * load: so readers cannot starve each other, however small the pool is.
 */
@NullMarked
package dev.slabmount.vfs.read;

import org.jspecify.annotations.NullMarked;
