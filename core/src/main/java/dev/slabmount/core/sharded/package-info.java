/**
 * The pool that ships, put together.
 *
 * <p>{@link dev.slabmount.core.sharded.ShardedMemoryPool} implements {@link
 * dev.slabmount.core.pool.MemoryPool}: it checks arguments and hands over. Its Javadoc draws the
 * way of a hit, a miss, a write and a removal through the parts, and says in which order locks are
 * taken. {@code PoolParts} makes the parts and gives them to each other; {@code ShardedPages} has
 * the methods for partly valid blocks.
 *
 * <p>Any thread.
 */
@NullMarked
package dev.slabmount.core.sharded;

import org.jspecify.annotations.NullMarked;
