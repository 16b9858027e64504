package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Replies;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.reply.ReplyKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers an operation takes, and that its Javadoc says so. */
class ValidAnswersTest {
  private static final Path SOURCE =
      Path.of("src", "main", "java", "dev", "slabmount", "fuse", "FileSystem.java");

  private final LookupCounts counts = new LookupCounts();
  private final ContextPool pool =
      new ContextPool(FakeBuffers::new, 1, counts, new ReplyCounters());
  private final FakeWorker worker = new FakeWorker(pool);

  private RequestContext begin(Operation operation) {
    worker.current().begin(operation);
    return worker.current();
  }

  static boolean answer(ReplyKind kind, RequestContext r) {
    Replies reply = r.reply();
    return switch (kind) {
      case OK -> reply.ok();
      case ENTRY -> reply.entry(r.entry().ino(7));
      case CREATED -> reply.created(r.entry().ino(7), r.openedFile());
      case ATTRIBUTES -> reply.attributes(r.attributes(), 0);
      case STATX -> reply.statx(r.attributes(), 0, 0);
      case OPENED -> reply.opened(r.openedFile());
      case TARGET -> reply.target(new byte[1], 0, 1);
      case DATA -> reply.data(new byte[1], 0, 1);
      case DIRECTORY -> reply.directory(r.buffers().directory().begin(100, false));
      case WRITTEN -> reply.written(1);
      case VALUE_SIZE -> reply.valueSize(1);
      case FIGURES -> reply.figures(r.figures());
      case LOCK -> reply.lock(r.arguments.lock);
      case OFFSET -> reply.offset(1);
      case MAPPED_BLOCK -> reply.mappedBlock(1);
      case IOCTL -> reply.ioctl(0, 0, 0);
      case POLLED -> reply.polled(0);
    };
  }

  @ParameterizedTest
  @EnumSource
  void shouldTakeTheAnswersOfAnOperationAndNoOthers(Operation operation) {
    for (ReplyKind kind : ReplyKind.values()) {
      RequestContext r = begin(operation);
      FakeWorker.sent(r).clear();
      if (operation.answers().contains(kind)) {
        assertTrue(answer(kind, r), kind.method());
      } else {
        String said =
            assertThrows(IllegalArgumentException.class, () -> answer(kind, r)).getMessage();
        assertEquals(kind.method() + " is no answer to " + operation.method(), said);
        assertEquals(List.of("error 5"), FakeWorker.sent(r));
        assertFalse(r.reply().error(1), "it is answered");
      }
    }
    boolean entry = operation.answers().contains(ReplyKind.ENTRY);
    boolean created = operation.answers().contains(ReplyKind.CREATED);
    assertEquals(entry || created ? 1 : 0, counts.total(), "what was never answered");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 512, 1000, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void shouldNotPassOnAnErrorThatTheKernelRefuses(int errno) {
    RequestContext r = begin(Operation.READ);
    assertThrows(IllegalArgumentException.class, () -> r.reply().error(errno));
    assertEquals(List.of("error 5"), FakeWorker.sent(r));
  }

  /** {@code Valid: entry (inode 0: a negative entry).} of the Javadoc of a method. */
  @Test
  void shouldBeWhatTheJavadocSays() throws IOException {
    String source = Files.readString(SOURCE);
    for (Operation operation : Operation.values()) {
      Matcher method =
          Pattern.compile(
                  "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+default void " + operation.method() + "\\(",
                  Pattern.DOTALL)
              .matcher(source);
      assertTrue(method.find(), operation.method());
      String javadoc = method.group(1).replaceAll("\\s*\\n\\s+\\*", "");
      Matcher valid = Pattern.compile("Valid: ([^.;]+)[.;]").matcher(javadoc);
      if (operation.answers().isEmpty()) {
        assertTrue(javadoc.contains("No answer."), javadoc);
        continue;
      }
      assertTrue(valid.find(), operation.method() + " says nothing of valid answers: " + javadoc);
      Set<String> said =
          Arrays.stream(valid.group(1).replaceAll("\\(.*", "").split("[^\\w]+", -1))
              .filter(ValidAnswersTest::isAnswer)
              .map(word -> word.equals("slices") ? "data" : word)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> accepted =
          operation.answers().stream()
              .map(ReplyKind::method)
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(accepted, said, operation.method());
    }
  }

  private static boolean isAnswer(String word) {
    return Arrays.stream(Replies.class.getDeclaredMethods())
        .anyMatch(method -> method.getName().equals(word));
  }
}
