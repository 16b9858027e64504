package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class SlabRegionTest {
  private static final long GIB = 1L << 30;

  @Test
  void shouldReserveZeroedAlignedMemoryWithoutTouchingIt() throws IOException {
    try (SlabRegion region = new SlabRegion(64 * GIB, GIB, false)) {
      final MemorySegment blocks = region.blocks();
      assertEquals(64 * GIB, blocks.byteSize());
      assertEquals(GIB, region.headers().byteSize());
      assertEquals(0, blocks.address() % 4096);
      assertEquals(0, blocks.get(ValueLayout.JAVA_LONG, 64 * GIB - 8));
      blocks.set(ValueLayout.JAVA_LONG, 0, 42);
      assertEquals(42, blocks.get(ValueLayout.JAVA_LONG, 0));
      assertEquals(1, presentPages(blocks.address(), 1));
      assertEquals(0, presentPages(blocks.address() + GIB, 100_000), "what was not touched");
    }
  }

  @Test
  void shouldAlignToHugePagesWhereTheyAreWanted() {
    try (SlabRegion region = new SlabRegion(8L << 20, 4096, true)) {
      assertEquals(0, region.blocks().address() % (2L << 20));
      region.blocks().set(ValueLayout.JAVA_BYTE, (8L << 20) - 1, (byte) 1);
    }
    try (SlabRegion region = new SlabRegion(4096, 64, true)) {
      assertEquals(4096, region.headers().byteSize(), "rounded up to a page");
    }
  }

  @Test
  void shouldTouchEveryPageFromManyThreadsIfAskedTo() throws IOException {
    final int pages = (100 << 20) / 4096; // Chunks of 32 MiB and a rest.
    try (SlabRegion region = new SlabRegion(pages * 4096L, 4096, false)) {
      assertEquals(
          0, presentPages(region.blocks().address(), pages), "nothing without being asked");
      region.prefault(4);
      assertEquals(pages, presentPages(region.blocks().address(), pages));
      assertEquals(0, presentPages(region.headers().address(), 1), "headers come when used");
    }
  }

  @Test
  void shouldRefuseAccessAndNotCrashOnceClosed() {
    final SlabRegion region = new SlabRegion(4096, 4096, false);
    final MemorySegment view = region.blocks().asSlice(0, 8).asReadOnly();
    region.close();
    assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_LONG, 0));
    assertThrows(IllegalStateException.class, region::close);
  }

  @Test
  void shouldSayHowMuchWasRefusedAndWhatToDo() {
    final ReservationException refused =
        assertThrows(ReservationException.class, () -> new SlabRegion(1L << 50, 4096, false));
    assertTrue(refused.getMessage().contains("1125899906842624 bytes"), refused.getMessage());
    assertTrue(refused.getMessage().contains("errno 12"), refused.getMessage());
    assertTrue(refused.getMessage().contains("smaller pool"), refused.getMessage());
  }

  /** How many of the pages from this address on are in memory: bit 63 of their pagemap entries. */
  private static int presentPages(final long address, final int pages) throws IOException {
    try (RandomAccessFile pagemap = new RandomAccessFile("/proc/self/pagemap", "r")) {
      final byte[] entries = new byte[pages * Long.BYTES];
      pagemap.seek(address / 4096 * Long.BYTES);
      pagemap.readFully(entries);
      int present = 0;
      for (int page = 0; page < pages; page++) {
        present += entries[page * Long.BYTES + Long.BYTES - 1] < 0 ? 1 : 0; // Little-endian.
      }
      return present;
    }
  }
}
