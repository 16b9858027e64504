/**
 * Who has to go: the eviction policy in the pool.
 *
 * <p>{@link dev.slabmount.core.victim.Victims} is all that others call: it keeps an {@link
 * dev.slabmount.core.evict.EvictionPolicy} behind a lock and hands its proposals out a few at a
 * time, from several {@code Tray}s. {@code PolicyChoice} makes the configured policy. {@code
 * ArrivedSlots} keeps what comes while somebody has that lock. {@code HeaderSlots} is how the
 * policy sees the slots: through their headers.
 *
 * <p>A proposal is a guess. The slot may live another life by the time somebody takes it up, so
 * whoever evicts proves under the lock of the key's shard that the block is still there and can go.
 *
 * <p>Any thread. The policy's lock is a leaf; a tray of proposals has a lock of its own, under
 * which that one is taken. No hit takes either, except under LRU.
 */
@NullMarked
package dev.slabmount.core.victim;

import org.jspecify.annotations.NullMarked;
