package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a pool tells Flight Recorder. */
@Timeout(60)
class PoolEventsTest {
  private static final BlockKey KEY = BlockKey.ofContent(1, 2, 3);
  private static final long SLOW_MILLIS = 20;

  @TempDir private Path temp;

  private final MemoryPool pool =
      MemoryPool.create(
          MemoryPoolConfig.builder()
              .maxSize(8 * SLOT)
              .blockSize(2 * SLOT)
              .roomWait(Duration.ofMillis(SLOW_MILLIS))
              .loadTimeout(Duration.ofSeconds(20))
              .closeWait(Duration.ofMillis(SLOW_MILLIS))
              .build());

  @AfterEach
  void nothingIsLeftBehind() {
    pool.close();
    assertEquals(0, pool.stats().slotsInUse());
  }

  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  /** The events of this name during the work, however short. */
  private List<RecordedEvent> eventsDuring(final String name, final Work work) throws Exception {
    try (Recording recording = new Recording()) {
      recording
          .enable("dev.slabmount." + name)
          .withThreshold(Duration.ZERO)
          .with("throttle", "off");
      recording.start();
      work.run();
      recording.stop();
      final Path file = temp.resolve(name + ".jfr");
      recording.dump(file);
      return eventsIn(file, name);
    }
  }

