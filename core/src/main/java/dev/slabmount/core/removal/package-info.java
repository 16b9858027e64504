/**
 * Blocks that go because somebody says so, and the end of the pool.
 *
 * <p>Read {@link dev.slabmount.core.removal.Removal} (blocks of a content or an inode, or all or
 * none) and {@link dev.slabmount.core.removal.PoolCloser} (what closing does, in which order).
 *
 * <p>Any thread. Removing only unlinks: whoever holds a block keeps its memory until his last pin
 * is gone. {@code clear} alone holds the locks of more than one shard.
 */
@NullMarked
package dev.slabmount.core.removal;

import org.jspecify.annotations.NullMarked;
