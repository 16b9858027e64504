/**
 * The pool's memory: one reserved range of address space, cut into slabs, cut into slots.
 *
 * <p>Read {@link dev.slabmount.core.slab.SlabRegion} (the range, and the headers beside it), {@link
 * dev.slabmount.core.slab.SizeClasses} (which slot sizes there are), {@link
 * dev.slabmount.core.slab.SlabAllocator} (which slots are taken). {@link
 * dev.slabmount.core.slab.NativeMemory} is the one class that talks to the operating system.
 *
 * <pre>
 *  region   | slab 0          | slab 1          | slab 2          | ...            address space, reserved once
 *  slab 0   |slot|slot|slot|slot|                                              one size class: equal parts
 *  slab 1   |slot   |slot   |                                                  another class
 *  headers  |64 B of slot 0|64 B of slot 1| ...   as many per slab as it has slots of the smallest size
 * </pre>
 *
 * A slot's number is {@code slab << slotBits | index within the slab}; its header lies at 64 times
 * that number, whatever class the slab has.
 *
 * <p><b>Thread rules.</b> Everything here may be called by any thread. The allocator has one short
 * lock of its own and calls nobody while it holds it but the {@link
 * dev.slabmount.core.slab.SlabAllocator.AssignListener} it was given.
 */
@NullMarked
package dev.slabmount.core.slab;

import org.jspecify.annotations.NullMarked;
