/**
 * The pool's memory: one reserved range of address space, cut into slabs, cut into slots.
 *
 * <p>Read {@link dev.slabmount.core.slab.SlabRegion} (the range, and the headers beside it), {@link
 * dev.slabmount.core.slab.SizeClasses} (which slot sizes there are), {@link
 * dev.slabmount.core.slab.SlabAllocator} (which slots are taken), then its parts: {@link
 * dev.slabmount.core.slab.SlabStripe} (a share of the slabs, in bins by what they can hold), {@link
 * dev.slabmount.core.slab.Slab} (the books of one) and {@link dev.slabmount.core.slab.SlotExtents}
 * (where each slot lies, for everybody). {@link dev.slabmount.core.slab.NativeMemory} is the one
 * class that talks to the operating system.
 *
 * <pre>
 *  region   | slab 0          | slab 1          | slab 2       | ...               address space, reserved once
 *  slab 0   |0|1|2   |3     |  free  |4|free                                       slots of any size class
 *  slab 1   |0       |1       |   stretch being emptied   |2|3|                    turns small slots into a large one
 *  headers  |64 B of slot 0|64 B of slot 1| ...   as many per slab as it has pages
 * </pre>
 *
 * A slot is a run of 4 KiB pages in one slab. Its number is {@code slab << slotBits | index within
 * the slab}; indexes are given out lowest first, whatever the place, so its header, at 64 times
 * that number, lies close to those of its neighbours.
 *
 * <p><b>Thread rules.</b> Everything public may be called by any thread. Each stripe has one short
 * lock and calls nobody while it holds it but the {@link
 * dev.slabmount.core.slab.SlabAllocator.AssignListener} that it was given.
 */
@NullMarked
package dev.slabmount.core.slab;

import org.jspecify.annotations.NullMarked;
