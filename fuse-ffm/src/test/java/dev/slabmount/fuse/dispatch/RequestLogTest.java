package dev.slabmount.fuse.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.inode.LookupCounts;
import dev.slabmount.fuse.reply.ReplyCounters;
import dev.slabmount.fuse.reply.ReplyKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the log of requests says, and that its legend in docs/CLI.md explains every word of it. */
class RequestLogTest {
  private static final Path LEGEND = Path.of("..", "docs", "CLI.md");

  private final List<String> lines = new ArrayList<>();
  private final RequestLog log = new RequestLog(lines::add);
  private final ContextPool pool =
      new ContextPool(
          FakeBuffers::new, 1, new LookupCounts(), new ReplyCounters(), new Observation(null, log));
  private final FakeWorker worker = new FakeWorker(pool);

  /** Every kind of line, with everything in it that can be. */
  private void writeEverything() throws ReflectiveOperationException {
    for (Operation operation : Operation.values()) {
      log.request(filled(operation));
    }
    for (ReplyKind kind : ReplyKind.values()) {
      RequestContext r = worker.begin(Operation.LOOKUP);
      r.openedFile().directIo(true).keepCache(true).nonseekable(true).stream(true);
      r.openedFile().cacheReaddir(true).noFlush(true).parallelDirectWrites(true);
      ValidAnswersTest.answer(kind, r);
    }
    worker.begin(Operation.LOOKUP).reply().entry(worker.current().entry());
    worker.begin(Operation.READ).reply().slices(worker.current().slices().add(1, 2).add(3, 4));
    worker.begin(Operation.READ).reply().error(2);
    log.answer(filled(Operation.READ), "data 1", -2, 1000);
    log.forget(5, 6);
    log.retrieved(1, 2, 3, 4);
    log.interrupted(18);
    log.refused(18, 50, 38);
    log.answeredByLibfuse(18, 50);
    Notifier notifier = new LoggedNotifier(answering(2), log);
    for (Method method : Notifier.class.getDeclaredMethods()) {
      method.invoke(notifier, Arrays.stream(method.getParameterTypes()).map(this::any).toArray());
    }
  }

  private Arguments filled(Operation operation) {
    Arguments a = worker.begin(operation).arguments;
    a.fh = a.toIno = a.toFh = a.offset = a.toOffset = a.length = a.dataLength = 7;
    a.flags = a.mode = a.pollEvents = 7;
    a.killsPrivileges = a.fromPageCache = a.dropsLocks = true;
    a.name.resize(2);
    a.secondName.resize(1);
    return a;
  }

  private static Notifier answering(int errno) {
    return (Notifier)
        Proxy.newProxyInstance(
            Notifier.class.getClassLoader(),
            new Class<?>[] {Notifier.class},
            (proxy, method, arguments) -> errno);
  }

  private Object any(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "long" -> 4L;
      case "int" -> 3;
      case "byte[]" -> "n\u00ff".getBytes(StandardCharsets.ISO_8859_1);
      case "long[]" -> new long[2];
      case "MemorySegment" -> MemorySegment.NULL;
      default -> throw new AssertionError(type);
    };
  }

  @Test
  void shouldHaveALegendForEveryWord() throws Exception {
    writeEverything();
    Set<String> words = new TreeSet<>();
    for (String line : lines) {
      Matcher word = Pattern.compile("[a-z][A-Za-z-]*").matcher(line.replaceAll("\"[^\"]*\"", ""));
      while (word.find()) {
        words.add(word.group());
      }
    }
    assertTrue(words.size() > 80, words.toString());
    Stream.of(Operation.values()).map(Operation::method).forEach(words::remove);
    Stream.of(Notifier.class.getDeclaredMethods()).map(Method::getName).forEach(words::remove);
    words.removeAll(Set.of("x", "libfuse"));

    Set<String> explained = legend();
    words.removeAll(explained);
    assertEquals(Set.of(), words, "words that the legend lacks");
  }

  /** Words of the first column of the legend, and of the examples above it. */
  private static Set<String> legend() throws IOException {
    String document = Files.readString(LEGEND);
    int begin = document.indexOf("### The log of requests");
    String section = document.substring(begin, document.indexOf("\n## ", begin));
    String columns =
        section
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf(" | ", 2)))
            .collect(Collectors.joining(" "));
    return Pattern.compile("[a-z][A-Za-z-]*")
        .matcher(columns)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toSet());
  }

  @Test
  void shouldQuoteNames() {
    assertEquals("\"a\\x22\\x5c\\x0a\\xff \"", RequestLog.quoted(bytes("a\"\\\n\u00ff ")));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void shouldSayWhatAnIoctlAndASetxattrAreAbout() {
    Arguments a = filled(Operation.IOCTL);
    a.unique = 9;
    a.mode = 0xc0087307;
    log.request(a);
    assertTrue(lines.getLast().startsWith("> 9 ioctl ino 0 fh 7 to-ino 7"), lines.getLast());
    assertTrue(lines.getLast().contains(" command 0xc0087307 flags 07 "), lines.getLast());
    log.request(filled(Operation.SETXATTR));
    assertTrue(lines.getLast().contains(" name \"\\x00\\x00\" "), lines.getLast());
    assertTrue(lines.getLast().contains(" kills-privileges "), lines.getLast());
  }
}
