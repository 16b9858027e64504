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
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VerifyingReaderTest {

  private static final int BLOCK = 64 << 10;

  private final FakeStore store = new FakeStore();
  private final LogCapture log = new LogCapture();
  private final VerifyingReader reader = new VerifyingReader(store, VerificationMode.STRICT, log);

  @AfterEach
  void shouldLeaveNoObjectOpen() {
    assertEquals(0, store.open.get(), "open objects");
  }

  @Test
  void shouldReadASmallObjectOnceAndHashItInPlace() throws Exception {
    final byte[] bytes = TestBytes.random(1, 5000);
    final ContentHash hash = store.add(bytes);
    assertArrayEquals(bytes, read(hash, 5000, 0, BLOCK));
    assertEquals(1, store.readsFromStart.get());
    assertEquals(1, reader.counters().objectsHashed());
    assertEquals(5000, reader.counters().bytesHashed());
  }

  @Test
  void shouldHashALargeObjectOnceAndASmallOneWheneverItIsRead() throws Exception {
    final ContentHash small = store.add(TestBytes.random(1, 5000));
    final ContentHash large = store.add(TestBytes.random(2, 3 * BLOCK));
    for (int i = 0; i < 3; i++) {
      read(small, 5000, 0, BLOCK);
      read(large, 3 * BLOCK, BLOCK, BLOCK);
    }
    assertEquals(3 + 1, reader.counters().objectsHashed());
    assertEquals(3 * 5000 + 3 * BLOCK, reader.counters().bytesHashed());
    assertEquals(2, reader.counters().objectsVerified());
    assertEquals(6, reader.counters().reads());
  }

  @Test
  void shouldNotServeASmallObjectWhoseChangeItsVersionHides() throws Exception {
    final byte[] good = TestBytes.random(1, BLOCK);
    final ContentHash hash = store.add(good);
    assertArrayEquals(good, read(hash, BLOCK, 0, BLOCK));
    final byte[] bad = good.clone();
    bad[BLOCK - 1] ^= 1;
    store.replaceAtOnce(hash, bad);
    assertThrows(VerificationException.class, () -> read(hash, BLOCK, 0, BLOCK));
  }

  @Test
  void shouldReadAnyRangeOfAnyObject() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      final int length = random.nextInt(1 << random.nextInt(1, 20));
      final byte[] bytes = TestBytes.random(random.nextInt(), length);
      final ContentHash hash = store.add(bytes);
      final int offset = random.nextInt(length + 1);
      final int room = random.nextInt(1, BLOCK);
      assertArrayEquals(
          Arrays.copyOfRange(bytes, offset, Math.min(length, offset + room)),
          read(hash, length, offset, room),
          "seed " + seed);
    }
  }

  @Test
  void shouldHashNothingIfOff() throws Exception {
    final VerifyingReader off = new VerifyingReader(store, VerificationMode.OFF, log);
    final ContentHash hash = new ContentHash(1, 2);
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    store.replace(hash, bytes, true);
    assertArrayEquals(
        Arrays.copyOfRange(bytes, BLOCK, 2 * BLOCK),
        TestBytes.read(off, hash, bytes.length, BLOCK, BLOCK));
    assertArrayEquals(bytes, TestBytes.read(off, hash, bytes.length, 0, bytes.length));
    assertEquals(0, off.counters().objectsHashed());
    assertEquals(2, off.counters().reads());
  }

  @Test
  void shouldRefuseAWrongLengthAlsoIfOff() {
    final VerifyingReader off = new VerifyingReader(store, VerificationMode.OFF, log);
    final ContentHash hash = store.add(TestBytes.random(1, 100));
    assertThrows(VerificationException.class, () -> TestBytes.read(off, hash, 99, 0, 99));
    assertThrows(VerificationException.class, () -> TestBytes.read(off, hash, 99, 10, 10));
    assertThrows(VerificationException.class, () -> TestBytes.read(off, hash, 101, 0, 10));
    assertEquals(2, log.lines().size());
  }

  @Test
  void shouldReadAnEmptyObject() throws Exception {
    assertEquals(ContentHash.EMPTY, store.add(new byte[0]));
    assertArrayEquals(new byte[0], read(ContentHash.EMPTY, 0, 0, BLOCK));
  }

  @Test
  void shouldRefuseAnOffsetOutsideTheObject() {
    final ContentHash hash = store.add(TestBytes.random(1, 10));
    assertThrows(IndexOutOfBoundsException.class, () -> read(hash, 10, 11, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> read(hash, 10, -1, 1));
  }

  @Test
  void shouldRefuseASmallDamagedObject() throws Exception {
    final byte[] bytes = TestBytes.random(1, 5000);
    final ContentHash hash = Xxh128.hash(bytes);
    bytes[4999] ^= 1;
    store.replace(hash, bytes, true);

    final VerificationException refused =
        assertThrows(VerificationException.class, () -> read(hash, 5000, 0, BLOCK));

    final String message =
        "object %s is damaged: its bytes hash to %s (fake:%s)"
            .formatted(hash, Xxh128.hash(bytes), hash);
    assertEquals(message, refused.getMessage());
    assertEquals(List.of("ERROR " + message), log.lines());
    assertEquals(1, reader.counters().failures());
    assertEquals(0, reader.counters().reads());
  }

  @Test
  void shouldRefuseEveryRangeOfALargeDamagedObject() {
    final byte[] bytes = TestBytes.random(1, 10 * BLOCK);
    final ContentHash hash = Xxh128.hash(bytes);
    bytes[9 * BLOCK] ^= 0x40;
    store.replace(hash, bytes, true);
    for (int block = 0; block < 10; block++) {
      final long offset = (long) block * BLOCK;
      assertThrows(VerificationException.class, () -> read(hash, bytes.length, offset, BLOCK));
    }
    assertEquals(1, reader.counters().objectsHashed(), "hashed once, then known");
    assertEquals(1, reader.counters().failures());
    assertEquals(1, log.lines().size());
  }

  @Test
  void shouldServeAnObjectAgainOnceItWasMended() throws Exception {
    final byte[] good = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = Xxh128.hash(good);
    final byte[] bad = good.clone();
    bad[0]++;
    store.replace(hash, bad, true);
    assertThrows(VerificationException.class, () -> read(hash, good.length, 0, BLOCK));
    store.replace(hash, good, true);
    assertArrayEquals(Arrays.copyOf(good, BLOCK), read(hash, good.length, 0, BLOCK));
    store.replace(hash, bad, true);
    assertThrows(VerificationException.class, () -> read(hash, good.length, 0, BLOCK));
    assertEquals(2, reader.counters().failures());
  }

  @Test
  void shouldHashAgainWhatWasReplaced() throws Exception {
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = store.add(bytes);
    read(hash, bytes.length, 0, BLOCK);
    store.replace(hash, bytes, true);
    read(hash, bytes.length, 0, BLOCK);
    assertEquals(2, reader.counters().objectsHashed());
  }

  @Test
  void shouldRefuseShortAndLongObjectsWithAMessageOfTheirOwn() {
    final ContentHash hash = store.add(TestBytes.random(1, 100));
    final VerificationException tooLong =
        assertThrows(VerificationException.class, () -> read(hash, 99, 0, BLOCK));
    assertEquals(
        "object " + hash + " has 100 bytes, expected 99 (fake:" + hash + ")", tooLong.getMessage());
    assertThrows(VerificationException.class, () -> read(hash, 101, 0, BLOCK));
    assertThrows(VerificationException.class, () -> read(hash, 101, 0, 10));
    assertEquals(2, reader.counters().failures(), "one for each wrong length");
    assertEquals(2, log.lines().size());
  }

  @Test
  void shouldNotLetAWrongLengthSpoilTheRightOne() throws Exception {
    final byte[] bytes = TestBytes.random(1, 100);
    final ContentHash hash = store.add(bytes);
    assertThrows(VerificationException.class, () -> read(hash, 99, 0, BLOCK));
    assertArrayEquals(bytes, read(hash, 100, 0, BLOCK));
  }

  @Test
  void shouldSayThatAnObjectIsMissing() {
    final ContentHash hash = new ContentHash(1, 2);
    final ObjectMissingException missing =
        assertThrows(ObjectMissingException.class, () -> read(hash, 10, 0, BLOCK));
    assertEquals("object " + hash + " is missing: no fake:" + hash, missing.getMessage());
    assertEquals(hash, missing.hash());
  }

  @Test
  void shouldReadAgainWhenTheObjectChangesMeanwhile() throws Exception {
    final byte[] bytes = TestBytes.random(1, 100);
    final ContentHash hash = Xxh128.hash(bytes);
    store.replace(hash, TestBytes.random(2, 100), true);
    final AtomicBoolean mended = new AtomicBoolean();
    store.onRead =
        (name, offset) -> {
          if (!mended.getAndSet(true)) {
            store.replace(hash, bytes, true);
          }
        };
    assertArrayEquals(bytes, read(hash, 100, 0, BLOCK));
    assertEquals(1, reader.counters().changes());
    assertEquals(0, reader.counters().failures(), "a change is not a damage");
  }

  @Test
  void shouldNotServeARangeOfWhatChangedAfterItWasHashed() throws Exception {
    final byte[] good = TestBytes.random(1, 3 * BLOCK);
    final byte[] bad = TestBytes.random(2, 3 * BLOCK);
    final ContentHash hash = store.add(good);
    read(hash, good.length, 0, BLOCK);
    store.onRead =
        (name, offset) -> {
          if (offset == BLOCK) {
            store.replace(hash, bad, true);
          }
        };
    assertThrows(VerificationException.class, () -> read(hash, good.length, BLOCK, BLOCK));
  }

  @Test
  void shouldGiveUpOnAnObjectThatNeverHoldsStill() {
    final byte[] bytes = TestBytes.random(1, 100);
    final ContentHash hash = store.add(bytes);
    store.onRead = (name, offset) -> store.replace(hash, bytes, true);
    final ContentStoreException gaveUp =
        assertThrows(ContentStoreException.class, () -> read(hash, 100, 0, BLOCK));
    assertTrue(gaveUp.getMessage().contains("changed during each of"), gaveUp.getMessage());
  }

  @Test
  void shouldNotTrustAVersionThatIsTooYoung() throws Exception {
    final byte[] bytes = TestBytes.random(1, 100);
    final ContentHash hash = store.add(bytes);
    store.replace(hash, bytes, false);
    read(hash, 100, 0, BLOCK);
    read(hash, 100, 0, BLOCK);
    assertEquals(2, reader.counters().objectsHashed());
    assertEquals(0, reader.counters().objectsVerified());
  }

  @Test
  void shouldNoticeThatADamagedObjectWasMendedAtOnce() throws Exception {
    final byte[] good = TestBytes.random(1, 100);
    final byte[] bad = TestBytes.random(2, 100);
    final ContentHash hash = store.add(good);
    store.replace(hash, bad, false);
    assertThrows(VerificationException.class, () -> read(hash, 100, 0, BLOCK));
    store.replaceAtOnce(hash, good);
    assertArrayEquals(good, read(hash, 100, 0, BLOCK));
    store.replaceAtOnce(hash, bad);
    store.settle(hash);
    assertThrows(VerificationException.class, () -> read(hash, 100, 0, BLOCK));
    final long hashed = reader.counters().objectsHashed();
    assertThrows(VerificationException.class, () -> read(hash, 100, 0, BLOCK));
    assertEquals(hashed, reader.counters().objectsHashed(), "known by now");
    assertEquals(2, reader.counters().failures());
    assertEquals(2, log.lines().size());
  }

  @Test
  void shouldNotRememberAFailureOfAVersionThatIsTooYoung() throws Exception {
    final byte[] good = TestBytes.random(1, 100);
    final ContentHash hash = store.add(good);
    store.replace(hash, TestBytes.random(2, 100), false);
    assertThrows(VerificationException.class, () -> read(hash, 100, 0, BLOCK));
    store.replaceAtOnce(hash, good);
    store.settle(hash);
    assertArrayEquals(good, read(hash, 100, 0, BLOCK));
    assertEquals(1, reader.counters().failures());
  }

  @Test
  void shouldWaitForALargeObjectToSettle() throws Exception {
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = store.add(bytes);
    store.replace(hash, bytes, false);
    final AtomicInteger opens = new AtomicInteger();
    store.onOpen =
        name -> {
          if (opens.incrementAndGet() == 5) {
            assertEquals(0, store.readsFromStart.get());
            store.settle(hash);
          }
        };
    assertEquals(BLOCK, read(hash, bytes.length, 0, BLOCK).length);
    assertEquals(6, opens.get());
    assertEquals(1, reader.counters().objectsHashed());
  }

  @Test
  void shouldLetOneThreadHashALargeObjectForAll() throws Exception {
    final int blocks = 40;
    final byte[] bytes = TestBytes.random(1, blocks * BLOCK);
    final ContentHash hash = store.add(bytes);
    final CountDownLatch hashing = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          hashing.countDown();
          awaitQuietly(goOn);
        };
    final AtomicInteger served = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(blocks)) {
      final List<Future<byte[]>> reads = new ArrayList<>();
      for (int block = 0; block < blocks; block++) {
        final long offset = (long) block * BLOCK;
        reads.add(
            threads.submit(() -> {
              final byte[] read = read(hash, bytes.length, offset, BLOCK);
              served.incrementAndGet();
              return read;
            }));
      }
      assertTrue(hashing.await(10, TimeUnit.SECONDS));
      awaitCondition(() -> reader.counters().waits() == blocks - 1);
      assertEquals(0, served.get(), "nothing is served before all is hashed");
      goOn.countDown();
      for (int block = 0; block < blocks; block++) {
        assertArrayEquals(
            Arrays.copyOfRange(bytes, block * BLOCK, (block + 1) * BLOCK),
            reads.get(block).get(10, TimeUnit.SECONDS));
      }
    }
    assertEquals(1, reader.counters().objectsHashed());
    assertEquals(bytes.length, reader.counters().bytesHashed());
  }

  @Test
  void shouldTellAllWaitersOfAFailureAndTryAgainLater() throws Exception {
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = store.add(bytes);
    final CountDownLatch goOn = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          awaitQuietly(goOn);
          throw new ContentStoreException("the disk is on fire");
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      final List<Future<byte[]>> reads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        reads.add(threads.submit(() -> read(hash, bytes.length, BLOCK, BLOCK)));
      }
      awaitCondition(() -> reader.counters().waits() == 2);
      goOn.countDown();
      for (final Future<byte[]> read : reads) {
        final ExecutionException failed =
            assertThrows(ExecutionException.class, () -> read.get(10, TimeUnit.SECONDS));
        assertEquals("the disk is on fire", failed.getCause().getMessage());
      }
    }
    assertEquals(1, store.readsFromStart.get(), "nobody asked the store once more");
    store.onRead = (name, offset) -> {};
    assertEquals(BLOCK, read(hash, bytes.length, BLOCK, BLOCK).length);
    assertEquals(0, reader.counters().failures());
  }

  @Test
  void shouldHandOverWhenTheHashingThreadIsInterrupted() throws Exception {
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = store.add(bytes);
    final AtomicBoolean first = new AtomicBoolean(true);
    final CountDownLatch hashing = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          if (first.getAndSet(false)) {
            hashing.countDown();
            awaitQuietly(new CountDownLatch(1));
            throw new ContentStoreException("interrupted");
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      final Future<byte[]> leader = threads.submit(() -> read(hash, bytes.length, 0, BLOCK));
      assertTrue(hashing.await(10, TimeUnit.SECONDS));
      final Future<byte[]> waiter = threads.submit(() -> read(hash, bytes.length, BLOCK, BLOCK));
      awaitCondition(() -> reader.counters().waits() == 1);
      leader.cancel(true);
      assertArrayEquals(
          Arrays.copyOfRange(bytes, BLOCK, 2 * BLOCK), waiter.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldEndAWaitThatIsInterrupted() throws Exception {
    final byte[] bytes = TestBytes.random(1, 3 * BLOCK);
    final ContentHash hash = store.add(bytes);
    final CountDownLatch hashing = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    store.onRead =
        (name, offset) -> {
          hashing.countDown();
          awaitQuietly(goOn);
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      final Future<byte[]> leader = threads.submit(() -> read(hash, bytes.length, 0, BLOCK));
      assertTrue(hashing.await(10, TimeUnit.SECONDS));
      final Throwable[] thrown = new Throwable[1];
      final Thread waiter =
          new Thread(() -> {
            try {
              read(hash, bytes.length, BLOCK, BLOCK);
            } catch (final ContentStoreException e) {
              thrown[0] = e;
            }
          });
      waiter.start();
      awaitCondition(() -> reader.counters().waits() == 1);
      waiter.interrupt();
      waiter.join(TimeUnit.SECONDS.toMillis(10));
      assertFalse(waiter.isAlive());
      assertInstanceOf(ContentStoreException.class, thrown[0]);
      goOn.countDown();
      assertEquals(BLOCK, leader.get(10, TimeUnit.SECONDS).length);
    }
  }

  private byte[] read(
      final ContentHash hash, final long objectLength, final long offset, final int room)
      throws ContentStoreException {
    return TestBytes.read(reader, hash, objectLength, offset, room);
  }

  private static void awaitQuietly(final CountDownLatch latch) {
    try {
      latch.await();
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void awaitCondition(final Condition condition) {
    final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, "waited too long");
      Thread.onSpinWait();
    }
  }
}
