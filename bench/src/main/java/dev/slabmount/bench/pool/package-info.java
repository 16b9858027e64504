/**
 * What the block pool costs, by itself, with no filesystem around it, beside what it is compared
 * with: {@code make bench-pool}.
 *
 * <p>{@link dev.slabmount.bench.pool.PoolBench} runs one figure after the other. A figure starts
 * {@link dev.slabmount.bench.pool.Peer}s, processes with one {@link dev.slabmount.bench.pool.Stage}
 * each: a pool of one kind, filled ({@link dev.slabmount.bench.pool.PeerMain} is such a process).
 * It lets them work in turn. A {@link dev.slabmount.bench.pool.Work} is what one thread does again
 * and again, a {@link dev.slabmount.bench.pool.Crew} is the threads that do it at the same time,
 * and a {@link dev.slabmount.bench.pool.Tally} is what they reached. {@link
 * dev.slabmount.bench.pool.Floor} is what a pool without an index would cost, {@link
 * dev.slabmount.bench.pool.CaffeineBlocks} what one would build without this pool. {@link
 * dev.slabmount.bench.pool.PoolBenchmark} has the same operations for JMH. {@code
 * docs/perf/pool.md} says what each line means and what was seen.
 *
 * <p>The one who measures is one thread; every class says who else may call it.
 */
@NullMarked
package dev.slabmount.bench.pool;

import org.jspecify.annotations.NullMarked;
