package dev.slabmount.vfs.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Objects that are handed out while they are being hashed. */
@Timeout(60)
class BackgroundVerificationTest {

  private static final int BLOCK = 64 << 10;
  private static final int LARGE = 10 * BLOCK;

  private final FakeStore store = new FakeStore();
  private final LogCapture log = new LogCapture();
  private final VerifyingReader reader =
      new VerifyingReader(store, VerificationMode.BACKGROUND, log);
  private final List<ContentHash> discarded = new CopyOnWriteArrayList<>();
  private final CountDownLatch passMayRead = new CountDownLatch(1);

  BackgroundVerificationTest() {
    reader.onDiscard(discarded::add);
  }

  @AfterEach
  void shouldLeaveNothing() {
    passMayRead.countDown();
    reader.close();
    await(() -> store.open.get() == 0);
    await(() ->
        Thread.getAllStackTraces().keySet().stream().noneMatch(BackgroundVerificationTest::isPass));
  }

  @Test
  void shouldServeALargeObjectWhileItIsBeingHashed() throws Exception {
    final byte[] bytes = TestBytes.random(1, LARGE);
    final ContentHash hash = store.add(bytes);
    holdThePass();

    assertArrayEquals(Arrays.copyOfRange(bytes, BLOCK, 2 * BLOCK), read(hash, BLOCK));
    assertEquals(0, reader.counters().objectsVerified());
    assertEquals(1, reader.counters().objectsUnverified());
    assertEquals(BLOCK, reader.counters().bytesUnverified());

    passMayRead.countDown();
    await(() -> reader.counters().objectsUnverified() == 0);
    assertEquals(1, reader.counters().objectsVerified());
    read(hash, 0);
    assertEquals(BLOCK, reader.counters().bytesUnverified(), "counted though it was checked");
    assertEquals(LARGE, reader.counters().bytesHashed(), "hashed more than once");
    assertEquals(List.of(), discarded);
  }

  @Test
  void shouldHashASmallObjectBeforeItIsServed() {
    final byte[] bytes = TestBytes.random(1, BLOCK);
    final ContentHash hash = Xxh128.hash(bytes);
    bytes[BLOCK - 1] ^= 1;
    store.replace(hash, bytes, true);
    assertThrows(VerificationException.class, () -> TestBytes.read(reader, hash, BLOCK, 0, BLOCK));
    assertEquals(0, reader.counters().bytesUnverified());
  }

  @Test
  void shouldPoisonALargeDamagedObjectUntilItIsMended() throws Exception {
    final byte[] good = TestBytes.random(1, LARGE);
    final ContentHash hash = Xxh128.hash(good);
    final byte[] bad = good.clone();
    bad[LARGE - 1] ^= 1;
    store.replace(hash, bad, true);

    assertArrayEquals(Arrays.copyOf(good, BLOCK), read(hash, 0));
    await(() -> !discarded.isEmpty());

    final VerificationException refused =
        assertThrows(VerificationException.class, () -> read(hash, 0));
    final String message =
        "object %s is damaged: its bytes hash to %s (fake:%s)"
            .formatted(hash, Xxh128.hash(bad), hash);
    assertEquals(message, refused.getMessage());
    assertThrows(VerificationException.class, () -> read(hash, 9 * BLOCK));
    await(() -> reader.counters().objectsUnverified() == 0);
    assertEquals(List.of("ERROR " + message), log.lines());
    assertEquals(List.of(hash), discarded);
    assertEquals(1, reader.counters().failures());
    assertEquals(LARGE, reader.counters().bytesHashed());

    store.replace(hash, good, true);
    assertArrayEquals(Arrays.copyOf(good, BLOCK), read(hash, 0));
    await(() -> reader.counters().objectsVerified() == 1);
    assertEquals(1, discarded.size());
  }

  @Test
  void shouldRefuseReadsBeforeCopiesAreDiscarded() throws Exception {
    final ContentHash hash = damaged(1);
    final List<Throwable> seen = new CopyOnWriteArrayList<>();
    reader.onDiscard(name -> {
      seen.add(assertThrows(VerificationException.class, () -> read(name, 0)));
      discarded.add(name);
    });
    read(hash, 0);
    await(() -> !discarded.isEmpty());
    assertEquals(1, seen.size(), "what was read after the discard would have stayed");
  }

