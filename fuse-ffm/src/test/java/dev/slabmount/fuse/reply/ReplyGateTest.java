package dev.slabmount.fuse.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Attributes;
import dev.slabmount.fuse.Entry;
import dev.slabmount.fuse.FileLock;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.FileSystemFigures;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.Slices;
import dev.slabmount.fuse.inode.LookupCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReplyGateTest {
  private static final int ENOENT = -2;

  private final RecordingSink sink = new RecordingSink();
  private final LookupCounts counts = new LookupCounts();
  private final ReplyCounters counters = new ReplyCounters();
  private final ReplyGate gate = new ReplyGate(sink, counters);
  private final GatedReplies replies = new GatedReplies(gate, sink, counts);
  private final ExecutorService others = Executors.newFixedThreadPool(4);
  private final Arena arena = Arena.ofShared();
  private final Ends ends = new Ends();

  private static final class Ends implements Detachment {
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger abandoned = new AtomicInteger();

    @Override
    public void answered() {
      answered.incrementAndGet();
    }

    @Override
    public void abandoned() {
      abandoned.incrementAndGet();
    }
  }

  @AfterEach
  void tearDown() {
    others.shutdownNow();
    arena.close();
  }

  private <T> T elsewhere(Callable<T> work) throws Exception {
    return others.submit(work).get(10, TimeUnit.SECONDS);
  }

  /** Every method of {@link Replies}, each with what the sink must have been asked to send. */
  private record Answer(String sent, Predicate<Replies> give) {}

  private List<Answer> everyAnswer() {
    Entry entry = new Entry().ino(7);
    OpenedFile file = new OpenedFile().fh(8);
    byte[] bytes = {'a', 'b', 'c', 'd'};
    MemorySegment memory = arena.allocate(16);
    WireDirectoryBuffer listing = new WireDirectoryBuffer(arena).begin(4096, false);
    listing.add(bytes, 0, 4, 9, 0100644, 1);
    return List.of(
        new Answer("error 13", r -> r.error(13)),
        new Answer("error 0", Replies::ok),
        new Answer("entry 7", r -> r.entry(entry)),
        new Answer("created 7 8", r -> r.created(entry, file)),
        new Answer("attributes 5 66", r -> r.attributes(new Attributes().ino(5), 66)),
        new Answer("statx 5 6 66", r -> r.statx(new Attributes().ino(5), 6, 66)),
        new Answer("opened 8", r -> r.opened(file)),
        new Answer("target bc", r -> r.target(bytes, 1, 2)),
        new Answer("data 11", r -> r.data(memory.address(), 11)),
        new Answer("data 16", r -> r.data(memory)),
        new Answer("bytes cd", r -> r.data(bytes, 2, 2)),
        new Answer("slices 6", r -> r.slices(new Slices().add(1, 2).add(3, 4))),
        new Answer("data 32", r -> r.directory(listing)),
        new Answer("written 3", r -> r.written(3)),
        new Answer("valueSize 4", r -> r.valueSize(4)),
        new Answer("figures 12", r -> r.figures(new FileSystemFigures().blocks(12))),
        new Answer("lock 1", r -> r.lock(new FileLock().type(1))),
        new Answer("offset 99", r -> r.offset(99)),
        new Answer("mappedBlock 98", r -> r.mappedBlock(98)),
        new Answer("ioctl 3 4", r -> r.ioctl(3, 0, 4)),
        new Answer("polled 5", r -> r.polled(5)));
  }

  @Test
  void shouldCoverEveryMethodOfReplies() {
    assertEquals(Replies.class.getDeclaredMethods().length, everyAnswer().size());
  }

  @Test
  void shouldSendEveryAnswerOnceAndRefuseTheSecond() {
    long refused = 0;
    for (Answer answer : everyAnswer()) {
      sink.sent.clear();
      gate.begin();
      assertTrue(gate.isOwed());
      assertTrue(answer.give.test(replies), answer.sent);
      assertFalse(gate.isOwed());
      assertFalse(answer.give.test(replies), answer.sent);
      assertFalse(replies.error(1));
      assertFalse(gate.errorIfUnanswered(5));
      assertEquals(List.of(answer.sent), sink.sent);
      refused += 2;
      assertEquals(refused, counters.refusedCount());
    }
    assertEquals(0, counters.undeliveredCount());
  }

  @Test
  void shouldSendEioAndPassOnWhatASinkThrowsBeforeItSends() {
    for (Answer answer : everyAnswer()) {
      for (Throwable thrown :
          List.of(new IllegalStateException("x"), new OutOfMemoryError("x"), new Error("x"))) {
        sink.sent.clear();
        gate.begin();
        sink.failNext(1, () -> thrown);
        assertSame(
            thrown, assertThrows(Throwable.class, () -> answer.give.test(replies)), answer.sent);
        assertEquals(List.of("error 5"), sink.sent, answer.sent);
        assertFalse(gate.isOwed());
        assertEquals(0, counts.total(), "a count of an answer that was never sent");
      }
    }
  }

  @Test
  void shouldStillOweTheAnswerWhenNotEvenEioCouldBeSent() {
    for (Answer answer : everyAnswer()) {
      sink.sent.clear();
      gate.begin();
      sink.failNext(2, () -> new StackOverflowError("x"));
      assertThrows(StackOverflowError.class, () -> answer.give.test(replies));
      assertTrue(gate.isOwed(), answer.sent);
      assertTrue(gate.errorIfUnanswered(5));
      assertEquals(List.of("error 5"), sink.sent, answer.sent);
      assertEquals(0, counts.total());
    }
  }

  @Test
  void shouldKeepADetachedRequestOpenWhenNotEvenEioCouldBeSent() throws Exception {
    gate.begin();
    gate.detach(ends);
    sink.failNext(2, () -> new OutOfMemoryError("x"));
    assertThrows(OutOfMemoryError.class, () -> replies.written(1));
    assertEquals(0, ends.answered.get());
    assertTrue(elsewhere(() -> replies.written(2)));
    assertEquals(List.of("written 2"), sink.sent);
    assertEquals(1, ends.answered.get());
  }

  /**
   * Looking whether the answer is right may throw something else than what is wrong with it, for
   * want of memory; here it has no kind to look at. Another thread's claim nobody could undo.
   */
  @Test
  void shouldSendEioIfWhatIsWrongWithAnAnswerCannotBeSaid() throws Exception {
    gate.begin();
    gate.expect(ReplyKind.OK.bit(), "test");
    gate.detach(ends);
    elsewhere(() -> assertThrows(NullPointerException.class, () -> gate.claim(null)));
    assertEquals(List.of("error 5"), sink.sent);
    assertTrue(gate.isAnswered());
    assertEquals(1, ends.answered.get());
  }

  @Test
  void shouldAnswerAtTheNextBeginWhatEvenTheGuardCouldNot() {
    gate.begin();
    sink.failNext(1, () -> new OutOfMemoryError("x"));
    assertThrows(OutOfMemoryError.class, () -> gate.errorIfUnanswered(5));
    gate.begin();
    assertEquals(List.of("error 5"), sink.sent);
    assertTrue(gate.isOwed());
  }

  @Test
  void shouldRefuseAnotherThreadUntilTheRequestIsDetached() throws Exception {
    gate.begin();
    assertFalse(elsewhere(() -> replies.ok()));
    assertFalse(elsewhere(() -> gate.errorIfUnanswered(5)));
    assertThrows(Exception.class, () -> elsewhere(() -> detached()));
    assertEquals(1, counters.refusedCount());
    assertTrue(sink.sent.isEmpty());

    gate.detach(ends);
    assertFalse(gate.isOwed());
    assertTrue(elsewhere(() -> replies.ok()));
    assertEquals(List.of("error 0"), sink.sent);
    assertEquals(1, ends.answered.get());
  }

  private boolean detached() {
    gate.detach(ends);
    return true;
  }

  @Test
  void shouldRefuseAStaleAnswerToADetachedRequestForEver() throws Exception {
    gate.begin();
    gate.detach(ends);
    assertTrue(replies.written(1));
    for (int i = 0; i < 3; i++) {
      assertFalse(replies.written(2));
      assertFalse(elsewhere(() -> replies.written(3)));
    }
    assertEquals(List.of("written 1"), sink.sent);
    assertEquals(6, counters.refusedCount());
    assertEquals(1, ends.answered.get());
    assertEquals(0, ends.abandoned.get());
  }

  @Test
  void shouldRefuseToDetachTwiceOrAfterTheAnswer() {
    assertThrows(IllegalStateException.class, () -> gate.detach(ends));
    gate.begin();
    gate.detach(ends);
    assertThrows(IllegalStateException.class, () -> gate.detach(ends));
    assertThrows(IllegalStateException.class, gate::begin);
    replies.ok();
    assertThrows(IllegalStateException.class, () -> gate.detach(ends));
  }

  @Test
  void shouldTellWhoeverDetachedThatTheBindingAnsweredInItsPlace() {
    gate.begin();
    gate.detach(ends);
    assertTrue(gate.errorIfUnanswered(5));
    assertEquals(1, ends.abandoned.get());
    assertFalse(replies.ok());
    assertEquals(0, ends.answered.get());
    assertEquals(List.of("error 5"), sink.sent);
  }

  /**
   * In step: the store's answer, a drain at unmount, and somebody who asks before he answers. They
   * meet by spinning, since a barrier that parks lets them arrive one after another; for as many
   * rounds as a busy machine does in two seconds.
   */
  @Test
  void shouldLetExactlyOneOfManyRacingAnswersThrough() throws Exception {
    int rounds = 100_000;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    RecordingSink silent = new RecordingSink(false);
    List<Predicate<ReplyGate>> racers =
        List.of(
            g -> new GatedReplies(g, silent, counts).written(1),
            g -> g.errorIfUnanswered(5),
            g -> g.interrupted() || new GatedReplies(g, silent, counts).written(2));
    List<ReplyGate> gates = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      ReplyGate racing = new ReplyGate(silent, counters);
      racing.begin();
      racing.detach(ends);
      gates.add(racing);
    }
    AtomicIntegerArray arrived = new AtomicIntegerArray(rounds);
    AtomicIntegerArray wins = new AtomicIntegerArray(rounds);
    List<Future<Integer>> running = new ArrayList<>();
    for (Predicate<ReplyGate> racer : racers) {
      running.add(
          others.submit(() -> {
            int round = 0;
            while (round < rounds) {
              arrived.incrementAndGet(round);
              while (arrived.get(round) < racers.size()) {
                Thread.onSpinWait();
                if (System.nanoTime() - deadline > 0) {
                  return round;
                }
              }
              if (racer.test(gates.get(round))) {
                wins.incrementAndGet(round);
              }
              round++;
            }
            return round;
          }));
    }
    int played = rounds;
    for (Future<Integer> each : running) {
      played = Math.min(played, each.get(25, TimeUnit.SECONDS));
    }
    assertTrue(played > 0, "rounds: " + played);
    for (int i = 0; i < played; i++) {
      assertEquals(1, wins.get(i), "round " + i);
    }
    assertEquals(silent.sentCount(), ends.answered.get() + ends.abandoned.get());
  }

  private static boolean await(CountDownLatch latch) throws InterruptedException {
    return latch.await(10, TimeUnit.SECONDS);
  }

  @Test
  void shouldSayThatTheCallerGaveUpOnlyToWhoMayAsk() throws Exception {
    sink.interrupted = true;
    assertFalse(gate.interrupted(), "no request yet");
    gate.begin();
    assertTrue(gate.interrupted());
    assertFalse(elsewhere(gate::interrupted), "another thread, and the request is not detached");
    gate.detach(ends);
    assertTrue(elsewhere(gate::interrupted));
    sink.interrupted = false;
    assertFalse(gate.interrupted());
    sink.interrupted = true;
    replies.ok();
    assertFalse(gate.interrupted(), "an answered request is freed memory");
  }

  @Test
  void shouldNotAnswerWhileARequestIsBeingLookedAt() throws Exception {
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    sink.whileAsking =
        () -> {
          looking.countDown();
          try {
            await(mayEnd);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    gate.begin();
    gate.detach(ends);
    Future<Boolean> asking = others.submit(gate::interrupted);
    await(looking);
    Future<Boolean> answering = others.submit(replies::ok);
    Future<Boolean> abandoning = others.submit(() -> gate.errorIfUnanswered(5));
    assertThrows(
        java.util.concurrent.TimeoutException.class,
        () -> answering.get(50, TimeUnit.MILLISECONDS));
    assertTrue(sink.sent.isEmpty());
    mayEnd.countDown();
    assertFalse(asking.get(10, TimeUnit.SECONDS));
    assertTrue(
        answering.get(10, TimeUnit.SECONDS) ^ abandoning.get(10, TimeUnit.SECONDS),
        "exactly one wins");
  }

  @Test
  void shouldGiveLookupCountsBackWhenTheKernelDoesNotTakeTheAnswer() {
    Entry entry = new Entry().ino(7);
    WireDirectoryBuffer listing = new WireDirectoryBuffer(arena).begin(4096, true);
    listing.addPlus(new byte[] {'x'}, 0, 1, new Entry().ino(8), 1);

    sink.result = ENOENT;
    gate.begin();
    assertFalse(replies.entry(entry));
    gate.begin();
    assertFalse(replies.created(entry, new OpenedFile().fh(1)));
    gate.begin();
    assertFalse(replies.directory(listing));
    assertEquals(0, counts.total());
    assertEquals(3, counters.undeliveredCount());
    assertEquals(0, counters.refusedCount());

    sink.result = 0;
    gate.begin();
    assertTrue(replies.entry(entry));
    gate.begin();
    assertTrue(replies.created(entry, new OpenedFile().fh(1)));
    gate.begin();
    assertTrue(replies.directory(listing));
    assertEquals(2, counts.count(7));
    assertEquals(1, counts.count(8));
    assertEquals(3, counters.undeliveredCount());
  }

  @Test
  void shouldTakeACountBeforeTheAnswerIsSent() {
    long[] seen = new long[1];
    ReplySink looking =
        (ReplySink)
            java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ReplySink.class},
                (proxy, method, arguments) -> {
                  seen[0] = counts.count(7);
                  return 0;
                });
    ReplyGate before = new ReplyGate(looking, counters);
    before.begin();
    new GatedReplies(before, looking, counts).entry(new Entry().ino(7));
    assertEquals(1, seen[0]);
  }

  @Test
  void shouldNotCountARefusedEntry() {
    gate.begin();
    replies.ok();
    assertFalse(replies.entry(new Entry().ino(7)));
    assertEquals(0, counts.total());
  }

  @Test
  void shouldCountNeitherNegativeEntriesNorTheRoot() {
    gate.begin();
    replies.entry(new Entry().ino(0));
    gate.begin();
    replies.entry(new Entry().ino(FileSystem.ROOT));
    assertEquals(0, counts.total());
    assertEquals(0, counts.inodes());
  }

  @Test
  void shouldCountEveryEntryOfAListingButDotsAndUnknownInodes() {
    WireDirectoryBuffer listing = new WireDirectoryBuffer(arena).begin(8192, true);
    String[] names = {".", "..", "a", ".a", "a.", "...", "ab", "x"};
    long[] inos = {20, 21, 22, 23, 24, 25, 22, 0};
    for (int i = 0; i < names.length; i++) {
      byte[] name = names[i].getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      assertTrue(listing.addPlus(name, 0, name.length, new Entry().ino(inos[i]), i + 1));
    }
    gate.begin();
    assertTrue(replies.directory(listing));
    assertEquals(0, counts.count(20));
    assertEquals(0, counts.count(21));
    assertEquals(2, counts.count(22));
    assertEquals(1, counts.count(23));
    assertEquals(1, counts.count(24));
    assertEquals(1, counts.count(25));
    assertEquals(5, counts.total());
    assertEquals(4, counts.inodes());
  }

  @Test
  void shouldCountNothingForAPlainListing() {
    WireDirectoryBuffer listing = new WireDirectoryBuffer(arena).begin(4096, false);
    listing.add(new byte[] {'x'}, 0, 1, 8, 0100644, 1);
    gate.begin();
    assertTrue(replies.directory(listing));
    assertEquals(0, counts.total());
  }

  @Test
  void shouldAnswerEioForAListingOfSomebodyElse() {
    gate.begin();
    assertThrows(
        ClassCastException.class,
        () ->
            replies.directory(
                (dev.slabmount.fuse.DirectoryBuffer)
                    java.lang.reflect.Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {dev.slabmount.fuse.DirectoryBuffer.class},
                        (proxy, method, arguments) -> null)));
    assertEquals(List.of("error 5"), sink.sent);
  }

  @Test
  void shouldRefuseTheHandleThatStandsForNone() {
    OpenedFile file = new OpenedFile().fh(FileSystem.NO_HANDLE);
    gate.begin();
    assertThrows(IllegalArgumentException.class, () -> replies.opened(file));
    gate.begin();
    assertThrows(IllegalArgumentException.class, () -> replies.created(new Entry().ino(7), file));
    assertEquals(List.of("error 5", "error 5"), sink.sent);
    assertEquals(0, counts.total());
  }

  @Test
  void shouldRefuseDataThatIsNotThere() {
    gate.begin();
    assertThrows(
        IllegalArgumentException.class, () -> replies.data(MemorySegment.ofArray(new byte[4])));
    MemorySegment closed;
    try (Arena shortLived = Arena.ofConfined()) {
      closed = shortLived.allocate(8);
    }
    gate.begin();
    assertThrows(IllegalStateException.class, () -> replies.data(closed));
    assertEquals(List.of("error 5", "error 5"), sink.sent);
  }
}
