package dev.slabmount.vfs.prefetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Eager;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.None;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.OnOpen;
import dev.slabmount.vfs.prefetch.PrefetchStrategy.Sequential;
import dev.slabmount.vfs.read.BackgroundLoad.Outcome;
import dev.slabmount.vfs.tree.InodeTree;
import dev.slabmount.vfs.tree.TreeBuilder;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetcherTest {
  private static final int BLOCK = FakeLoads.BLOCK;
  private static final int PIECE = 128 << 10;
  private static final int BLOCKS = 200;
  private static final long BUDGET = 64L * BLOCK;
  private static final int FILES = 2000;

  private final FakeLoads loads = new FakeLoads();
  private InodeTree tree;

  @BeforeEach
  void plantTree() throws Exception {
    final Manifest.Builder manifest = new Manifest.Builder();
    for (int i = 0; i < FILES; i++) {
      final long size = (long) BLOCKS * BLOCK - 5;
      manifest.add(new FileEntry("f" + i, size, 0, false, List.of(new ContentHash(i, 1))));
    }
    manifest.add(new FileEntry("short", 2L * BLOCK + 1, 0, false, List.of(new ContentHash(1, 2))));
    manifest.add(new FileEntry("the empty one", 0, 0, false, List.of(Xxh128.hash(new byte[0]))));
    tree = TreeBuilder.build(manifest.build());
  }

  private long ino(final String name) {
    return tree.lookup(
        InodeTree.ROOT,
        name.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        0,
        name.length());
  }

  private Prefetcher prefetcher(final PrefetchStrategy strategy) {
    return prefetcher(strategy, BUDGET);
  }

  private Prefetcher prefetcher(final PrefetchStrategy strategy, final long budget) {
    return new Prefetcher(strategy, budget, tree, loads);
  }

  private static List<Long> numbers(final long from, final long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  /** Reads a range in pieces, as the kernel's read-ahead does. */
  private static void readInOrder(
      final Prefetcher prefetcher, final long key, final long ino, final long from, final long to) {
    for (long at = from; at < to; at += PIECE) {
      prefetcher.read(key, ino, at, (int) Math.min(PIECE, to - at));
    }
  }

  // ---- Strategies ----

  @Test
  void shouldLoadNothingIfToldSo() {
    final Prefetcher none = prefetcher(new None());
    none.opened(2, 2);
    readInOrder(none, 2, 2, 0, 20L * BLOCK);
    none.closed(2);
    assertEquals(List.of(), loads.asked());
    assertFalse(none.needsOpens());
  }

  @Test
  void shouldLoadNothingIfTheBudgetHoldsNoBlock() {
    final Prefetcher poor = prefetcher(new Eager(), BLOCK - 1);
    poor.opened(2, 2);
    readInOrder(poor, 2, 2, 0, 20L * BLOCK);
    assertEquals(List.of(), loads.asked());
    assertFalse(poor.needsOpens(), "nothing is left to do at an open");
  }

  @Test
  void shouldLoadTheFirstBlocksOfAnOpenedFile() {
    final Prefetcher onOpen = prefetcher(new OnOpen(3));
    assertTrue(onOpen.needsOpens());
    onOpen.opened(77, 2);
    assertEquals(List.of(0L, 1L, 2L), loads.asked());
    onOpen.opened(78, ino("short"));
    assertEquals(List.of(0L, 1L, 2L, 0L, 1L, 2L), loads.asked());
    onOpen.opened(79, ino("the empty one"));
    readInOrder(onOpen, 77, 2, 0, 20L * BLOCK);
    assertEquals(6, loads.asked().size(), "no more than that");
  }

  @Test
  void shouldLoadAWholeFileAsFarAsTheBudgetGoes() {
    final Prefetcher eager = prefetcher(new Eager(), 10L * BLOCK);
    eager.opened(77, 2);
    assertEquals(numbers(0, 9), loads.asked());
    assertEquals(10L * BLOCK, eager.pendingBytes());
    loads.finish(Outcome.LOADED);
    assertEquals(10L * BLOCK, eager.pendingBytes(), "nobody has read them");

    eager.read(77, 2, 5L * BLOCK, 10);
    eager.read(77, 2, 2L * BLOCK, 2 * BLOCK);

    assertEquals(numbers(0, 12), loads.asked());
    assertEquals(10L * BLOCK, eager.pendingBytes());
  }

  @Test
  void shouldLookFurtherAheadTheLongerAFileIsReadInOrder() {
    final Prefetcher sequential = prefetcher(new Sequential(8));
    readInOrder(sequential, 2, 2, 0, BLOCK);
    assertEquals(List.of(), loads.asked(), "a whole block in order is the least");
    readInOrder(sequential, 2, 2, BLOCK, BLOCK + PIECE);
    assertEquals(List.of(2L, 3L), loads.asked());
    readInOrder(sequential, 2, 2, BLOCK + PIECE, 3L * BLOCK);
    assertEquals(numbers(2, 6), loads.asked(), "two for each that was read");
    readInOrder(sequential, 2, 2, 3L * BLOCK, 10L * BLOCK);
    assertEquals(numbers(2, 17), loads.asked(), "8 blocks ahead of block 9");
  }

  @Test
  void shouldNotLookBeyondTheEndOfAFile() {
    final Prefetcher sequential = prefetcher(new Sequential(50));
    readInOrder(sequential, 2, 2, 0, (long) BLOCKS * BLOCK - 5);
    loads.finish(Outcome.LOADED);
    assertEquals(numbers(2, BLOCKS - 1), loads.asked());
    assertEquals(0, sequential.pendingBytes());
  }

  @Test
  void shouldNotAskForWhatIsThere() {
    final Prefetcher sequential = prefetcher(new Sequential(4));
    loads.put(2, 3);
    readInOrder(sequential, 2, 2, 0, 4L * BLOCK);
    assertFalse(loads.asked().contains(3L), loads.asked().toString());
    assertTrue(loads.asked().containsAll(List.of(2L, 4L, 5L, 6L)), loads.asked().toString());
  }

  @Test
  void shouldLookAheadByBytesIfLeftToItself() {
    assertEquals(16, new Sequential(PrefetchStrategy.AUTOMATIC).blocks(1 << 20));
    assertEquals(256, new Sequential(PrefetchStrategy.AUTOMATIC).blocks(4 << 10));
    assertEquals(4, new Sequential(PrefetchStrategy.AUTOMATIC).blocks(256 << 20));
    assertEquals(7, new Sequential(7).blocks(4 << 10));
  }

  @Test
  void shouldRefuseNumbersThatMakeNoSense() {
    for (final int wrong : new int[] {-1, PrefetchStrategy.BLOCKS_MAX + 1}) {
      assertThrows(IllegalArgumentException.class, () -> new OnOpen(wrong));
      assertThrows(IllegalArgumentException.class, () -> new Sequential(wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> new OnOpen(0));
  }

  // ---- What is in order ----

  @Test
  void shouldFollowPiecesThatArriveOutOfOrder() {
    final Prefetcher sequential = prefetcher(new Sequential(4));
    for (long at = 0; at < 10L * BLOCK; at += 2 * PIECE) {
      sequential.read(2, 2, at + PIECE, PIECE);
      sequential.read(2, 2, at, PIECE);
    }
    assertTrue(loads.asked().containsAll(numbers(2, 13)), loads.asked().toString());
    assertEquals(13, loads.asked().getLast());
  }

  @Test
  void shouldFollowThreeReadersOfOneFile() {
    final Prefetcher sequential = prefetcher(new Sequential(2));
    for (long at = 0; at < 6L * BLOCK; at += PIECE) {
      for (int reader = 0; reader < 3; reader++) {
        sequential.read(2, 2, 50L * reader * BLOCK + at, PIECE);
      }
      loads.finish(Outcome.LOADED);
    }
    final Set<Long> asked = new HashSet<>(loads.asked());
    for (int reader = 0; reader < 3; reader++) {
      assertTrue(asked.containsAll(numbers(50L * reader + 4, 50L * reader + 7)), "" + asked);
    }
  }

  @Test
  void shouldNotTakeRereadingForProgress() {
    final Prefetcher sequential = prefetcher(new Sequential(4));
    for (int i = 0; i < 1000; i++) {
      sequential.read(2, 2, (long) PIECE * (i % 2), PIECE);
    }
    assertEquals(List.of(), loads.asked());
  }

  @Test
  void shouldWasteLittleOnRandomReads() {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    for (final int length : new int[] {4 << 10, PIECE, BLOCK + 3 * PIECE, 4 * BLOCK}) {
      final FakeLoads fresh = new FakeLoads();
      final Prefetcher sequential =
          new Prefetcher(new Sequential(PrefetchStrategy.AUTOMATIC), BUDGET, tree, fresh);
      final Set<FakeLoads.Key> fetched = new HashSet<>();
      for (int i = 0; i < 800; i++) {
        final long ino = 2L + random.nextInt(5);
        final long from = random.nextLong(((long) BLOCKS * BLOCK - 5 - length) >> 12) << 12;
        for (long at = from; at < from + length; at += PIECE) {
          final int count = (int) Math.min(PIECE, from + length - at);
          sequential.read(ino, ino, at, count);
          for (long b = at / BLOCK; b <= (at + count - 1) / BLOCK; b++) {
            fetched.add(new FakeLoads.Key(ino, b));
            fresh.put(ino, b);
          }
        }
      }
      final long wasted = fresh.unread(fetched);
      assertTrue(
          wasted * 20 <= fetched.size() + wasted,
          wasted + " of " + fetched.size() + " for nothing; length " + length + ", seed " + seed);
    }
  }

  // ---- Budget and ends ----

  @Test
  void shouldGiveTheBudgetBackWhenAFileIsClosed() {
    final Prefetcher sequential = prefetcher(new Sequential(16));
    readInOrder(sequential, 99, 2, 0, 10L * BLOCK);
    assertEquals(16L * BLOCK, sequential.pendingBytes());
    assertEquals(16, loads.waiting(), "what its reader has come to is not waited for");
    sequential.closed(99);
    assertEquals(0, sequential.pendingBytes());
    assertEquals(0, loads.waiting(), "nobody wants them any more");
  }

  @Test
  void shouldGiveTheBudgetBackForWhatWasLoadedForNothing() {
    final Prefetcher eager = prefetcher(new Eager());
    eager.opened(99, 2);
    loads.finish(Outcome.LOADED);
    assertEquals(BUDGET, eager.pendingBytes());
    eager.closed(99);
    assertEquals(0, eager.pendingBytes());
    assertEquals(0, loads.cancelled(), "what is there cannot be cancelled");
  }

  @Test
  void shouldGiveTheBudgetBackForWhatCannotBeLoaded() {
    for (final Outcome outcome : List.of(Outcome.FAILED, Outcome.OVERTAKEN, Outcome.CANCELLED)) {
      final Prefetcher onOpen = prefetcher(new OnOpen(5));
      onOpen.opened(99, 2);
      assertEquals(5L * BLOCK, onOpen.pendingBytes());
      loads.finish(outcome);
      assertEquals(0, onOpen.pendingBytes(), outcome.toString());
      onOpen.closed(99);
      assertEquals(0, onOpen.pendingBytes(), "once");
    }
  }

  @Test
  void shouldCancelWhatAReaderHasJumpedAwayFrom() {
    final Prefetcher sequential = prefetcher(new Sequential(16));
    readInOrder(sequential, 2, 2, 0, 10L * BLOCK);
    assertTrue(sequential.pendingBytes() > 0);
    for (int i = 0; i < 8; i++) { // More jumps than one file has streams.
      readInOrder(sequential, 2, 2, 20L * (i + 1) * BLOCK, (20L * (i + 1) + 12) * BLOCK);
    }
    assertTrue(loads.cancelled() > 0);
    assertTrue(sequential.pendingBytes() <= BUDGET);
  }

  @Test
  void shouldGoOnWhereItStoppedWhenMoreMayWait() {
    final Prefetcher eager = prefetcher(new Eager());
    loads.setRoom(false);
    eager.opened(77, 2);
    assertEquals(List.of(), loads.asked());
    assertEquals(0, eager.pendingBytes());
    loads.setRoom(true);
    eager.read(77, 2, 0, 10);
    assertEquals(numbers(0, BUDGET / BLOCK - 1), loads.asked());
  }

  @Test
  void shouldChargeAPageForTheSmallestBlock() {
    final Prefetcher onOpen = prefetcher(new OnOpen(3));
    onOpen.opened(77, ino("short"));
    assertEquals(2L * BLOCK + 4096, onOpen.pendingBytes());
    onOpen.closed(77);
    assertEquals(0, onOpen.pendingBytes());
  }

  @Test
  void shouldNeverExceedTheBudget() {
    final Prefetcher sequential = prefetcher(new Sequential(64), 20L * BLOCK);
    for (long at = 0; at < 30L * BLOCK; at += PIECE) {
      for (long ino = 2; ino < 12; ino++) {
        sequential.read(ino, ino, at, PIECE);
        assertTrue(sequential.pendingBytes() <= 20L * BLOCK);
      }
    }
    assertTrue(sequential.pendingBytes() > 15L * BLOCK, "but use it");
  }

  @Test
  void shouldGoOnWithMoreFilesThanItFollows() {
    final Prefetcher onOpen = prefetcher(new OnOpen(1), 1L << 40);
    for (long ino = 2; ino < 2 + FILES; ino++) {
      onOpen.opened(ino, ino);
    }
    assertEquals(FILES, loads.asked().size());
    assertTrue(onOpen.pendingBytes() <= 1024L * BLOCK, "old streams made room");
    for (long ino = 2; ino < 2 + FILES; ino++) {
      onOpen.closed(ino);
    }
    assertEquals(0, onOpen.pendingBytes());
  }

  @Test
  void shouldKeepItsBooksWhileManyReadAndClose() throws Exception {
    final long seed = new Random().nextLong();
    final Prefetcher sequential = prefetcher(new Sequential(8));
    final CountDownLatch done = new CountDownLatch(4);
    final List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(i ->
                Thread.ofPlatform()
                    .start(() -> {
                      useAtRandom(sequential, new Random(seed + i));
                      done.countDown();
                    }))
            .toList();
    while (done.getCount() > 0) {
      loads.finish(Outcome.LOADED);
    }
    for (final Thread thread : threads) {
      thread.join();
    }
    for (long ino = 2; ino < 8; ino++) {
      sequential.closed(ino);
    }
    loads.finish(Outcome.LOADED);
    assertEquals(0, sequential.pendingBytes(), "seed " + seed);
    assertTrue(loads.asked().size() > 100, "it did something");
  }

  private static void useAtRandom(final Prefetcher prefetcher, final Random random) {
    for (int i = 0; i < 300; i++) {
      final long ino = 2L + random.nextInt(6);
      final long from = (long) random.nextInt(BLOCKS / 2) * BLOCK;
      readInOrder(prefetcher, ino, ino, from, from + (long) random.nextInt(1, 8) * BLOCK);
      if (random.nextInt(4) == 0) {
        prefetcher.closed(ino);
      }
    }
  }
}
