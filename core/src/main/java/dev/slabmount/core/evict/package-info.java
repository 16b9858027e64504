/**
 * Which block has to go when there is no room.
 *
 * <p>Read {@link dev.slabmount.core.evict.EvictionPolicy}, then {@link
 * dev.slabmount.core.evict.AdaptiveFifoPolicy} (the default); {@link
 * dev.slabmount.core.evict.S3FifoPolicy}, {@link dev.slabmount.core.evict.ClockPolicy} and {@link
 * dev.slabmount.core.evict.LruPolicy} are there to compare it with. A policy sees slots through
 * {@link dev.slabmount.core.evict.ResidentSlots} and keeps them in {@link
 * dev.slabmount.core.evict.SlotQueue}s whose links lie in the slots' own headers.
 *
 * <p><b>Thread rule.</b> Nothing here is thread-safe: the pool calls a policy under one lock, never
 * on a hit. A hit only sets a bit in the slot's state word, which the policy looks at and clears
 * later; LRU alone is told of every hit.
 */
@NullMarked
package dev.slabmount.core.evict;

import org.jspecify.annotations.NullMarked;
