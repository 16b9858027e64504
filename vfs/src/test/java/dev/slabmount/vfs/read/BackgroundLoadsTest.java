package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.vfs.FakeRequest;
import dev.slabmount.vfs.read.BackgroundLoad.Outcome;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocks that are loaded before anybody reads them, by one thread. */
@Timeout(120)
class BackgroundLoadsTest extends HangingFiles {

  private record Over(Outcome outcome, int bytes) {}

  private final BlockingQueue<Over> ended = new LinkedBlockingQueue<>();

  private BackgroundLoad ahead(final int file, final int block) {
    return reader.loadAhead(
        ino(file), block, (outcome, bytes) -> ended.add(new Over(outcome, bytes)));
  }

  private void assertEnds(final Outcome outcome, final int bytes) throws Exception {
    assertEquals(new Over(outcome, bytes), ended.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void shouldBringABlockIntoThePool() throws Exception {
    make(1, FILE_BYTES + 100, limits(4, 10, LONG), true);
    assertNotNull(ahead(0, 1));
    assertEnds(Outcome.LOADED, BLOCK);
    assertNotNull(ahead(0, 4));
    assertEnds(Outcome.LOADED, 100);
    assertEquals(BLOCK + 100, pool.stats().bytesLoadedAhead());
    assertEquals(0, pool.stats().bytesAheadUsed());
    final FakeRequest request = start(0, BLOCK, BLOCK);
    assertFalse(request.isDetached());
    assertArrayEquals(Arrays.copyOfRange(contents.get(0), BLOCK, 2 * BLOCK), request.bytes());
    assertEquals(BLOCK, pool.stats().bytesAheadUsed());
    pool.clear();
    assertEquals(100, pool.stats().bytesAheadWasted());
  }

  @Test
  void shouldDoNothingWhereThereIsNothingToDo() throws Exception {
    make(2, FILE_BYTES, limits(4, 10, LONG), true);
    assertReads(0, 0, 10);
    assertNull(ahead(0, 0), "it is in the pool");
    assertNull(ahead(0, 4), "beyond the end");
    assertNull(reader.loadAhead(ino(0), Long.MAX_VALUE, (outcome, bytes) -> {}));
    assertNull(reader.loadAhead(ino(0), -1, (outcome, bytes) -> {}));
    hang(1);
    final FakeRequest request = start(1, 0, 10);
    await(() -> store.waiting() == 1);
    assertNull(ahead(1, 0), "a read is at it");
    assertNotNull(ahead(1, 1));
    assertNull(ahead(1, 1), "it is being loaded ahead");
    store.healAll();
    assertEquals(10, request.bytes().length);
    assertEnds(Outcome.LOADED, BLOCK);
    reader.close();
    assertNull(ahead(1, 2), "the mount has ended");
    assertTrue(ended.isEmpty());
  }

  @Test
  void shouldLetAReadJoinALoadThatHasBegun() throws Exception {
    make(1, FILE_BYTES, limits(1, 10, LONG), true);
    hang(0);
    final BackgroundLoad load = ahead(0, 0);
    await(() -> store.waiting() == 1);
    final FakeRequest request = start(0, 0, 10);
    assertFalse(load.cancel(), "it has begun");
    store.healAll();
    assertArrayEquals(Arrays.copyOf(contents.get(0), 10), request.bytes());
    assertEnds(Outcome.LOADED, BLOCK);
    assertEquals(BLOCK, pool.stats().bytesLoaded());
    assertEquals(BLOCK, pool.stats().bytesAheadUsed());
  }

  @Test
  void shouldNeverKeepAReadWaitingForItsTurn() throws Exception {
    make(3, FILE_BYTES, limits(4, 10, LONG), true);
    hang(0);
    ahead(0, 0);
    await(() -> store.waiting() == 1);
    ahead(1, 0);
    final BackgroundLoad queued = ahead(1, 1);
    assertReads(2, 0, FILE_BYTES);
    assertReads(1, BLOCK, BLOCK);
    assertEnds(Outcome.OVERTAKEN, 0);
    assertFalse(queued.cancel(), "it is over");
    assertEquals(0, pool.stats().bytesLoadedAhead());
    store.healAll();
    assertEnds(Outcome.LOADED, BLOCK);
    assertEnds(Outcome.LOADED, BLOCK);
  }

  @Test
  void shouldLeaveWhatComesNextToTheThreadThatBegan() throws Exception {
    make(3, FILE_BYTES, limits(4, 10, LONG), true);
    hang(0);
    hang(1);
    ahead(0, 0);
    await(() -> store.waiting() == 1);
    final Fetch overtaken = (Fetch) ahead(1, 0);
    final FakeRequest request = start(1, 0, BLOCK);
    await(() -> store.waiting() == 2);
    final Fetch next = (Fetch) ahead(2, 0);
    assertTrue(overtaken.continueWith(next));
    overtaken.run(); // As the thread does in whose queue it was before a read overtook it.
    assertFalse(overtaken.continueWith(next), "who has begun goes on with it, nobody else");
    assertTrue(ended.isEmpty());
    store.healAll();
    assertArrayEquals(Arrays.copyOf(contents.get(1), BLOCK), request.bytes());
    for (int i = 0; i < 3; i++) {
      assertNotNull(ended.poll(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void shouldCancelWhatHasNotBegun() throws Exception {
    make(2, FILE_BYTES, limits(4, 10, LONG), true);
    hang(0);
    ahead(0, 0);
    await(() -> store.waiting() == 1);
    final BackgroundLoad queued = ahead(1, 0);
    assertTrue(queued.cancel());
    assertFalse(queued.cancel());
    assertEnds(Outcome.CANCELLED, 0);
    assertNotNull(ahead(1, 0), "it can be asked for again");
    store.healAll();
    assertEnds(Outcome.LOADED, BLOCK);
    assertEnds(Outcome.LOADED, BLOCK);
    assertEquals(2 * BLOCK, pool.stats().bytesLoaded());
  }

  @Test
  void shouldBoundHowManyWaitEvenIfTheyWereCancelled() throws Exception {
    make(2, FILE_BYTES, limits(4, 10, LONG), true);
    hang(0);
    ahead(0, 0);
    await(() -> store.waiting() == 1);
    for (int i = 0; i < Fetches.AHEAD_QUEUE_MAX; i++) {
      assertTrue(reader.hasRoom());
      assertTrue(ahead(1, 0).cancel());
    }
    assertFalse(reader.hasRoom());
    assertNull(ahead(1, 0));
    ended.clear();
    store.healAll();
    assertEnds(Outcome.LOADED, BLOCK);
    await(reader::hasRoom);
    assertNotNull(ahead(1, 0));
    assertEnds(Outcome.LOADED, BLOCK);
  }

  @Test
  void shouldForgetWhatOnlyReadsWantedThatHaveEnded() throws Exception {
    make(3, FILE_BYTES, limits(1, 10, LONG), true);
    hang(0);
    hang(1);
    final FakeRequest stuck = start(0, 0, 10);
    ahead(1, 0);
    await(() -> store.waiting() == 2);
    final FakeRequest wanting = start(2, 0, 10);
    ahead(2, 1);
    final FakeRequest overtaking = start(2, BLOCK, 10);
    assertNull(ahead(2, 0), "a read waits for it");
    wanting.interrupted = true;
    overtaking.interrupted = true;
    assertEnds(Outcome.CANCELLED, 0);
    await(() -> ahead(2, 0) != null);
    assertFalse(stuck.isAnswered());
    assertEquals(Errno.EINTR, wanting.errno());
    assertEquals(Errno.EINTR, overtaking.errno());
    store.healAll();
    assertEnds(Outcome.LOADED, BLOCK);
    assertEnds(Outcome.LOADED, BLOCK);
    assertEquals(10, stuck.bytes().length);
  }

  @Test
  void shouldSayThatABlockCannotBeHad() throws Exception {
    make(1, FILE_BYTES, limits(4, 10, LONG), true);
    try (var objects = Files.list(folder.resolve("store/Data"))) {
      Files.delete(objects.findFirst().orElseThrow());
    }
    ahead(0, 0);
    assertEnds(Outcome.FAILED, 0);
    assertEquals(List.of(), log.lines, "a read will say why");
    assertEquals(Errno.EIO, start(0, 0, 10).errno());
  }

  @Test
  void shouldGiveUpALoadThatTakesTooLong() throws Exception {
    make(1, FILE_BYTES, limits(4, 10, SHORT), false);
    hang(0);
    ahead(0, 0);
    assertEnds(Outcome.FAILED, 0);
    assertEquals(1, reader.stuckThreads());
    heal(0);
    assertReads(0, 0, 10);
    store.healAll();
    await(() -> reader.stuckThreads() == 0);
  }

  @Test
  void shouldCancelEverythingWhenClosed() throws Exception {
    make(2, FILE_BYTES, limits(4, 10, LONG), true);
    hang(0);
    ahead(0, 0);
    await(() -> store.waiting() == 1);
    ahead(1, 0);
    reader.close();
    final List<Outcome> outcomes =
        List.of(
            ended.poll(30, TimeUnit.SECONDS).outcome(), ended.poll(30, TimeUnit.SECONDS).outcome());
    assertTrue(outcomes.containsAll(List.of(Outcome.CANCELLED, Outcome.FAILED)), "" + outcomes);
  }
}
