/**
 * A block's header: 64 bytes off the heap, one cache line, for every slot.
 *
 * <p>Read {@link dev.slabmount.core.block.BlockHeaderDescriptor} (what lies where), {@link
 * dev.slabmount.core.block.BlockWord} (the state word's bits and what may become of it), {@link
 * dev.slabmount.core.block.BlockTransitions} (the same, atomically), {@link
 * dev.slabmount.core.block.BlockHeaders} (the other fields), {@link
 * dev.slabmount.core.block.ContentLatch} (readers and writers of the content).
 *
 * <p>What may become of a state word is written as pure functions from {@code long} to {@code
 * long}. The loops that apply them run over {@link dev.slabmount.core.block.HeaderWords}, which is
 * {@link dev.slabmount.core.block.SegmentWords} in the pool and an array on the heap in tests,
 * because model checkers do not see memory off the heap.
 *
 * <p>The Java memory model speaks of Java variables only. Off the heap we rely on the access modes
 * of the var handles, and every ordering that something depends on has an id (E1, E2, ...) under
 * which docs/MEMORY_MODEL.md says what it publishes and which test guards it.
 */
@NullMarked
package dev.slabmount.core.block;

import org.jspecify.annotations.NullMarked;