  @Test
  void shouldRefuseAReadThatWasUnderWayWhenTheDamageWasFound() throws Exception {
    final ContentHash hash = damaged(1);
    final CountDownLatch reading = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          if (!isPass(Thread.currentThread())) {
            reading.countDown();
            await(() -> !discarded.isEmpty());
          }
        };
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      final Future<byte[]> read = threads.submit(() -> read(hash, 0));
      reading.await();
      final ExecutionException failed =
          assertThrows(ExecutionException.class, () -> read.get(20, TimeUnit.SECONDS));
      assertInstanceOf(VerificationException.class, failed.getCause());
    }
    assertEquals(0, reader.counters().bytesUnverified());
  }

  @Test
  void shouldDiscardWhatChangedWhileItWasBeingHashed() throws Exception {
    final byte[] bytes = TestBytes.random(1, LARGE);
    final ContentHash hash = store.add(bytes);
    final AtomicInteger pieces = new AtomicInteger();
    store.onRead =
        (name, offset) -> {
          if (isPass(Thread.currentThread()) && pieces.incrementAndGet() == 2) {
            store.replace(hash, bytes, true);
          }
        };
    read(hash, 0);
    await(() -> discarded.equals(List.of(hash)));
    await(() -> reader.counters().objectsUnverified() == 0);
    assertEquals(0, reader.counters().failures(), "a change is not a damage");
    assertEquals(0, reader.counters().objectsVerified());
    read(hash, 0);
    await(() -> reader.counters().objectsVerified() == 1);
  }

  @Test
  void shouldDiscardWhatNobodyCanCheckAnyMoreWhenTheNextReadFindsAnotherVersion() throws Exception {
    final ContentHash hash = damaged(1);
    holdThePass();
    read(hash, 0);
    store.replace(hash, TestBytes.random(1, LARGE), true);
    read(hash, 0);
    assertEquals(List.of(hash), discarded);
    passMayRead.countDown();
    await(() -> reader.counters().objectsVerified() == 1);
    assertEquals(0, reader.counters().failures(), "the bad version was never hashed");
    assertEquals(1, discarded.size());
  }

  @Test
  void shouldFindAReplacementOfTheSameLength() throws Exception {
    final ContentHash hash = store.add(TestBytes.random(1, LARGE));
    read(hash, 0);
    await(() -> reader.counters().objectsVerified() == 1);
    store.replace(hash, TestBytes.random(2, LARGE), true);
    read(hash, 0);
    await(() -> reader.counters().failures() == 1);
    assertThrows(VerificationException.class, () -> read(hash, 0));
  }

  @Test
  void shouldTryAgainWhatTheStoreCouldNotRead() throws Exception {
    final ContentHash hash = store.add(TestBytes.random(1, LARGE));
    final AtomicInteger attempts = new AtomicInteger();
    store.onRead =
        (name, offset) -> {
          if (isPass(Thread.currentThread()) && attempts.incrementAndGet() <= 2) {
            throw new ContentStoreException("the disk is on fire");
          }
        };
    read(hash, 0);
    await(() -> reader.counters().failedPasses() == 1);
    assertEquals(BLOCK, read(hash, 0).length, "still served");
    assertEquals(1, reader.counters().objectsUnverified());
    await(() -> reader.counters().objectsVerified() == 1);
    assertEquals(2, reader.counters().failedPasses());
    assertEquals(
        List.of(
            "WARNING object "
                + hash
                + " is served unchecked, and checking it will be tried again: the disk is on fire"),
        log.lines());
  }

  @Test
  void shouldHashFirstWhatComesWhileTooManyWait() throws Exception {
    holdThePass();
    for (int i = 0; i < BackgroundChecks.SUSPECTS_MAX; i++) {
      final byte[] bytes = {(byte) i, (byte) (i >> 8), 0};
      TestBytes.read(reader, store.add(bytes), 3, 0, 1);
    }
    assertEquals(0, reader.counters().objectsHashed());
    final ContentHash bad = damaged(1);
    assertThrows(VerificationException.class, () -> read(bad, 0));
    read(store.add(TestBytes.random(2, LARGE)), 0);
    assertEquals(BackgroundChecks.SUSPECTS_MAX, reader.counters().bytesUnverified());
    assertEquals(BackgroundChecks.SUSPECTS_MAX, reader.counters().objectsUnverified());
  }

  @Test
  void shouldRestWhileOthersRead() throws Exception {
    final int pieces = 20;
    final long pieceNanos = TimeUnit.MILLISECONDS.toNanos(5);
    final ContentHash hash = store.add(TestBytes.random(1, pieces * (256 << 10)));
    final ContentHash other = store.add(TestBytes.random(2, LARGE));
    final CountDownLatch endReading = new CountDownLatch(1);
    final List<Long> begun = new ArrayList<>();
    store.onRead =
        (name, offset) -> {
          if (!isPass(Thread.currentThread())) {
            awaitQuietly(endReading);
          } else if (name.equals(hash)) {
            begun.add(System.nanoTime());
            pause(pieceNanos);
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      final Future<byte[]> mine = threads.submit(() -> read(hash, pieces * (256 << 10), 0));
      final Future<byte[]> others = threads.submit(() -> read(other, 0));
      await(() -> reader.counters().objectsVerified() == 2);
      endReading.countDown();
      mine.get(20, TimeUnit.SECONDS);
      others.get(20, TimeUnit.SECONDS);
    }
    final long took = begun.getLast() - begun.getFirst();
    assertTrue(took >= (pieces - 1) * 4 * pieceNanos, took + " ns for " + pieces + " pieces");
  }

  @Test
  void shouldCloseAlthoughTheStoreHangs() throws Exception {
    final ContentHash hash = store.add(TestBytes.random(1, LARGE));
    final CountDownLatch hanging = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          while (isPass(Thread.currentThread()) && passMayRead.getCount() > 0) {
            hanging.countDown();
            LockSupport.parkNanos(1_000_000); // Deaf to interrupts, as a system call can be.
          }
        };
    read(hash, 0);
    hanging.await();
    final long start = System.nanoTime();
    reader.close();
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10), "close hangs");
    assertEquals(1, log.lines().size());
    assertTrue(
        log.lines().getFirst().contains("the store does not answer"), log.lines().toString());
  }

  @Test
  void shouldCloseAtOnceWhileAPassRests() throws Exception {
    final ContentHash hash = store.add(TestBytes.random(1, 100 * BLOCK));
    final CountDownLatch passing = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          if (isPass(Thread.currentThread())) {
            passing.countDown();
            pause(TimeUnit.MILLISECONDS.toNanos(300)); // And so a rest of 900.
          }
        };
    read(hash, 100 * BLOCK, 0);
    passing.await();
    reader.close();
    assertEquals(List.of(), log.lines());
    assertFalse(reader.counters().objectsVerified() > 0);
  }

  private ContentHash damaged(final long seed) {
    final byte[] bytes = TestBytes.random(seed, LARGE);
    final ContentHash hash = Xxh128.hash(bytes);
    bytes[LARGE / 2] ^= 1;
    store.replace(hash, bytes, true);
    return hash;
  }

  /** Lets the pass read nothing until {@link #passMayRead}. */
  private void holdThePass() {
    store.onRead =
        (name, offset) -> {
          if (isPass(Thread.currentThread())) {
            awaitQuietly(passMayRead);
          }
        };
  }

  private static boolean isPass(final Thread thread) {
    return thread.getName().equals("slabmount-verify");
  }

  private byte[] read(final ContentHash hash, final long offset) throws ContentStoreException {
    return read(hash, LARGE, offset);
  }

  private byte[] read(final ContentHash hash, final long length, final long offset)
      throws ContentStoreException {
    return TestBytes.read(reader, hash, length, offset, BLOCK);
  }

  private static void awaitQuietly(final CountDownLatch latch) {
    try {
      latch.await();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pause(final long nanos) {
    final long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static void await(final BooleanSupplier condition) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it does not come");
      LockSupport.parkNanos(1_000_000);
    }
  }
}
