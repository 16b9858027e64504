package dev.slabmount.core.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bits of pages, beside two obvious sets, and with neighbours that share words. */
@Timeout(60)
class PageMapsTest {
  private static final int PAGES = 300;

  private final PageMaps maps =
      new PageMaps(Arena.ofAuto().allocate(PageMaps.bytesFor(PAGES), Long.BYTES));
  private final BitSet valid = new BitSet();
  private final BitSet flush = new BitSet();

  @Test
  void shouldAgreeWithTwoSetsWhateverIsDoneToRangesThatStraddleWords() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      final int from = random.nextInt(PAGES);
      final int to = from + random.nextInt(PAGES - from + 1);
      doSomething(random.nextInt(8), from, to, random);
      compare(from, to, "step " + i + " of seed " + seed);
    }
  }

  private void doSomething(final int what, final int from, final int to, final Random random) {
    switch (what) {
      case 0 -> {
        maps.setValid(from, to);
        valid.set(from, to);
      }
      case 1 -> {
        maps.setWritten(from, to);
        valid.set(from, to);
        flush.set(from, to);
      }
      case 2 -> {
        maps.forget(from, to);
        valid.clear(from, to);
        flush.clear(from, to);
      }
      case 3 -> {
        maps.clearToFlush(from, to);
        flush.clear(from, to);
      }
      case 4 -> {
        maps.setValidToFlush(from, to);
        final BitSet range = valid.get(from, to);
        range.stream().forEach(page -> flush.set(from + page));
      }
      case 5 -> takeAndPutBack(from, to, random);
      case 6 -> copy(from, to, random);
      default -> maps.setValid(from, from);
    }
  }

  private void takeAndPutBack(final int from, final int to, final Random random) {
    final long[] taken = maps.takeToFlush(from, to);
    assertEquals(flush.get(from, to), BitSet.valueOf(taken));
    assertFalse(maps.anyToFlush(from, to));
    final int end = from + random.nextInt(to - from + 1);
    maps.forget(from, end);
    maps.putBackToFlush(from, to, taken);
    valid.clear(from, end);
    flush.clear(from, end);
  }

  private void copy(final int from, final int to, final Random random) {
    final int length = Math.min(to - from, 70);
    final int target = random.nextInt(PAGES - length + 1);
    if (target + length > from && target < from + length) {
      return; // No block moves into itself.
    }
    maps.copy(from, from + length, target);
    for (int page = 0; page < length; page++) {
      valid.set(target + page, valid.get(from + page));
      flush.set(target + page, flush.get(from + page));
    }
  }

  private void compare(final int from, final int to, final String when) {
    assertEquals(Math.min(valid.nextClearBit(from), to), maps.firstMissing(from, to), when);
    assertEquals(next(valid, from, to), maps.firstValid(from, to), when);
    assertEquals(next(flush, from, to), maps.firstToFlush(from, to), when);
    assertEquals(next(flush, from, to) < to, maps.anyToFlush(from, to), when);
    for (int page = 0; page < PAGES; page++) {
      assertEquals(valid.get(page), maps.allValid(page, page + 1), when);
      assertEquals(flush.get(page), maps.anyToFlush(page, page + 1), when);
    }
  }

  private static int next(final BitSet set, final int from, final int to) {
    final int next = set.nextSetBit(from);
    return next < 0 ? to : Math.min(next, to);
  }

  @Test
  void shouldKeepTheBitsOfNeighboursInOneWordWhileEachChangesHisOwn() throws Exception {
    final CyclicBarrier together = new CyclicBarrier(3);
    final CompletableFuture<?>[] threads = new CompletableFuture<?>[3];
    for (int i = 0; i < threads.length; i++) {
      final int from = 60 + 3 * i; // The first one's pages lie in two words.
      threads[i] =
          CompletableFuture.runAsync(
              () -> {
                await(together);
                changeOwn(from, from + 3);
              },
              task -> Thread.ofPlatform().daemon().start(task));
    }
    CompletableFuture.allOf(threads).get(50, TimeUnit.SECONDS);
  }

  /** Or the first thread may be done before the last one begins. */
  private static void await(final CyclicBarrier together) {
    try {
      together.await();
    } catch (final InterruptedException | BrokenBarrierException e) {
      throw new AssertionError(e);
    }
  }

  private void changeOwn(final int from, final int to) {
    for (int i = 0; i < 200_000; i++) {
      maps.setWritten(from, to);
      assertTrue(maps.allValid(from, to), "set, and nobody else may clear it");
      assertEquals(0b111, maps.takeToFlush(from, to)[0]);
      assertFalse(maps.anyToFlush(from, to), "taken, and nobody else may set it");
      maps.forget(from, to);
      assertEquals(to, maps.firstValid(from, to), "forgotten, and nobody else may set it");
    }
  }
}
