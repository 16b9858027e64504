package dev.slabmount.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.dev.WireMessage;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.fuse.libfuse.UpcallThread;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a filesystem can do wrong, in every operation there is: the kernel gets exactly one whole
 * answer, which is EIO where the filesystem gave none, and the next request is served as ever. Each
 * transport has a subclass.
 */
@Timeout(60)
public abstract class MisbehaviorContract {
  private static final int HEADER = 16;
  private static final int ENOSYS = 38;
  private static final long UNIQUE = 1000;

  /** How an operation misbehaves; it gets the request that it owes an answer to. */
  private interface Behavior {
    void act(Request request) throws Throwable;
  }

  private Behavior behavior = request -> {};
  private RequestEnd end;

  /** For subclasses. */
  protected MisbehaviorContract() {}

  /** The transport, with this filesystem behind it. */
  protected abstract RequestEnd end(FileSystem fileSystem) throws Throwable;

  private FileSystem misbehaving() {
    return (FileSystem)
        Proxy.newProxyInstance(
            MisbehaviorContract.class.getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "hashCode" -> {
                  return 1;
                }
                case "equals" -> {
                  return false;
                }
                case "init", "destroy" -> {}
                case "forget", "retrieveReply" -> behavior.act(null);
                default -> behavior.act((Request) arguments[0]);
              }
              return null;
            });
  }

  private void onAnEnd(Operation operation, UpcallThread.Task task) throws Throwable {
    UpcallThread.run(() -> {
      end = end(misbehaving());
      try (RequestEnd closing = end;
          QuietLog quiet = new QuietLog()) {
        assertTrue(closing.has(operation) || mayLack(operation), quiet::toString);
        if (closing.has(operation)) {
          task.run();
        }
      }
    });
  }

  /** Whether the transport may be without the operation, here and now; else it is an error. */
  protected boolean mayLack(Operation operation) {
    return false;
  }

  private byte[] only(List<byte[]> answers, long unique) {
    assertEquals(1, answers.size(), "answers");
    byte[] answer = answers.getFirst();
    assertEquals(answer.length, WireMessage.of(answer).getInt(0));
    assertEquals(unique, WireMessage.unique(answer));
    return answer;
  }

  private int errnoOf(List<byte[]> answers, long unique) {
    byte[] answer = only(answers, unique);
    assertEquals(HEADER, answer.length);
    return WireMessage.errno(answer);
  }

  /** Serves the operation with a behaviour; returns the errno of the one answer. */
  private int serve(Operation operation, Behavior how) throws Throwable {
    behavior = how;
    return errnoOf(end.serve(operation, UNIQUE), UNIQUE);
  }

  private void assertServedAsEver(Operation operation) throws Throwable {
    assertEquals(Errno.ENOENT, serve(operation, request -> request.reply().error(Errno.ENOENT)));
    assertEquals(0, end.contexts().detachedCount());
  }

  private static int recurse(int depth) {
    return depth == Integer.MAX_VALUE ? 0 : recurse(depth + 1) + 1;
  }

  private static List<Supplier<Throwable>> throwables() {
    return List.of(
        () -> new IllegalStateException("on purpose"),
        () -> new UnsupportedOperationException("on purpose"),
        () -> new NullPointerException("on purpose"),
        () -> new IOException("a checked one, thrown past the compiler"),
        () -> new InterruptedException("on purpose"),
        () -> new AbstractMethodError("on purpose"),
        () -> new NoClassDefFoundError("on purpose"),
        () -> new ExceptionInInitializerError("on purpose"),
        () -> new AssertionError("on purpose"),
        () -> new OutOfMemoryError("on purpose"),
        () -> new StackOverflowError("on purpose"),
        () -> new Error("on purpose"),
        () -> new Throwable("on purpose"));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerEioForWhateverIsThrown(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          for (Supplier<Throwable> each : throwables()) {
            Throwable thrown = each.get();
            int errno =
                serve(
                    operation,
                    request -> {
                      throw thrown;
                    });
            assertEquals(Errno.EIO, errno, () -> operation + ": " + thrown);
          }
          assertEquals(Errno.EIO, serve(operation, request -> recurse(0)));
          assertEquals(throwables().size() + 1, end.guard().uncaughtCount());
          assertServedAsEver(operation);
        });
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerEioForWhatIsThrownOnceDetached(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          Request[] kept = new Request[1];
          int errno =
              serve(
                  operation,
                  request -> {
                    kept[0] = request.detach();
                    throw new UnsupportedOperationException("on purpose");
                  });
          assertEquals(Errno.EIO, errno);
          assertFalse(kept[0].reply().ok(), "a late answer");
          assertServedAsEver(operation);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerNothingWhereNothingIsDue(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          behavior =
              request -> {
                throw new AbstractMethodError("on purpose");
              };
          assertTrue(end.serve(operation, UNIQUE).isEmpty());
          assertEquals(1, end.guard().uncaughtCount(), "the filesystem was called, and threw");
          assertServedAsEver(Operation.LOOKUP);
        });
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldRefuseASecondAnswer(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          boolean[] accepted = new boolean[3];
          int errno =
              serve(
                  operation,
                  request -> {
                    accepted[0] = request.reply().error(Errno.ENOENT);
                    accepted[1] = request.reply().ok();
                    accepted[2] = request.reply().error(Errno.EPERM);
                  });
          assertEquals(Errno.ENOENT, errno);
          assertTrue(accepted[0] && !accepted[1] && !accepted[2]);
          assertEquals(2, end.replies().refusedCount());
          assertServedAsEver(operation);
        });
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerEioForWhatNobodyAnswers(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          assertEquals(Errno.EIO, serve(operation, request -> {}));
          assertEquals(1, end.guard().unansweredCount());
          assertServedAsEver(operation);
        });
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldTakeTheAnswerOfAnotherThreadForADetachedRequestAlone(Operation operation)
      throws Throwable {
    onAnEnd(
        operation,
        () -> {
          Request[] kept = new Request[1];
          behavior = request -> kept[0] = request.detach();
          assertTrue(end.serve(operation, UNIQUE).isEmpty());
          assertEquals(Errno.EIO, serve(operation, MisbehaviorContract::answerElsewhere));
          assertEquals(1, end.replies().refusedCount());
          assertTrue(elsewhere(() -> kept[0].reply().error(Errno.ENOENT)));
          assertFalse(elsewhere(() -> kept[0].reply().ok()), "a second answer");
          assertEquals(Errno.ENOENT, errnoOf(end.answers(), UNIQUE));
          assertServedAsEver(operation);
        });
  }

  private static void answerElsewhere(Request request) {
    if (elsewhere(() -> request.reply().ok())) {
      throw new AssertionError("the answer of a thread that has no right to it");
    }
  }

  private static boolean elsewhere(Supplier<Boolean> answer) {
    return CompletableFuture.supplyAsync(answer).join();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldRefuseAnAnswerAfterTheUnmount(Operation operation) throws Throwable {
    Request[] kept = new Request[1];
    onAnEnd(
        operation,
        () -> {
          behavior = request -> kept[0] = request.detach();
          assertTrue(end.serve(operation, UNIQUE).isEmpty());
          assertEquals(1, end.contexts().abandonDetached());
          assertEquals(Errno.EIO, errnoOf(end.answers(), UNIQUE));
        });
    if (kept[0] != null) {
      for (Consumer<Replies> answer : ANSWERS) {
        answer.accept(kept[0].reply());
      }
      assertFalse(kept[0].reply().ok());
      assertTrue(kept[0].isAnswered());
      assertFalse(kept[0].interrupted());
      assertThrows(IllegalStateException.class, kept[0]::detach);
    }
  }

  /** Answers that would touch native memory if they got through. */
  private static final List<Consumer<Replies>> ANSWERS =
      List.of(
          r -> assertFalse(r.entry(new Entry().ino(7))),
          r -> assertFalse(r.attributes(new Attributes(), 0)),
          r -> assertFalse(r.data(new byte[100], 0, 100)),
          r -> assertFalse(r.target(new byte[100], 0, 100)),
          r -> assertFalse(r.opened(new OpenedFile())),
          r -> assertFalse(r.figures(new FileSystemFigures())));

  /** The kernel remembers ENOSYS, so it must be the filesystem that says it, in so many words. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FORGET", "RETRIEVE_REPLY"})
  void shouldAnswerEnosysOnlyOnPurpose(Operation operation) throws Throwable {
    onAnEnd(
        operation,
        () -> {
          assertEquals(ENOSYS, serve(operation, request -> request.reply().error(Errno.ENOSYS)));
          for (Supplier<Throwable> each :
              List.<Supplier<Throwable>>of(
                  UnsupportedOperationException::new, AbstractMethodError::new)) {
            assertEquals(
                Errno.EIO,
                serve(
                    operation,
                    request -> {
                      throw each.get();
                    }));
          }
          assertServedAsEver(operation);
        });
  }
}
