/**
 * Changes to blocks of inodes: inserted, written, grown, shrunk.
 *
 * <p>Read {@link dev.slabmount.core.write.BlockWriter} (a change in place), {@link
 * dev.slabmount.core.write.LatchedBlocks} (in and out of the content latch of a block wherever it
 * lies by now), {@code Overwriter} (the short way, for writes over what needs flushing already),
 * {@code BlockMover} (to another slot, under the hands of those who hold the block) and {@link
 * dev.slabmount.core.write.DirtyBlocks} (blocks that come by insertion). {@link
 * dev.slabmount.core.write.Arguments} checks what callers pass.
 *
 * <p>Any thread. One writer at a time is in a block's latch; nobody waits for room in it.
 */
@NullMarked
package dev.slabmount.core.write;

import org.jspecify.annotations.NullMarked;
