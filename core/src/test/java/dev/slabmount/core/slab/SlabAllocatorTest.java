package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest {
  private static final int PAGE = 4096;
  private static final int NO_SLOT = SlabAllocator.NO_SLOT;
  private static final int POOL = 256 << 10;

  /** Four slabs of 64 KiB. */
  private final SizeClasses classes = new SizeClasses(POOL, 64 << 10);

  private final List<String> assigned = new ArrayList<>();
  private final SlabAllocator allocator =
      new SlabAllocator(
          POOL,
          classes,
          booksFor(POOL, classes),
          (slab, slots) -> assigned.add(slab + " gets " + slots));

  private final int small = classes.classFor(PAGE);
  private final int large = classes.classFor(64 << 10);

  /** Memory for the allocator to write down where slots lie, full of nonsense. */
  static MemorySegment booksFor(final long poolBytes, final SizeClasses classes) {
    final long bytes = SlabAllocator.bookBytes(poolBytes, classes);
    return MemorySegment.ofArray(new int[Math.toIntExact(bytes / Integer.BYTES)]).fill((byte) -1);
  }

  private int[] fillWithSmall() {
    final int[] slots = new int[POOL / PAGE];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = allocator.claim(small);
    }
    return slots;
  }

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
    assertEquals(new SlabAllocator.Usage(64, POOL, 4), allocator.usage());
    assertEquals(List.of("0 gets 16", "1 gets 16", "2 gets 16", "3 gets 16"), assigned);
  }

  @Test
  void shouldGiveFreePagesThatFollowEachOtherToWhoeverNeedsThem() {
    final int[] slots = fillWithSmall();
    for (int i = 1; i < 16; i++) {
      allocator.free(slots[i]);
      assertEquals(NO_SLOT, allocator.claim(large));
    }
    final int fifteen = allocator.claim(classes.classFor(15 * PAGE));
    assertEquals(PAGE, allocator.offset(fifteen), "all but the first page of the slab");
    allocator.free(fifteen);
    allocator.free(slots[0]);
    final int slot = allocator.claim(large);
    assertEquals(0, allocator.slabOf(slot));
    assertEquals(64 << 10, allocator.slotBytes(slot));
    allocator.free(slot);
    assertEquals(0, allocator.slabOf(allocator.claim(small)));
  }

  @Test
  void shouldPutDifferentSizesIntoOneSlabAndNumberThemCloseTogether() {
    final int[] sizes = {1, 5, 3, 7};
    for (int i = 0; i < sizes.length; i++) {
      final int slot = allocator.claim(classes.classFor(sizes[i] * PAGE));
      assertEquals(i, slot, "the lowest free number");
      assertEquals(sizes[i] * PAGE, allocator.slotBytes(slot));
    }
    assertEquals(9L * PAGE, allocator.offset(3));
    assertEquals(new SlabAllocator.Usage(4, 16 * PAGE, 1), allocator.usage());
    allocator.free(1);
    assertEquals(1, allocator.claim(classes.classFor(2 * PAGE)), "numbers come back");
    assertEquals(PAGE, allocator.offset(1), "and so do pages");
  }

  @Test
  void shouldTakeThePagesOffTheEndOfASlotThatIsTrimmed() {
    final int slot = allocator.claim(large);
    allocator.trim(slot, classes.classFor(3 * PAGE));
    assertEquals(3 * PAGE, allocator.slotBytes(slot));
    assertEquals(0, allocator.offset(slot));
    assertEquals(new SlabAllocator.Usage(1, 3 * PAGE, 1), allocator.usage());
    assertEquals(3L * PAGE, allocator.offset(allocator.claim(classes.classFor(13 * PAGE))));
  }

  @Test
  void shouldKeepAStretchForWhoEmptiesIt() {
    final int[] slots = fillWithSmall();
    allocator.free(slots[17]);
    final int eight = classes.classFor(8 * PAGE);
    final int[] taken = allocator.beginStretch(1, 0, eight);
    assertArrayEquals(new int[] {16, 18, 19, 20, 21, 22, 23}, taken, "17 is free already");
    assertEquals(NO_SLOT, allocator.claim(small), "but not for others");
    assertNull(allocator.beginStretch(1, 8, eight), "somebody is at it already");
    for (final int slot : taken) {
      allocator.free(slot);
      assertEquals(NO_SLOT, allocator.claim(small));
    }
    allocator.free(slots[24]);
    final int beside = allocator.claim(small);
    assertEquals(24L * PAGE, allocator.offset(beside), "beside the stretch");
    final int slot = allocator.endStretch(1);
    assertEquals(16L * PAGE, allocator.offset(slot));
    assertEquals(8 * PAGE, allocator.slotBytes(slot));
    assertEquals(new SlabAllocator.Usage(57, POOL, 4), allocator.usage());
  }

  @Test
  void shouldKeepOfASlotThatSticksOutOfTheStretchOnlyWhatLiesInIt() {
    final int five = classes.classFor(5 * PAGE);
    final int[] slots = {allocator.claim(five), allocator.claim(five), allocator.claim(five)};
    final int four = classes.classFor(4 * PAGE);
    assertArrayEquals(new int[] {0, 1}, allocator.beginStretch(0, 4, four));
    allocator.free(slots[0]);
    allocator.free(slots[1]);
    assertEquals(0, allocator.offset(allocator.claim(four)), "four of the first five");
    assertEquals(8L * PAGE, allocator.offset(allocator.claim(classes.classFor(2 * PAGE))));
    assertEquals(4L * PAGE, allocator.offset(allocator.endStretch(0)));
  }

  @Test
  void shouldGoOnAsBeforeIfAStretchCouldNotBeEmptied() {
    final int[] slots = fillWithSmall();
    assertNotNull(allocator.beginStretch(0, 0, large));
    for (int i = 0; i < 15; i++) {
      allocator.free(slots[i]);
    }
    assertEquals(NO_SLOT, allocator.endStretch(0));
    assertEquals(0, allocator.offset(allocator.claim(classes.classFor(15 * PAGE))));
    assertEquals(NO_SLOT, allocator.claim(small));
  }

  @Test
  void shouldHandOutNothingOnceClosed() {
    final int slot = allocator.claim(small);
    assertNotNull(allocator.beginStretch(0, 0, large));
    allocator.close();
    assertEquals(NO_SLOT, allocator.claim(small));
    allocator.free(slot);
    assertEquals(NO_SLOT, allocator.endStretch(0));
    assertNull(allocator.beginStretch(0, 0, large));
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
  void shouldUseALimitThatIsNoMultipleOfASlabToItsLastPage() {
    final long odd = (10L << 20) + 5 * PAGE + 17;
    final SizeClasses oddClasses = new SizeClasses(odd, 1 << 20);
    final SlabAllocator pool =
        new SlabAllocator(odd, oddClasses, booksFor(odd, oddClasses), (slab, slots) -> {});
    assertEquals((10L << 20) + 5 * PAGE, SlabAllocator.regionBytes(odd));
    long end = 0;
    for (int slot = pool.claim(0); slot != NO_SLOT; slot = pool.claim(0)) {
      end = Math.max(end, pool.offset(slot) + pool.slotBytes(slot));
    }
    assertEquals(SlabAllocator.regionBytes(odd), end);
    assertEquals(SlabAllocator.regionBytes(odd), pool.usage().capacity());
  }

  @Test
  void shouldOpenASlabOnlyWhenNoOtherHasAPlaceInAnyStripe() throws InterruptedException {
    final long bytes = 256L << 20; // 32 slabs, four stripes.
    final SizeClasses wide = new SizeClasses(bytes, 1 << 20);
    final SlabAllocator pool =
        new SlabAllocator(bytes, wide, booksFor(bytes, wide), (slab, slots) -> {}, 4);
    final int sizeClass = wide.classFor(256 << 10);
    final IntArrayList slots = new IntArrayList();
    final BitSet touched = new BitSet();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 32; i++) {
        slots.addInt(claimElsewhere(pool, sizeClass));
        touched.set(pool.slabOf(slots.getInt(i)));
      }
      assertEquals(1, touched.cardinality(), "8 MiB, in round " + round + ", lie in " + touched);
      slots.forEachInt(pool::free);
      slots.clear();
    }
  }

  /** Claims in a thread of its own, so with another stripe to begin at. */
  private static int claimElsewhere(final SlabAllocator pool, final int sizeClass)
      throws InterruptedException {
    final int[] slot = new int[1];
    final Thread thread = Thread.ofPlatform().start(() -> slot[0] = pool.claim(sizeClass));
    thread.join();
    return slot[0];
  }

  @Test
  void shouldAgreeWithAModelUnderRandomUse() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final IntArrayList slots = new IntArrayList();
    final BitSet pages = new BitSet();
    for (int step = 0; step < 20_000; step++) {
      final String at = "seed " + seed + " step " + step;
      final int choice = random.nextInt(100);
      if (choice < 50) {
        add(allocator.claim(random.nextInt(classes.count())), slots, pages, at);
      } else if (choice < 55) {
        emptyStretch(random, slots, pages, at);
      } else if (choice < 60 && !slots.isEmpty()) {
        trim(slots.getInt(random.nextInt(slots.size())), random, pages);
      } else if (!slots.isEmpty()) {
        remove(slots.fastUnorderedRemove(random.nextInt(slots.size())), pages);
      }
      assertEquals(slots.size(), allocator.usage().slots(), at);
      assertEquals((long) pages.cardinality() * PAGE, allocator.usage().capacity(), at);
      assertAllThatIsFreeCanBeHad(random, pages, at);
    }
  }

  private void assertAllThatIsFreeCanBeHad(
      final Random random, final BitSet pages, final String at) {
    final int wanted = 1 + random.nextInt(16);
    boolean there = false;
    for (int slab = 0; slab < 4; slab++) {
      for (int from = 16 * slab; from + wanted <= 16 * (slab + 1); from++) {
        there |= pages.get(from, from + wanted).isEmpty();
      }
    }
    final int slot = allocator.claim(classes.classFor(wanted * PAGE));
    assertEquals(there, slot != NO_SLOT, at + ": " + wanted + " pages of " + pages);
    if (slot != NO_SLOT) {
      allocator.free(slot);
    }
  }

  private void emptyStretch(
      final Random random, final IntArrayList slots, final BitSet pages, final String at) {
    final int sizeClass = random.nextInt(classes.count());
    final int slab = random.nextInt(4);
    final int first = random.nextInt(16 - classes.slotBytes(sizeClass) / PAGE + 1);
    final int[] taken = allocator.beginStretch(slab, first, sizeClass);
    if (taken == null) {
      return; // Nothing of this slab was ever used.
    }
    final int kept = random.nextInt(4) == 0 ? random.nextInt(taken.length + 1) : taken.length;
    for (int i = 0; i < kept; i++) {
      slots.removeInt(taken[i]);
      remove(taken[i], pages);
    }
    final int slot = allocator.endStretch(slab);
    assertEquals(kept == taken.length, slot != NO_SLOT, at);
    add(slot, slots, pages, at);
  }

  private void trim(final int slot, final Random random, final BitSet pages) {
    final int sizeClass = classes.classFor(allocator.slotBytes(slot));
    if (sizeClass > 0) {
      remove(slot, pages, false);
      allocator.trim(slot, random.nextInt(sizeClass));
      final int first = (int) (allocator.offset(slot) / PAGE);
      pages.set(first, first + allocator.slotBytes(slot) / PAGE);
    }
  }

  private void add(final int slot, final IntArrayList slots, final BitSet pages, final String at) {
    if (slot != NO_SLOT) {
      final int first = (int) (allocator.offset(slot) / PAGE);
      final int end = first + allocator.slotBytes(slot) / PAGE;
      assertTrue(pages.get(first, end).isEmpty(), at);
      pages.set(first, end);
      slots.addInt(slot);
    }
  }

  private void remove(final int slot, final BitSet pages) {
    remove(slot, pages, true);
  }

  private void remove(final int slot, final BitSet pages, final boolean free) {
    final int first = (int) (allocator.offset(slot) / PAGE);
    pages.clear(first, first + allocator.slotBytes(slot) / PAGE);
    if (free) {
      allocator.free(slot);
    }
  }
}
