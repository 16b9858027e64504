package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SlabRegionTest {
  private static final long GIB = 1L << 30;
  private static final Pattern RANGE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) ");

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
      assertTrue(residentKib(blocks.address()) <= 1024, "only what was touched is resident");
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

  /**
   * The resident kibibytes of the mapping that holds this address; neighbours may be part of it.
   */
  private static long residentKib(final long address) throws IOException {
    boolean found = false;
    for (final String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      final Matcher range = RANGE.matcher(line);
      if (range.lookingAt()) {
        found =
            Long.parseUnsignedLong(range.group(1), 16) <= address
                && address < Long.parseUnsignedLong(range.group(2), 16);
      } else if (found && line.startsWith("Rss:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("nothing is mapped at " + Long.toHexString(address));
  }
}
