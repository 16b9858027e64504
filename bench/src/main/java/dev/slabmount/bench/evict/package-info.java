/**
 * How often the pool's eviction policies miss, beside others, on fixed traces.
 *
 * <p>{@link dev.slabmount.bench.evict.EvictionSimulation} runs every {@link
 * dev.slabmount.bench.evict.Contender} on every {@link dev.slabmount.bench.evict.Trace} with two
 * sizes of cache and prints {@link dev.slabmount.bench.evict.MissRatios}; {@link
 * dev.slabmount.bench.evict.MissRatioFigure} makes it part of a table of goals. The pool's own
 * policies are driven as they are, over {@link dev.slabmount.bench.evict.SimulatedSlots} in place
 * of headers. Everything is seeded; only Caffeine draws numbers of its own.
 *
 * <p>Traces share nothing and run on two threads; the rest belongs to one thread each.
 */
@NullMarked
package dev.slabmount.bench.evict;

import org.jspecify.annotations.NullMarked;
