package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest {
  private static final int PAGE = 4096;
  private static final int NO_SLOT = SlabAllocator.NO_SLOT;

  /** Four slabs of 64 KiB. */
  private final SizeClasses classes = new SizeClasses(256 << 10, 64 << 10);

  private final List<String> assigned = new ArrayList<>();
  private final SlabAllocator allocator =
      new SlabAllocator(256 << 10, classes, (slab, slots) -> assigned.add(slab + " gets " + slots));

  private final int small = classes.classFor(PAGE);
  private final int large = classes.classFor(64 << 10);

  @Test
  void shouldHandOutEveryByteOnceAndNoMore() {
    final BitSet pages = new BitSet();
    for (int i = 0; i < 64; i++) {
      final int slot = allocator.claim(small);
      assertNotEquals(NO_SLOT, slot);
      assertEquals(PAGE, allocator.slotBytes(slot));
      final int page = Math.toIntExact(allocator.offset(slot) / PAGE);
      assertTrue(!pages.get(page), "page " + page + " is handed out twice");
      pages.set(page);
    }
    assertEquals(64, pages.cardinality());
    assertEquals(64, pages.length());
    assertEquals(NO_SLOT, allocator.claim(small));
    assertEquals(NO_SLOT, allocator.claim(large));
    assertEquals(new SlabAllocator.Usage(64, 256 << 10, 4), allocator.usage());
    assertEquals(List.of("0 gets 16", "1 gets 16", "2 gets 16", "3 gets 16"), assigned);
  }

  @Test
  void shouldGiveAnEmptySlabToWhoeverNeedsItNext() {
    final int[] slots = new int[64];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = allocator.claim(small);
    }
    for (int i = 1; i < 16; i++) {
      allocator.free(slots[i]);
      assertEquals(NO_SLOT, allocator.claim(large));
    }
    allocator.free(slots[0]);
    final int slot = allocator.claim(large);
    assertEquals(0, allocator.slabOf(slot));
    assertEquals(64 << 10, allocator.slotBytes(slot));
    assertEquals(large, allocator.classOf(0));
    allocator.free(slot);
    assertEquals(-1, allocator.classOf(0));
    assertEquals(0, allocator.slabOf(allocator.claim(small)));
  }

  @Test
  void shouldHandOutNothingFromASlabThatIsBeingEmptied() {
    final int slot = allocator.claim(small);
    final int[] taken = allocator.startDrain(0, large);
    assertArrayEquals(new int[] {slot}, taken);
    assertNull(allocator.startDrain(0, large), "somebody is at it already");
    assertEquals(1, allocator.slabOf(allocator.claim(small)), "not from slab 0");
    allocator.free(slot);
    final int large0 = allocator.finishDrain(0, large);
    assertEquals(0, allocator.slabOf(large0));
    assertEquals(64 << 10, allocator.slotBytes(large0));
    assertNull(allocator.startDrain(0, large), "it has that class already");
    assertNull(allocator.startDrain(3, large), "it is empty");
  }

  @Test
  void shouldGoOnAsBeforeIfASlabCouldNotBeEmptied() {
    final int stays = allocator.claim(small);
    assertNotNull(allocator.startDrain(0, large));
    assertEquals(NO_SLOT, allocator.finishDrain(0, large));
    final int next = allocator.claim(small);
    assertEquals(0, allocator.slabOf(next));
    assertNotEquals(stays, next);
  }

  @Test
  void shouldHandOutNothingOnceClosed() {
    final int slot = allocator.claim(small);
    allocator.close();
    assertEquals(NO_SLOT, allocator.claim(small));
    assertNotNull(allocator.startDrain(0, large));
    allocator.free(slot);
    assertEquals(NO_SLOT, allocator.finishDrain(0, large));
    assertEquals(new SlabAllocator.Usage(0, 0, 0), allocator.usage());
  }

  @Test
  void shouldAssertThatASlotIsFreedOnce() {
    final int slot = allocator.claim(small);
    allocator.claim(small);
    allocator.free(slot);
    assertThrows(AssertionError.class, () -> allocator.free(slot));
  }

  @Test
  void shouldAgreeWithAModelUnderRandomUse() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final IntArrayList slots = new IntArrayList();
    final BitSet pages = new BitSet();
    for (int step = 0; step < 20_000; step++) {
      final String at = "seed " + seed + " step " + step;
      if (random.nextInt(100) < 55) {
        final int slot = allocator.claim(random.nextInt(classes.count()));
        if (slot != NO_SLOT) {
          final int first = (int) (allocator.offset(slot) / PAGE);
          final int end = first + allocator.slotBytes(slot) / PAGE;
          assertTrue(pages.get(first, end).isEmpty(), at);
          pages.set(first, end);
          slots.addInt(slot);
        }
      } else if (!slots.isEmpty()) {
        final int slot = slots.fastUnorderedRemove(random.nextInt(slots.size()));
        final int first = (int) (allocator.offset(slot) / PAGE);
        pages.clear(first, first + allocator.slotBytes(slot) / PAGE);
        allocator.free(slot);
      }
      assertEquals(slots.size(), allocator.usage().slots(), at);
      assertEquals((long) pages.cardinality() * PAGE, allocator.usage().capacity(), at);
    }
  }
}
