/**
 * The pool that the sharded one is compared with: everything under one lock.
 *
 * <p>{@link dev.slabmount.bench.onelock.SingleLockMemoryPool} says what it is and what it is not.
 * Then read {@code PoolState} (the lock and what it guards), {@code Block} and {@code Extent} (what
 * is pinned), {@code Room} (who has to go), {@code Loads} and {@code Writes}. It keeps the same
 * contract, shown by the same tests, as the pool of {@code core}; the benchmarks run on both.
 */
@NullMarked
package dev.slabmount.bench.onelock;

import org.jspecify.annotations.NullMarked;
