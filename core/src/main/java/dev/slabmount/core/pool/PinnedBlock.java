package dev.slabmount.core.pool;

import java.lang.foreign.MemorySegment;

/** The handle of a content-keyed block. */
final class PinnedBlock extends PinnedToken implements BlockHandle {
  PinnedBlock(final SlotTable table, final BlockKey key, final long token) {
    super(table, key, token);
  }

  @Override
  public MemorySegment data() {
    final int slot = table.slotOf(heldToken());
    return table.readable(slot, table.headers.lengthAcquire(slot));
  }

  @Override
  public int length() {
    return table.headers.lengthAcquire(table.slotOf(heldToken()));
  }
}
