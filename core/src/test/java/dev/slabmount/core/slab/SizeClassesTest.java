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
    for (int pages = 0; pages * 4096L <= blockBytes; pages += 1 + pages / 64) {
      final int bytes = pages * 4096;
      final int sizeClass = classes.classFor(bytes);
      assertTrue(classes.slotBytes(sizeClass) >= bytes);
      assertTrue(sizeClass == 0 || classes.slotBytes(sizeClass - 1) < bytes);
    }
    assertEquals(0, classes.classFor(0));
    assertEquals(0, classes.classFor(1));
  }

  @ParameterizedTest
  @CsvSource({"67108864, 1048576", "8589934592, 1048576", "8589934592, 4096"})
  void shouldWasteLittle(final long poolBytes, final int blockBytes) {
    final SizeClasses classes = new SizeClasses(poolBytes, blockBytes);
    for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
      final int slotBytes = classes.slotBytes(sizeClass);
      assertEquals(0, slotBytes % 4096);
      final long used = (long) classes.slotsPerSlab(sizeClass) * slotBytes;
      assertTrue(used * 100 >= classes.slabBytes() * 84L, slotBytes + " leaves much of a slab");
      assertTrue(classes.slotsPerSlab(sizeClass) <= 1 << classes.slotBits());
      if (Integer.bitCount(slotBytes) == 1) {
        assertEquals(classes.slabBytes(), used);
      }
    }
    for (int size = 4096; size <= blockBytes; size *= 2) {
      assertEquals(size, classes.slotBytes(classes.classFor(size)), "powers of two fit exactly");
    }
  }

  @Test
  void shouldHaveFinerClassesThanPowersOfTwoWhereASlabHoldsManyBlocks() {
    final SizeClasses classes = new SizeClasses(8L << 30, 1 << 20);
    assertEquals(8 << 20, classes.slabBytes());
    for (int sizeClass = 3; sizeClass < classes.count(); sizeClass++) {
      final double step = (double) classes.slotBytes(sizeClass) / classes.slotBytes(sizeClass - 1);
      assertTrue(step < 1.5, "from one class to the next by " + step);
    }
  }

  @Test
  void shouldMakeSlabsSmallEnoughForThePoolToHaveMany() {
    assertEquals(1 << 20, new SizeClasses(64L << 20, 1 << 20).slabBytes());
    assertEquals(4096, new SizeClasses(3 * 4096, 4096).slabBytes());
    assertEquals(2 << 20, new SizeClasses(128L << 20, 4096).slabBytes());
  }
}
