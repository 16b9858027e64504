/**
 * A pool looked at from inside: for people, tests and debuggers.
 *
 * <p>{@link dev.slabmount.core.pool.PoolInspector} is the way in. {@link
 * dev.slabmount.core.inspect.SlotLines} prints headers; {@link
 * dev.slabmount.core.inspect.QuietAudit} asks whether all parts of a pool that nobody uses agree,
 * with {@code QueueAudit} for the eviction policy's queues and {@code PageAudit} for the bits of
 * pages.
 *
 * <p>Any thread; an audit takes locks one at a time and changes nothing but the proposals for
 * eviction, which it has taken back.
 */
@NullMarked
package dev.slabmount.core.inspect;

import org.jspecify.annotations.NullMarked;
