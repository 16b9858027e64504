/**
 * The off-heap block pool: a bounded cache of blocks whose bytes live outside the Java heap.
 *
 * <p>Start at {@link dev.slabmount.core.pool.MemoryPool}: {@code MemoryPool.create(config)}
 * reserves one range of address space and serves blocks out of it until {@code close()}. Then read,
 * in this order, {@link dev.slabmount.core.pool.BlockKey} (what a block is called), {@link
 * dev.slabmount.core.pool.BlockContentProvider} (where its bytes come from), {@link
 * dev.slabmount.core.pool.BlockHandle} and {@link dev.slabmount.core.pool.MutableBlockHandle} (how
 * it is held), {@link dev.slabmount.core.pool.MemoryPoolException} (what can go wrong) and {@link
 * dev.slabmount.core.pool.MemoryPoolStats}.
 *
 * <p><b>Two kinds of block.</b> A <em>content-keyed</em> block never changes once it is loaded, so
 * its readers need no lock. An <em>inode-keyed</em> block belongs to one inode and may be written;
 * it carries the flag NEEDS_FLUSH from a write until it is marked flushed, and is never evicted
 * while the flag is up. Method names that say <em>dirty</em> mean "inode-keyed", whether or not the
 * flag is up; {@link dev.slabmount.core.pool.MemoryPoolStats#dirtyBlocks()} counts the flag.
 *
 * <p><b>Two faces.</b> A handle is the friendly face: it is {@link AutoCloseable} and checks its
 * use. Underneath lies the pin face ({@code pin}, {@code address}, {@code length}, {@code unpin})
 * that speaks in {@code long} tokens and allocates nothing on a hit. Both may be mixed.
 *
 * <p><b>Thread rules.</b> Every method of the pool and of the handles may be called by any thread.
 * A pin keeps a block's memory from being reused and excludes nobody: a pinned block can be
 * written, removed from the pool, or outgrow its slot, while whoever holds the pin can still read
 * the memory he pinned. Readers that must see a write whole or not at all go through {@code
 * withData}.
 *
 * <p><b>Inside</b> (nothing of it is exported). Each package uses only those before it:
 *
 * <pre>
 *  block     a header: state word, content latch, key, page bits
 *  slab      memory, cut into slabs and slots
 *  index     from a key to a slot
 *  evict     policies
 *  observe   what Flight Recorder is told
 *  state     open or closed, counters, versions
 *  victim    the policy behind its lock: who has to go
 *  slot      pins, tokens, hits, the end of a slot's life
 *  flush     NEEDS_FLUSH, write-backs
 *  room      evicting, and waiting, for a block that comes
 *  load      misses: one load per key
 *  write     insertions and changes of inodes' blocks
 *  page      single pages: loaded, cut off
 *  removal   removal on request, closing
 *  handle    handles over tokens
 *  sharded   all of it put together: {@code ShardedMemoryPool}
 *  inspect   audits
 * </pre>
 */
@NullMarked
package dev.slabmount.core.pool;

import org.jspecify.annotations.NullMarked;
