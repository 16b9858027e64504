/**
 * Slots in use: their pins, their memory, the end of their lives, and the way from a key to one.
 *
 * <p>Read {@link dev.slabmount.core.slot.SlotTable} (everything that is done to one slot, over the
 * state machine of {@link dev.slabmount.core.block}), {@link dev.slabmount.core.slot.BlockFinder}
 * (a hit: from a key to a pinned slot, without a lock), {@link dev.slabmount.core.slot.Tokens}
 * (slot and generation in a {@code long}), {@link dev.slabmount.core.slot.SlotPages} (which pages
 * of a slot are valid, which need flushing) and {@link dev.slabmount.core.slot.RoomSignal} (whoever
 * drops what kept a block in place raises it; whoever waits for room sleeps there).
 *
 * <p>Any thread. Nothing here waits for anything but {@code RoomSignal.await}.
 */
@NullMarked
package dev.slabmount.core.slot;

import org.jspecify.annotations.NullMarked;
