package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slabmount.fuse.Connection;
import dev.slabmount.fuse.Errno;
import dev.slabmount.fuse.FailingLog;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a filesystem can do wrong: one answer goes out whatever it is, and the worker lives on. */
@Timeout(30)
class RequestGuardTest {
  private final LookupCounts counts = new LookupCounts();
  private final RequestGuard guard = new RequestGuard();
  private final ReplyCounters replyCounters = new ReplyCounters();
  private final ContextPool pool = new ContextPool(FakeBuffers::new, 4, counts, replyCounters);
  private final FakeWorker worker = new FakeWorker(pool);
  private int answersLeft;

  /** An error that nobody could have expected. */
  private static final class StrangeError extends Error {
    private static final long serialVersionUID = 1L;
  }

  private Dispatcher serving(Consumer<Request> operation) {
    return new Dispatcher(
        new FileSystem() {
          @Override
          public void readlink(Request request, long ino) {
            operation.accept(request);
          }
        },
        counts,
        guard);
  }

  /** Serves one request with {@code operation} and returns what was sent for it. */
  private List<String> serve(Consumer<Request> operation) {
    RequestContext context = worker.begin(Operation.READLINK);
    FakeWorker.sink(context).sent.clear();
    serving(operation).dispatch(context);
    return FakeWorker.sent(context);
  }

