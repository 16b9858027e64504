/**
 * Loads of whole blocks: one per key, whatever happens.
 *
 * <p>Read {@link dev.slabmount.core.load.BlockLoader} (a miss, from joining a flight to its
 * landing), {@link dev.slabmount.core.load.LoadFlight} (one load: its leader, its waiters, how it
 * ended), {@link dev.slabmount.core.load.PendingLoads} (the flights under way, listed per shard of
 * the index) and {@link dev.slabmount.core.load.ProviderCalls} (calls of providers, checked).
 *
 * <p>Any thread. What is listed, and how a flight ends, is decided under the lock of the key's
 * shard; providers run, and waiters wait, without any.
 */
@NullMarked
package dev.slabmount.core.load;

import org.jspecify.annotations.NullMarked;
