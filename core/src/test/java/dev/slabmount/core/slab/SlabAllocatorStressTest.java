package dev.slabmount.core.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The allocator alone under many threads: claims and frees of all classes, slots that are trimmed,
 * and stretches that are emptied by one thread while others free what lies there.
 *
 * <p>Every page and every slot number has a word of its own here, which its holder takes and leaves
 * atomically; so whatever is handed out twice is noticed at once.
 */
@Timeout(60)
class SlabAllocatorStressTest {
  private static final int PAGE = 4096;
  private static final int NO_SLOT = SlabAllocator.NO_SLOT;
  private static final long POOL = (16L << 20) + 37 * PAGE; // A last slab that is shorter.
  private static final int BLOCK = 64 << 10;
  private static final int THREADS = 6;
  private static final int STEPS = 150_000;

  private static final int FREE = 0;
  private static final int HELD = 1;
  private static final int GIVEN_UP = 2;

  private final SizeClasses classes = new SizeClasses(POOL, BLOCK);
  private final SlabAllocator allocator =
      new SlabAllocator(
          POOL, classes, SlabAllocatorTest.booksFor(POOL, classes), (slab, slots) -> {}, 2);

  private final AtomicIntegerArray pages = new AtomicIntegerArray((int) (POOL / PAGE));

  /** Whether a slot is held by a thread, or given up so that any thread may free it. */
  private final AtomicIntegerArray states =
      new AtomicIntegerArray(allocator.slabCount() << classes.slotBits());

  private final AtomicLong stretchesEmptied = new AtomicLong();
  private final AtomicLong claims = new AtomicLong();