  private static void fail(Supplier<? extends Throwable> thrown) {
    RequestGuardTest.<RuntimeException>sneak(thrown.get());
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static int recurse(int depth) {
    return depth == Integer.MAX_VALUE ? 0 : recurse(depth + 1) + 1;
  }

  private int recurseAndAnswer(Request request, int depth) {
    if (depth == Integer.MAX_VALUE) {
      return 0;
    }
    try {
      return recurseAndAnswer(request, depth + 1) + 1;
    } finally {
      // Runs first in the deepest frame, where hardly any stack is left.
      if (answersLeft > 0) {
        answersLeft--;
        request.reply().error(Errno.ENOENT);
      }
    }
  }

  private void answerWhereTheStackEnds(Request request, boolean caught, int answers) {
    answersLeft = answers;
    try {
      recurseAndAnswer(request, 0);
    } catch (StackOverflowError e) {
      if (!caught) {
        throw e;
      }
    }
  }

  private static Stream<Consumer<Request>> throwingOperations() {
    return Stream.of(
        r -> fail(() -> new IllegalStateException("on purpose")),
        r -> fail(() -> new java.io.IOException("a checked one, thrown past the compiler")),
        r -> fail(() -> new OutOfMemoryError("on purpose")),
        r -> fail(StrangeError::new),
        r -> fail(() -> new InterruptedException("on purpose")),
        r -> recurse(0));
  }

  @ParameterizedTest
  @MethodSource("throwingOperations")
  void shouldAnswerEioForWhateverIsThrown(Consumer<Request> operation) {
    assertEquals(List.of("error 5"), serve(operation));
    assertEquals(1, guard.uncaughtCount());
    assertEquals(0, guard.unansweredCount());
    assertEquals(List.of("target x"), serve(r -> r.reply().target(new byte[] {'x'}, 0, 1)));
  }

  @ParameterizedTest
  @MethodSource("throwingOperations")
  void shouldAnswerOnceAlthoughTheLoggerThrows(Consumer<Request> operation) throws Exception {
    for (Supplier<Throwable> thrown :
        List.<Supplier<Throwable>>of(
            () -> new IllegalStateException("from the logger"),
            () -> new OutOfMemoryError("from the logger"))) {
      try (FailingLog failing = new FailingLog(thrown)) {
        assertEquals(List.of("error 5"), serve(operation));
        assertEquals(List.of("error 5"), serve(r -> {}));
        assertEquals(2, failing.lines());
      }
    }
    assertEquals(2, guard.uncaughtCount());
    assertEquals(2, guard.unansweredCount());
  }

  @Test
  void shouldNotFailWhoeverAnswersTwiceBecauseTheLoggerThrows() throws Exception {
    try (FailingLog failing = new FailingLog(() -> new IllegalStateException("from the logger"))) {
      List<String> sent =
          serve(r -> {
            r.reply().ok();
            assertFalse(r.reply().ok());
          });
      assertEquals(1, failing.lines());
      assertEquals(List.of("error 0"), sent);
    }
    assertEquals(0, guard.uncaughtCount());
    assertEquals(1, replyCounters.refusedCount());
  }

  /** Many times, because where exactly the stack ends depends on what is compiled by then. */
  @Test
  void shouldSendOneAnswerThatIsGivenWhereTheStackEnds() {
    for (int i = 1; i <= 40; i++) {
      boolean caught = i % 2 == 0;
      int answers = i % 4 < 2 ? 1 : Integer.MAX_VALUE;
      List<String> sent = serve(r -> answerWhereTheStackEnds(r, caught, answers));
      assertEquals(1, sent.size(), sent.toString());
      assertEquals((i + 1) / 2, guard.uncaughtCount());
      assertEquals(List.of("error 0"), serve(r -> r.reply().ok()));
    }
  }

  @Test
  void shouldAnswerEioForWhatReturnsWithoutAnAnswer() {
    assertEquals(List.of("error 5"), serve(r -> {}));
    assertEquals(0, guard.uncaughtCount());
    assertEquals(1, guard.unansweredCount());
  }

  @Test
  void shouldSendNothingMoreForWhatThrowsAfterItsAnswer() {
    assertEquals(
        List.of("written 3"),
        serve(r -> {
          r.reply().written(3);
          throw new IllegalStateException("on purpose");
        }));
    assertEquals(1, guard.uncaughtCount());
  }

  @Test
  void shouldAnswerWhatWasDetachedAndThenThrew() {
    Request[] kept = new Request[1];
    List<String> sent =
        serve(r -> {
          kept[0] = r.detach();
          throw new IllegalStateException("on purpose");
        });
    assertEquals(List.of("error 5"), sent);
    assertFalse(kept[0].reply().ok());
    assertEquals(0, pool.detachedCount());
    assertEquals(List.of("error 0"), serve(r -> r.reply().ok()));
  }

  @Test
  void shouldLeaveADetachedRequestToWhoeverAnswersIt() {
    Request[] kept = new Request[1];
    List<String> sent = serve(r -> kept[0] = r.detach());
    assertEquals(List.of(), sent);
    assertEquals(0, guard.unansweredCount());
    kept[0].reply().written(1);
    assertEquals(List.of("written 1"), sent);
  }

  @Test
  void shouldAnswerEvenIfTheFirstAnswerOfTheGuardFails() {
    RequestContext context = worker.begin(Operation.READLINK);
    FakeWorker.sink(context).failNext(1, () -> new OutOfMemoryError("on purpose"));
    serving(r -> fail(() -> new OutOfMemoryError("on purpose"))).dispatch(context);
    assertEquals(List.of(), FakeWorker.sent(context));
    assertSame(context, worker.begin(Operation.READLINK));
    assertEquals(List.of("error 5"), FakeWorker.sent(context));
  }

  @Test
  void shouldKeepForgetsAndTheEndFromThrowing() throws Exception {
    FileSystem throwing =
        new FileSystem() {
          @Override
          public void init(Connection connection) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void forget(long ino, long count) {
            recurse(0);
          }

          @Override
          public void destroy() {
            throw new OutOfMemoryError("on purpose");
          }
        };
    Dispatcher dispatcher = new Dispatcher(throwing, counts, guard);
    counts.add(7, 3);
    dispatcher.forget(7, 2);
    assertEquals(1, counts.count(7));
    try (FailingLog failing = new FailingLog(() -> new IllegalStateException("from the logger"))) {
      dispatcher.forget(7, 1);
      dispatcher.destroy();
      assertEquals(3, guard.uncaughtCount());
      assertEquals(2, failing.lines());
    }
    assertThrows(IllegalStateException.class, () -> dispatcher.init(null));
  }

  @Test
  void shouldForgetEveryCountAtTheEnd() {
    counts.add(7, 3);
    serving(r -> {}).destroy();
    assertEquals(0, counts.total());
  }
}
