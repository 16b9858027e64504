package dev.slabmount.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.sharded.ShardedMemoryPool;
import dev.slabmount.core.slot.SlotTable;
import dev.slabmount.core.slot.Tokens;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PageFlightsTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 16;

  /** A fill that was on its way when the block was cut off and moved to a smaller slot. */
  @Test
  void shouldWantNoPagesThatTheSlotDoesNotHave() {
    final MemoryPoolConfig config =
        MemoryPoolConfig.builder().maxSize(64 * PAGE).blockSize(PAGES * PAGE).build();
    try (ShardedMemoryPool pool = new ShardedMemoryPool(config)) {
      final SlotTable table = pool.table();
      final PageFlights flights = new PageFlights(table.counters, TimeUnit.SECONDS.toNanos(20));
      final long before = pool.claimDirty(7, 0, PAGES * PAGE, PAGES * PAGE);
      pool.resize(before, 2 * PAGE);
      pool.unpin(before);
      assertTrue(pool.shrinkDirtyBlock(7, 0));
      final long token = pool.pinDirty(7, 0);
      final int pinned = Tokens.slot(token);
      assertEquals(2 * PAGE, table.capacity(table.newest(pinned)));
      final BlockKey key = BlockKey.ofInode(7, 0);
      final PageFlights.Flight flight = flights.join(key, table, pinned, 0, PAGES);
      assertNotNull(flight);
      assertEquals(0, flight.first);
      assertEquals(2, flight.last);
      assertNull(flights.join(key, table, pinned, 5, PAGES), "beyond the end, nothing is missing");
      pool.unpin(token);
    }
  }
}
