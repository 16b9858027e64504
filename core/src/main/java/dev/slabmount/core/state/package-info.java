/**
 * The state of the pool as a whole: what no slot has for itself.
 *
 * <p>{@link dev.slabmount.core.state.PoolLife} (open, or closed for good), {@link
 * dev.slabmount.core.state.PoolCounters} (the figures), {@link dev.slabmount.core.state.Versions}
 * (where the versions of new blocks start). The figures that every hit changes lie in {@link
 * dev.slabmount.core.state.ThreadCells}, a cell of its own for each thread, so that two threads
 * never write one cache line.
 *
 * <p>Any thread. Nothing here waits or takes a lock that a hit could meet.
 */
@NullMarked
package dev.slabmount.core.state;

import org.jspecify.annotations.NullMarked;
