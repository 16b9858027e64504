package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeClassesTest {
  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "12288, 4096",
    "65536, 65536",
    "67108864, 1048576",
    "8589934592, 1048576",
    "8589934592, 4096",
    "4398046511104, 268435456"
  })
  void shouldFindTheSmallestSlotForEveryLength(final long poolBytes, final int blockBytes) {
    final SizeClasses classes = new SizeClasses(poolBytes, blockBytes);
    assertEquals(4096, classes.slotBytes(0));
    assertEquals(blockBytes, classes.slotBytes(classes.count() - 1));
    for (int pages = 1; pages * 4096L <= blockBytes; pages += 1 + pages / 1024) {
      final int bytes = pages * 4096;
      final int sizeClass = classes.classFor(bytes);
      assertTrue(classes.slotBytes(sizeClass) >= bytes);
      assertTrue(sizeClass == 0 || classes.slotBytes(sizeClass - 1) < bytes);
      assertEquals(sizeClass, classes.classFor(bytes - 4095));
      assertTrue(classes.slotBytes(classes.classWithin(pages)) <= bytes);
      final int next = classes.classWithin(pages) + 1;
      assertTrue(next == classes.count() || classes.slotBytes(next) > bytes);
    }
    assertEquals(0, classes.classFor(0));
    assertEquals(0, classes.classFor(1));
    assertEquals(-1, classes.classWithin(0));
    assertEquals(classes.count() - 1, classes.classWithin(1 << 20));
  }

  @Test
  void shouldWasteNoPageUpTo128KibAndLessThanASixteenthAbove() {
    final SizeClasses classes = new SizeClasses(8L << 30, 16 << 20);
    for (int pages = 1; pages <= 4096; pages++) {
      final int slotPages = classes.slotBytes(classes.classFor(pages * 4096)) / 4096;
      assertTrue(16 * (slotPages - pages) < (pages <= 32 ? 1 : pages), pages + " in " + slotPages);
      if (Integer.bitCount(pages) == 1) {
        assertEquals(pages, slotPages, "powers of two fit exactly");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "67108864, 1048576, 8388608", // Eight slabs of eight blocks.
    "33554432, 1048576, 4194304", // Still eight slabs.
    "8589934592, 1048576, 8388608",
    "8589934592, 4194304, 33554432",
    "4398046511104, 268435456, 268435456", // The most that a slot's place can name.
    "12288, 4096, 4096",
    "1048576, 1048576, 1048576"
  })
  void shouldMakeSlabsOfSeveralBlocksWhereThePoolIsLargeEnough(
      final long poolBytes, final int blockBytes, final int slabBytes) {
    final SizeClasses classes = new SizeClasses(poolBytes, blockBytes);
    assertEquals(slabBytes, classes.slabBytes());
    assertEquals(slabBytes, 4096 << classes.slotBits(), "a number for every page");
  }
}
