package dev.slabmount.vfs.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Errno;
import dev.slabmount.vfs.FakeRequest;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of a store that does not answer, and those beside them. */
@Timeout(120)
class StuckReadsTest extends HangingFiles {

  // ---- Others are not kept waiting ----

  @Test
  void shouldServeMissesWhileAsManyReadsHangAsThereMayBeThreads() throws Exception {
    make(600, 100, limits(500, 600, LONG), true);
    final List<FakeRequest> stuck = new ArrayList<>();
    for (int file = 0; file < 499; file++) {
      hang(file);
      stuck.add(start(file, 0, 100));
    }
    await(() -> store.waiting() == 499);
    for (int file = 500; file < 600; file++) {
      assertReads(file, 0, 100);
    }
    await(() -> reader.pending() == 499);
    assertEquals(0, reader.waits());
    assertTrue(stuck.stream().noneMatch(FakeRequest::isAnswered));
    store.releaseWaiting();
    for (int file = 0; file < 499; file++) {
      assertArrayEquals(contents.get(file), stuck.get(file).bytes());
    }
  }

  @Test
  void shouldSpendNoThreadOnReadsThatWaitForTheSameBlock() throws Exception {
    make(2, FILE_BYTES, limits(2, 600, LONG), true);
    hang(0);
    final List<FakeRequest> stuck = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      stuck.add(start(0, i, 10));
    }
    await(() -> store.waiting() == 1);
    assertReads(1, 0, FILE_BYTES);
    final int opened = store.opened();
    store.releaseWaiting();
    for (int i = 0; i < 500; i++) {
      assertArrayEquals(Arrays.copyOfRange(contents.get(0), i, i + 10), stuck.get(i).bytes());
    }
    assertEquals(opened, store.opened(), "one fetch for all of them");
  }

  @Test
  void shouldLetFetchesWaitInOrderWhenEveryThreadHangs() throws Exception {
    make(4, 100, limits(2, 100, LONG), true);
    hang(0);
    hang(1);
    final FakeRequest one = start(0, 0, 100);
    final FakeRequest two = start(1, 0, 100);
    await(() -> store.waiting() == 2);
    final FakeRequest healthy = start(2, 0, 100);
    assertFalse(healthy.isAnswered());
    assertEquals(3, reader.pending());
    store.releaseWaiting();
    assertArrayEquals(contents.get(2), healthy.bytes());
    assertArrayEquals(contents.get(0), one.bytes());
    assertArrayEquals(contents.get(1), two.bytes());
  }

  @Test
  void shouldLeaveRoomInThePoolForOthers() throws Exception {
    poolBytes = 2 << 20;
    blockBytes = 256 << 10;
    bytesOfLast = 100;
    make(8, blockBytes, limits(20, 20, LONG), true);
    assertReads(6, 0, blockBytes);
    final List<FakeRequest> stuck = new ArrayList<>();
    for (int file = 0; file < 6; file++) {
      hang(file);
      stuck.add(start(file, 0, blockBytes));
    }
    await(() -> store.waiting() == 4); // Half of the pool; the others wait for them.
    assertReads(7, 0, 100);
    assertFalse(read(6).isDetached(), "what was in the pool is still there");
    assertEquals(4, store.waiting());
    store.healAll();
    for (int file = 0; file < 6; file++) {
      assertArrayEquals(contents.get(file), stuck.get(file).bytes());
    }
  }

  private FakeRequest read(final int file) throws Exception {
    final FakeRequest request = start(file, 0, 100);
    assertEquals(100, request.bytes().length);
    return request;
  }

  // ---- Time passes ----

  @Test
  void shouldFailAReadThatWaitsTooLongAndTryAgainForTheNext() throws Exception {
    make(1, 100, limits(10, 10, SHORT), false);
    hang(0);
    final long begun = System.nanoTime();
    assertEquals(Errno.EIO, start(0, 0, 100).errno());
    assertTrue(System.nanoTime() - begun >= SHORT.toNanos());
    assertEquals(1, reader.timeouts());
    assertEquals(1, reader.failures());
    await(() -> reader.stuckThreads() == 1);
    assertEquals("ERROR cannot read 'f0' at 0: the store has not answered within 400 ms", line(0));
    heal(0);
    assertReads(0, 0, 100);
    assertEquals(1, store.waiting(), "the first still hangs");
    store.releaseWaiting();
    await(() -> reader.stuckThreads() == 0);
    assertReads(0, 0, 100);
    assertEquals(1, reader.timeouts());
    assertEquals(1, log.lines.size(), "what came late was not answered again");
  }

  private String line(final int index) throws InterruptedException {
    await(() -> log.lines.size() > index);
    return log.lines.get(index);
  }

  @Test
  void shouldKeepWhatComesTooLate() throws Exception {
    make(1, 100, limits(10, 10, SHORT), false);
    hang(0);
    assertEquals(Errno.EIO, start(0, 0, 100).errno());
    await(() -> reader.stuckThreads() == 1);
    store.releaseWaiting();
    await(() -> reader.stuckThreads() == 0);
    final FakeRequest request = start(0, 0, 100);
    assertArrayEquals(contents.get(0), request.bytes());
    assertFalse(request.isDetached(), "it was in the pool");
  }

  @Test
  void shouldInterruptTheThreadOfAFetchThatTakesTooLong() throws Exception {
    make(1, 100, limits(10, 10, SHORT), true);
    hang(0);
    assertEquals(Errno.EIO, start(0, 0, 100).errno());
    await(() -> store.waiting() == 0);
    await(() -> reader.stuckThreads() == 0);
    heal(0);
    assertReads(0, 0, 100);
  }

  @Test
  void shouldGiveAReadThatCameLaterAFetchOfItsOwn() throws Exception {
    make(1, 100, limits(10, 10, Duration.ofSeconds(2)), false);
    hang(0);
    final FakeRequest first = start(0, 0, 100);
    await(() -> store.waiting() == 1);
    TimeUnit.MILLISECONDS.sleep(1000); // The second read is to have half its time left.
    final FakeRequest second = start(0, 50, 50);
    heal(0);
    assertEquals(Errno.EIO, first.errno());
    assertArrayEquals(Arrays.copyOfRange(contents.get(0), 50, 100), second.bytes());
    assertEquals(1, store.waiting(), "the first fetch still hangs");
  }

  @Test
  void shouldNotAskTheStoreForAReadThatWaitedTooLongForAThread() throws Exception {
    make(2, 100, limits(1, 10, SHORT), false);
    hang(0);
    final FakeRequest first = start(0, 0, 100);
    await(() -> store.waiting() == 1);
    final FakeRequest second = start(1, 0, 100);
    assertEquals(Errno.EIO, first.errno());
    assertEquals(Errno.EIO, second.errno());
    await(() -> reader.stuckThreads() == 1);
    store.releaseWaiting();
    await(() -> reader.stuckThreads() == 0);
    assertReads(0, 0, 100);
    assertEquals(1, store.opened(), "the second read's object was never asked for");
    assertReads(1, 0, 100);
  }

  @Test
  void shouldBoundTheTimeOfAReadAcrossAllItsBlocks() throws Exception {
    make(1, FILE_BYTES, limits(10, 10, SHORT), false);
    assertReads(0, 0, BLOCK);
    hang(0);
    assertEquals(Errno.EIO, start(0, 0, FILE_BYTES).errno());
    heal(0);
    assertReads(0, 0, FILE_BYTES);
  }

  // ---- Callers give up ----

  @Test
  void shouldAnswerACallerWhoGivesUpWhileTheStoreHangs() throws Exception {
    make(1, 100, limits(10, 10, LONG), false);
    hang(0);
    final FakeRequest leaving = start(0, 0, 100);
    final FakeRequest staying = start(0, 0, 100);
    await(() -> store.waiting() == 1);
    final long begun = System.nanoTime();
    leaving.interrupted = true;
    assertEquals(Errno.EINTR, leaving.errno());
    assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(2));
    assertEquals(1, reader.interrupts());
    assertEquals(0, reader.failures());
    assertFalse(staying.isAnswered());
    store.releaseWaiting();
    assertArrayEquals(contents.get(0), staying.bytes());
  }

  @Test
  void shouldKeepNothingOfReadsThatHaveEnded() throws Exception {
    make(1, 100, limits(10, 10, LONG), false);
    hang(0);
    final FakeRequest staying = start(0, 0, 100);
    await(() -> store.waiting() == 1);
    final WeakReference<FakeRequest> left = giveUp();
    await(() -> {
      System.gc();
      return left.refersTo(null);
    });
    assertFalse(staying.isAnswered());
    store.releaseWaiting();
    assertArrayEquals(contents.get(0), staying.bytes());
  }

  private WeakReference<FakeRequest> giveUp() throws Exception {
    final FakeRequest request = start(0, 0, 100);
    request.interrupted = true;
    assertEquals(Errno.EINTR, request.errno());
    return new WeakReference<>(request);
  }

  @Test
  void shouldNotAnswerWhatTheBindingHasAnswered() throws Exception {
    make(1, 100, limits(10, 10, LONG), false);
    hang(0);
    final FakeRequest request = start(0, 0, 100);
    await(() -> store.waiting() == 1);
    request.error(Errno.EIO); // As at the end of a mount.
    await(() -> reader.pending() == 0);
    store.releaseWaiting();
    assertReads(0, 0, 100);
    assertEquals(1, request.answers());
    assertEquals(List.of(), log.lines);
  }

  // ---- The bound ----

  @Test
  void shouldMakeTheCallerWaitWhenTooManyReadsArePending() throws Exception {
    make(3, 100, limits(10, 3, LONG), true);
    hang(0);
    for (int i = 0; i < 3; i++) {
      start(0, i, 10);
    }
    final FakeRequest beyond = new FakeRequest();
    final Thread worker = Thread.ofPlatform().start(() -> reader.read(beyond, ino(1), 0, 100));
    await(() -> reader.waits() == 1);
    assertFalse(beyond.isAnswered());
    final FakeRequest leaving = new FakeRequest();
    final Thread other = Thread.ofPlatform().start(() -> reader.read(leaving, ino(1), 0, 100));
    await(() -> reader.waits() == 2);
    leaving.interrupted = true;
    assertEquals(Errno.EINTR, leaving.errno());
    assertTrue(other.join(Duration.ofSeconds(20)));
    store.releaseWaiting();
    assertArrayEquals(contents.get(1), beyond.bytes());
    assertTrue(worker.join(Duration.ofSeconds(20)));
    await(() -> reader.pending() == 0);
    assertReads(2, 0, 100);
    assertEquals(2, reader.waits());
  }

  @Test
  void shouldEndTheWaitWhenPendingReadsRunOutOfTime() throws Exception {
    make(2, 100, limits(10, 1, SHORT), true);
    hang(0);
    final FakeRequest stuck = start(0, 0, 100);
    assertReads(1, 0, 100); // On this thread, which waits until the one place is free.
    assertEquals(Errno.EIO, stuck.errno());
    assertEquals(1, reader.waits());
  }

  @Test
  void shouldEndTheWaitWhenClosed() throws Exception {
    make(2, 100, limits(10, 1, LONG), true);
    hang(0);
    final FakeRequest stuck = start(0, 0, 100);
    final FakeRequest beyond = new FakeRequest();
    final Thread worker = Thread.ofPlatform().start(() -> reader.read(beyond, ino(1), 0, 100));
    await(() -> reader.waits() == 1);
    reader.close();
    assertEquals(Errno.EIO, stuck.errno());
    assertEquals(Errno.EIO, beyond.errno());
    assertTrue(worker.join(Duration.ofSeconds(20)));
  }
}
