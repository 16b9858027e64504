package dev.slabmount.nativebindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mappings come, are what was asked for, and go. */
class AnonymousMemoryTest {
  private static final long BYTES = 4L << 20;

  @Test
  void shouldMapZerosThatCanBeWrittenTo() {
    final long address = AnonymousMemory.map(BYTES);
    assertNotEquals(0, address);
    final MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(BYTES);
    assertEquals(0, memory.get(ValueLayout.JAVA_LONG, BYTES - Long.BYTES));
    memory.set(ValueLayout.JAVA_LONG, BYTES - Long.BYTES, 42);
    assertEquals(42, memory.get(ValueLayout.JAVA_LONG, BYTES - Long.BYTES));
    AnonymousMemory.unmap(address, BYTES);
  }

  @Test
  void shouldSayThatThereIsNoRoom() {
    assertEquals(0, AnonymousMemory.map(1L << 60));
  }

  @Test
  void shouldAskForHugePagesWhereTheKernelHasThem() throws Exception {
    final long address = AnonymousMemory.map(BYTES);
    AnonymousMemory.adviseHugePages(address, BYTES);
    assertEquals(
        Files.isDirectory(Path.of("/sys/kernel/mm/transparent_hugepage")),
        mappingAt(address).contains(" hg"));
    AnonymousMemory.unmap(address, BYTES);
  }

  @Test
  void shouldUnmapAllOfIt() throws Exception {
    final long address = AnonymousMemory.map(BYTES);
    AnonymousMemory.adviseHugePages(address, BYTES); // so that it is a mapping of its own
    assertTrue(isMapped(address));
    AnonymousMemory.unmap(address, BYTES);
    assertFalse(isMapped(address));
    assertFalse(isMapped(address + BYTES - 1));
  }

  private static boolean isMapped(final long address) throws Exception {
    return !mappingAt(address).isEmpty();
  }

  /** What the kernel says of the mapping around an address, from its range to its flags. */
  private static String mappingAt(final long address) throws Exception {
    final List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    final StringBuilder found = new StringBuilder();
    boolean here = false;
    for (final String line : lines) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        final String[] range = line.split(" ", 2)[0].split("-", 2);
        here =
            Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
                && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
      }
      if (here) {
        found.append(line).append('\n');
      }
    }
    return found.toString();
  }
}
