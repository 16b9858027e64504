/**
 * Which block has to go when there is no room.
 *
 * <p>Read {@link dev.slabmount.core.evict.EvictionPolicy}, then {@link
 * dev.slabmount.core.evict.S3FifoPolicy} (the default) and {@link
 * dev.slabmount.core.evict.ClockPolicy}. A policy sees slots through {@link
 * dev.slabmount.core.evict.ResidentSlots} and keeps them in {@link
 * dev.slabmount.core.evict.SlotQueue}s whose links lie in the slots' own headers.
 *
 * <p><b>Thread rule.</b> Nothing here is thread-safe: the pool calls a policy under one lock, never
 * on a hit. A hit only sets a bit in the slot's state word, which the policy looks at and clears
 * later.
 */
@NullMarked
package dev.slabmount.core.evict;

import org.jspecify.annotations.NullMarked;
