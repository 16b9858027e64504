/**
 * Room for a block that comes.
 *
 * <p>Read {@link dev.slabmount.core.room.RoomMaker}: it takes what is free; or the slot of a block
 * that the policy proposes; or empties a stretch of a slab ({@link
 * dev.slabmount.core.room.SlabEmptier}); or looks through all slabs for a stretch that can be
 * emptied ({@code RoomSearch}); or waits, bounded, at the {@link
 * dev.slabmount.core.slot.RoomSignal}, while the pool's own threads write back.
 *
 * <p>Any thread, without locks and latches: nobody may wait for room while others wait for him.
 */
@NullMarked
package dev.slabmount.core.room;

import org.jspecify.annotations.NullMarked;
