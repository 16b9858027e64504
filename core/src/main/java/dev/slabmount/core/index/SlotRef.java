package dev.slabmount.core.index;

import org.jspecify.annotations.Nullable;

/**
 * What the index maps hold for a slot: made once per slot, when its slab first gets a class with
 * that many slots, and used again for every block that the slot ever holds.
 *
 * <p>The links belong to the index: {@code nextInBucket} is guarded by the lock of the shard that
 * lists the slot, the owner links by the lock of the owner's stripe.
 */
final class SlotRef {
  final int slot;
  @Nullable SlotRef nextInBucket;
  @Nullable SlotRef nextOfOwner;
  @Nullable SlotRef previousOfOwner;

  SlotRef(final int slot) {
    this.slot = slot;
  }
}