  @Test
  void shouldNeverHandOutAPageTwiceNorLoseOne() throws Exception {
    final long seed = System.nanoTime();
    final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      final List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        final long own = seed + i;
        running.add(threads.submit(() -> churn(new Random(own))));
      }
      for (final Future<?> thread : running) {
        thread.get(50, TimeUnit.SECONDS);
      }
    } catch (final Exception e) {
      throw new AssertionError("seed " + seed, e);
    } finally {
      threads.shutdownNow();
    }
    assertTrue(stretchesEmptied.get() > 0, "stretches were emptied under the others");
    assertTrue(claims.get() > STEPS, "slots were to be had");
    assertBooksAgree("seed " + seed);
  }

  private void churn(final Random random) {
    final IntArrayList own = new IntArrayList();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(16)) {
        case 0 -> emptyStretch(random, own);
        case 1 -> {
          if (!own.isEmpty()) {
            trim(own.getInt(random.nextInt(own.size())), random);
          }
        }
        case 2, 3, 4, 5, 6, 7, 8 -> claim(random, own);
        case 9, 10, 11 -> giveUp(random, own);
        default -> {
          if (!own.isEmpty()) {
            leave(own.fastUnorderedRemove(random.nextInt(own.size())), HELD);
          }
        }
      }
      if (step % 1000 == 0) {
        assertTrue(allocator.usage().capacity() <= POOL, "more than the limit is in use");
      }
    }
    own.forEachInt(slot -> leave(slot, HELD));
  }

  private void claim(final Random random, final IntArrayList own) {
    final int sizeClass = random.nextInt(classes.count());
    final int slot = allocator.claim(sizeClass);
    if (slot != NO_SLOT) {
      take(slot, sizeClass);
      own.addInt(slot);
    } else {
      evictAny(random);
    }
  }

  /** Makes a slot one that any thread may free. */
  private void giveUp(final Random random, final IntArrayList own) {
    if (!own.isEmpty()) {
      states.set(own.fastUnorderedRemove(random.nextInt(own.size())), GIVEN_UP);
    }
  }

  private void evictAny(final Random random) {
    for (final int slot : allocator.takenSlots(random.nextInt(allocator.slabCount()))) {
      leave(slot, GIVEN_UP);
    }
  }

  private void emptyStretch(final Random random, final IntArrayList own) {
    final int sizeClass = random.nextInt(classes.count());
    final int slab = random.nextInt(allocator.slabCount());
    final int last = allocator.slabPages(slab) - SizeClasses.pages(sizeClass);
    if (last < 0) {
      return;
    }
    final int[] taken = allocator.beginStretch(slab, random.nextInt(last + 1), sizeClass);
    if (taken == null) {
      return;
    }
    boolean all = true;
    for (final int slot : taken) {
      all &= leave(slot, GIVEN_UP);
    }
    final int slot = allocator.endStretch(slab);
    if (all) {
      assertNotEquals(NO_SLOT, slot, "all of the stretch was freed, and kept");
    }
    if (slot != NO_SLOT) {
      stretchesEmptied.incrementAndGet();
      take(slot, sizeClass);
      own.addInt(slot);
    }
  }

  private void trim(final int slot, final Random random) {
    final int sizeClass = classes.classFor(allocator.slotBytes(slot));
    if (sizeClass > 0) {
      final int smaller = random.nextInt(sizeClass);
      final int first = firstPage(slot);
      setPages(first + SizeClasses.pages(smaller), first + pageCount(slot), 1, 0);
      allocator.trim(slot, smaller);
      assertEquals(classes.slotBytes(smaller), allocator.slotBytes(slot));
    }
  }

  private void take(final int slot, final int sizeClass) {
    claims.incrementAndGet();
    assertTrue(states.compareAndSet(slot, FREE, HELD), () -> "slot " + slot + " is given twice");
    assertEquals(classes.slotBytes(sizeClass), allocator.slotBytes(slot));
    setPages(firstPage(slot), firstPage(slot) + pageCount(slot), 0, 1);
  }

  private boolean leave(final int slot, final int state) {
    if (!states.compareAndSet(slot, state, FREE)) {
      return false;
    }
    setPages(firstPage(slot), firstPage(slot) + pageCount(slot), 1, 0);
    allocator.free(slot);
    return true;
  }

  private void setPages(final int from, final int to, final int before, final int after) {
    for (int page = from; page < to; page++) {
      final int at = page;
      assertTrue(
          pages.compareAndSet(page, before, after),
          () -> "page " + at + " is " + (after == 1 ? "in two slots" : "in none"));
    }
  }

  private int firstPage(final int slot) {
    return (int) (allocator.offset(slot) / PAGE);
  }

  private int pageCount(final int slot) {
    return allocator.slotBytes(slot) / PAGE;
  }

  private void assertBooksAgree(final String seed) {
    long slots = 0;
    long capacity = 0;
    for (int slab = 0; slab < allocator.slabCount(); slab++) {
      for (final int slot : allocator.takenSlots(slab)) {
        assertEquals(GIVEN_UP, states.get(slot), seed + ": slot " + slot + " has no holder");
        slots++;
        capacity += allocator.slotBytes(slot);
      }
    }
    assertEquals(slots, allocator.usage().slots(), seed);
    assertEquals(capacity, allocator.usage().capacity(), seed);
    for (int slab = 0; slab < allocator.slabCount(); slab++) {
      for (final int slot : allocator.takenSlots(slab)) {
        assertTrue(leave(slot, GIVEN_UP));
      }
    }
    assertEquals(new SlabAllocator.Usage(0, 0, 0), allocator.usage(), seed);
    assertEquals(POOL / BLOCK, claimAll(classes.count() - 1), seed + ": whole slabs are lost");
    assertEquals(POOL % BLOCK / PAGE, claimAll(0), seed + ": pages are lost");
  }

  private long claimAll(final int sizeClass) {
    long count = 0;
    for (int slot = allocator.claim(sizeClass); slot != NO_SLOT; count++) {
      take(slot, sizeClass);
      slot = allocator.claim(sizeClass);
    }
    return count;
  }
}
