/**
 * From a key to the slot that holds its block.
 *
 * <p>Read {@link dev.slabmount.core.index.BlockIndex}, then {@link
 * dev.slabmount.core.index.IndexShard} (key → slot) and {@link dev.slabmount.core.index.OwnerIndex}
 * (content id or inode → its blocks), and {@link dev.slabmount.core.index.SlotHints}, the table in
 * front of the shards through which hits find their slot without a lock. The maps are keyed by a
 * 64-bit hash of the key, which only chooses a shard and a bucket: what a bucket holds is compared
 * with the whole key in the header.
 *
 * <p><b>Locks.</b> A shard has a reader-writer lock, which its users take and release themselves,
 * because what they do to state words and pending loads belongs into the same critical section. The
 * owner index has locks of its own that are taken under a shard's lock and never the other way
 * round.
 */
@NullMarked
package dev.slabmount.core.index;

import org.jspecify.annotations.NullMarked;
