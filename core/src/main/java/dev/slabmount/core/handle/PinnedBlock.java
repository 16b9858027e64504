package dev.slabmount.core.handle;

import dev.slabmount.core.pool.BlockHandle;
import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.slot.SlotTable;
import java.lang.foreign.MemorySegment;

/** The handle of a content-keyed block. */
public final class PinnedBlock extends PinnedToken implements BlockHandle {
  /** Takes over the token's pin. */
  public PinnedBlock(final SlotTable table, final BlockKey key, final long token) {
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