  private static List<RecordedEvent> eventsIn(final Path file, final String name)
      throws IOException {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("dev.slabmount." + name))
        .toList();
  }

  private static RecordedEvent only(final List<RecordedEvent> events) {
    assertEquals(1, events.size(), events.toString());
    assertEquals(List.of("slabmount", "Pool"), events.getFirst().getEventType().getCategoryNames());
    return events.getFirst();
  }

  private static void assertLoad(
      final RecordedEvent event, final long loaded, final String outcome, final int waiters) {
    assertEquals(KEY.toString(), event.getString("key"));
    assertEquals(loaded, event.getLong("bytes"));
    assertEquals(outcome, event.getString("outcome"));
    assertEquals(waiters, event.getInt("waiters"));
  }

  private static void sleep(final CountDownLatch goOn) throws IOException {
    try {
      if (!goOn.await(10, TimeUnit.SECONDS)) {
        throw new IOException("nobody let the load go on");
      }
    } catch (final InterruptedException e) {
      throw new java.io.InterruptedIOException("interrupted");
    }
  }

  @Test
  void shouldTellOfALoad() throws Exception {
    final RecordedEvent event =
        only(
            eventsDuring(
                "BlockLoad", () -> pool.acquire(KEY, new Blocks.Fixed(bytes(1, 100))).close()));
    assertLoad(event, 100, "LOADED", 0);
    assertFalse(event.getBoolean("ahead"));
    assertTrue(event.getDuration().toNanos() > 0);
    assertEquals(Thread.currentThread().getName(), event.getThread().getJavaName());
  }

  @Test
  void shouldTellOfALoadAhead() throws Exception {
    final RecordedEvent event =
        only(
            eventsDuring(
                "BlockLoad",
                () -> assertTrue(pool.loadAhead(1, 2, 3, 100, new Blocks.Fixed(bytes(1, 100))))));
    assertLoad(event, 100, "LOADED", 0);
    assertTrue(event.getBoolean("ahead"));
  }

  @Test
  void shouldTellOfALoadThatFails() throws Exception {
    final RecordedEvent event =
        only(
            eventsDuring(
                "BlockLoad",
                () ->
                    assertThrows(
                        MemoryPoolException.RetrievalFailed.class,
                        () ->
                            pool.acquire(
                                KEY,
                                (key, slot) -> {
                                  throw new IOException("planted");
                                }))));
    assertLoad(event, 0, "FAILED", 0);
  }

  @Test
  void shouldTellOfALoadThatWasGivenUp() throws Exception {
    final RecordedEvent event =
        only(
            eventsDuring(
                "BlockLoad",
                () ->
                    pool.acquire(
                            KEY,
                            (key, slot) -> {
                              assertTrue(pool.giveUpLoad(1, 2, 3));
                              return 100;
                            })
                        .close()));
    assertLoad(event, 100, "LATE", 0);
  }

  @Test
  void shouldTellOfALoadThatWasRemovedMeanwhile() throws Exception {
    final AtomicInteger loads = new AtomicInteger();
    final List<RecordedEvent> events =
        eventsDuring(
            "BlockLoad",
            () ->
                pool.acquire(
                        KEY,
                        (key, slot) -> {
                          if (loads.incrementAndGet() == 1) {
                            assertEquals(0, pool.removeContentBlocks(1, 2), "not there yet");
                          }
                          return 100;
                        })
                    .close());
    assertEquals(2, events.size(), events.toString());
    assertLoad(events.getFirst(), 100, "RESTARTED", 0);
    assertLoad(events.getLast(), 100, "LOADED", 0);
  }

  @Test
  void shouldTellOfPagesThatAreFilled() throws Exception {
    final long token = pool.claimDirty(42, 0, SLOT - 100, SLOT);
    final List<RecordedEvent> events =
        eventsDuring(
            "BlockLoad",
            () -> {
              assertThrows(
                  MemoryPoolException.RetrievalFailed.class,
                  () ->
                      pool.fillPages(
                          token,
                          0,
                          SLOT,
                          (key, offset, pages) -> {
                            throw new IOException("planted");
                          }));
              pool.fillPages(token, 0, SLOT, (key, offset, pages) -> pages.fill((byte) 1));
              pool.fillPages(token, 0, SLOT, (key, offset, pages) -> pages.fill((byte) 2));
            });
    pool.unpin(token);
    assertEquals(2, events.size(), events.toString());
    assertEquals("FAILED", events.getFirst().getString("outcome"));
    assertEquals(0, events.getFirst().getLong("bytes"));
    assertEquals("LOADED", events.getLast().getString("outcome"));
    assertEquals(SLOT - 100, events.getLast().getLong("bytes"));
    assertEquals(BlockKey.ofInode(42, 0).toString(), events.getLast().getString("key"));
    assertFalse(events.getLast().getBoolean("ahead"));
  }

  @Test
  void shouldTellOfAFillWhoseBlockWasRemovedMeanwhile() throws Exception {
    final long token = pool.claimDirty(42, 0, SLOT, SLOT);
    final RecordedEvent event =
        only(
            eventsDuring(
                "BlockLoad",
                () ->
                    assertThrows(
                        MemoryPoolException.BlockNotFound.class,
                        () ->
                            pool.fillPages(
                                token,
                                0,
                                SLOT,
                                (key, offset, pages) ->
                                    assertEquals(1, pool.removeInodeBlocks(42))))));
    pool.unpin(token);
    assertEquals("RESTARTED", event.getString("outcome"));
    assertEquals(SLOT, event.getLong("bytes"));
  }

  @Test
  void shouldTellOfAFillThatWasGivenUp() throws Exception {
    try (MemoryPool impatient =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(8 * SLOT)
                .blockSize(SLOT)
                .loadTimeout(Duration.ofMillis(1))
                .build())) {
      final long token = impatient.claimDirty(42, 0, SLOT, SLOT);
      final CountDownLatch begun = new CountDownLatch(1);
      final CountDownLatch goOn = new CountDownLatch(1);
      final Work slowFill =
          () -> {
            final CompletableFuture<Void> leader =
                CompletableFuture.runAsync(() ->
                    impatient.fillPages(
                        token,
                        0,
                        SLOT,
                        (key, offset, pages) -> {
                          begun.countDown();
                          sleep(goOn);
                        }));
            begun.await();
            try {
              impatient.fillPages(token, 0, SLOT, (key, offset, pages) -> {});
            } catch (final MemoryPoolException.RetrievalFailed e) {
              assertInstanceOf(TimeoutException.class, e.getCause());
            }
            goOn.countDown();
            assertThrows(ExecutionException.class, () -> leader.get(20, TimeUnit.SECONDS));
          };
      final List<String> outcomes =
          eventsDuring("BlockLoad", slowFill).stream()
              .map(event -> event.getString("outcome"))
              .toList();
      assertTrue(outcomes.contains("LATE"), outcomes.toString()); // Perhaps beside one of ours.
      impatient.unpin(token);
    }
  }

  @Test
  void shouldTellOfThoseWhoWaitForALoad() throws Exception {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final BlockContentProvider slow =
        (key, slot) -> {
          begun.countDown();
          sleep(goOn);
          return 100;
        };
    final Work twoReaders =
        () -> {
          final CompletableFuture<Void> leader =
              CompletableFuture.runAsync(() -> pool.acquire(KEY, slow).close());
          begun.await();
          final Thread waiter = Thread.ofPlatform().start(() -> pool.acquire(KEY, slow).close());
          while (waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
          }
          goOn.countDown();
          leader.get(20, TimeUnit.SECONDS);
          waiter.join();
        };
    try (Recording loads = new Recording()) {
      loads.enable("dev.slabmount.BlockLoad").withThreshold(Duration.ZERO);
      loads.start();
      final RecordedEvent wait = only(eventsDuring("PoolWait", twoReaders));
      assertEquals("load of block " + KEY, wait.getString("whatFor"));
      assertEquals("DONE", wait.getString("outcome"));
      loads.stop();
      final Path file = temp.resolve("loads.jfr");
      loads.dump(file);
      assertLoad(only(eventsIn(file, "BlockLoad")), 100, "LOADED", 1);
    }
  }

  @Test
  void shouldTellOfAnEviction() throws Exception {
    final List<RecordedEvent> events =
        eventsDuring(
            "BlockEvict",
            () -> {
              for (int i = 0; i < 9; i++) {
                pool.unpin(pool.pinOrLoad(7, 7, i, SLOT, new Blocks.Fixed(bytes(i, SLOT - i))));
              }
            });
    final RecordedEvent event = only(events);
    assertEquals(1, pool.stats().evictions());
    final int block = SLOT - (int) event.getLong("bytes");
    assertEquals(BlockKey.ofContent(7, 7, block).toString(), event.getString("key"));
    assertEquals("POLICY", event.getString("reason"));
    assertFalse(pool.contains(7, 7, block));
  }

  @Test
  void shouldTellOfAStretchThatIsEmptied() throws Exception {
    for (int i = 0; i < 8; i++) {
      pool.unpin(pool.pinOrLoad(7, 7, i, SLOT, new Blocks.Fixed(bytes(i, SLOT))));
    }
    final List<RecordedEvent> events =
        eventsDuring(
            "BlockEvict", () -> pool.acquire(KEY, new Blocks.Fixed(bytes(1, 2 * SLOT))).close());
    assertEquals(pool.stats().evictions(), events.size(), events.toString());
    assertTrue(
        events.stream()
            .map(event -> event.getString("reason"))
            .allMatch(List.of("POLICY", "STRETCH")::contains),
        events.toString());
  }

  @Test
  void shouldTellOfAWaitForRoomInVain() throws Exception {
    for (int i = 0; i < 8; i++) {
      pool.insertDirty(1, i, segment(bytes(i, SLOT))).close();
    }
    final RecordedEvent event =
        only(
            eventsDuring(
                "PoolWait",
                () ->
                    assertThrows(
                        MemoryPoolException.PoolExhausted.class,
                        () -> pool.insertDirty(2, 0, segment(bytes(1, 100))))));
    assertEquals("room for 100 bytes", event.getString("whatFor"));
    assertEquals("TIMED_OUT", event.getString("outcome"));
    assertTrue(event.getDuration().toMillis() >= SLOW_MILLIS, event.toString());
  }

  @Test
  void shouldTellOfACloseThatFindsThePoolInUse() throws Exception {
    final BlockHandle handle = pool.acquire(KEY, new Blocks.Fixed(bytes(1, 100)));
    final RecordedEvent event =
        only(
            eventsDuring(
                "PoolWait", () -> assertThrows(MemoryPoolException.PoolBusy.class, pool::close)));
    assertEquals("end of pins and loads", event.getString("whatFor"));
    assertEquals("TIMED_OUT", event.getString("outcome"));
    handle.close();
  }

  @Test
  void shouldTellOfWriteBacks() throws Exception {
    pool.insertDirty(42, 0, segment(bytes(1, 100))).close();
    final RecordedEvent flushed =
        only(
            eventsDuring(
                "BlockWriteBack", () -> assertTrue(pool.flush(42, 0, (inode, block, runs) -> {}))));
    assertEquals("inode:42:0", flushed.getString("key"));
    assertEquals(100, flushed.getLong("bytes"));
    assertEquals("FLUSHED", flushed.getString("outcome"));
    pool.markNeedsFlush(42, 0);
    final RecordedEvent dirtied =
        only(
            eventsDuring(
                "BlockWriteBack",
                () ->
                    pool.flush(
                        42,
                        0,
                        (inode, block, runs) ->
                            pool.modifyDirtyInPlace(42, 0, 0, segment((byte) 1), 0, 1))));
    assertEquals("DIRTIED", dirtied.getString("outcome"));
    final RecordedEvent failed =
        only(
            eventsDuring(
                "BlockWriteBack",
                () ->
                    assertThrows(
                        MemoryPoolException.FlushFailed.class,
                        () ->
                            pool.flush(
                                42,
                                0,
                                (inode, block, runs) -> {
                                  throw new IOException("planted");
                                }))));
    assertEquals("FAILED", failed.getString("outcome"));
  }

  @Test
  void shouldTellNothingOfHits() throws Exception {
    pool.acquire(KEY, new Blocks.Fixed(bytes(1, 100))).close();
    for (final String name : List.of("BlockLoad", "BlockEvict", "BlockWriteBack", "PoolWait")) {
      assertEquals(
          List.of(),
          eventsDuring(
              name,
              () -> {
                pool.acquire(KEY, new Blocks.Fixed()).close();
                pool.unpin(pool.pin(1, 2, 3));
              }));
    }
  }
}
