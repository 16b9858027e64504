/**
 * Blocks that need flushing: who may say so, who writes them back.
 *
 * <p>Read {@link dev.slabmount.core.flush.FlushFlags} (keeps NEEDS_FLUSH and the bits of the pages
 * in agreement), {@link dev.slabmount.core.flush.BlockFlusher} (one write-back, from taking the
 * bits to settling the flag), {@link dev.slabmount.core.flush.FlushTurns} (one write-back per key
 * at a time), {@code PageRuns} (what a write-back is shown) and {@link
 * dev.slabmount.core.flush.WriteBackThreads} (the pool's own threads, which flush while somebody
 * waits for room).
 *
 * <p>Any thread. A write-back runs without a lock and without the content latch; the block is
 * pinned meanwhile.
 */
@NullMarked
package dev.slabmount.core.flush;

import org.jspecify.annotations.NullMarked;
