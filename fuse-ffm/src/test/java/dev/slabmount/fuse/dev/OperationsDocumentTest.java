package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.dispatch.Operation;
import dev.slabmount.nativebindings.LibfuseAbi;
import dev.slabmount.nativebindings.LibfuseVersion;
import dev.slabmount.nativebindings.LowlevelOperation;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Makes docs/OPERATIONS.md from the code: operations, what carries each on either transport, and
 * the tests that say so with {@link Covers}. Fails if the file says something else; with {@code
 * -Dslabmount.operations.write=true} it writes the file ({@code make operations}).
 */
class OperationsDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "OPERATIONS.md");
  private static final Path CLASSES = Path.of("target", "test-classes");
  private static final int OLDEST = 10;
  private static final int NEWEST = 18;

  /** Scratch and ways to answer are no facts about who asks. */
  private static final Set<String> NO_FACTS =
      Set.of(
          "reply",
          "entry",
          "attributes",
          "openedFile",
          "figures",
          "slices",
          "unique",
          "isAnswered",
          "dataAddress",
          "dataLength",
          "data");

  private final Map<String, Set<String>> tests = testsByPart();

  /** Simple names of tests by the part that they show. */
  private static Map<String, Set<String>> testsByPart() {
    Map<String, Set<String>> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(CLASSES)) {
      for (Path file :
          files
              .filter(f -> f.toString().endsWith("Test.class") || f.toString().endsWith("IT.class"))
              .toList()) {
        String name =
            CLASSES.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
        for (Method method :
            Class.forName(name, false, Covers.class.getClassLoader()).getDeclaredMethods()) {
          Covers covers = method.getAnnotation(Covers.class);
          for (String part : covers == null ? new String[0] : covers.value()) {
            found
                .computeIfAbsent(part, p -> new TreeSet<>())
                .add(method.getDeclaringClass().getSimpleName() + "." + method.getName());
          }
        }
      }
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return found;
  }

  private static Stream<String> methods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods()).map(Method::getName).distinct().sorted();
  }

  /** Every row of the document: the part's name, and what carries it. */
  private static Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    for (Operation operation : Operation.values()) {
      parts.put(operation.method(), onDev(operation) + " | " + onLibfuse(operation));
    }
    parts.put("init", "INIT | `init`");
    parts.put("destroy", "the end of the mount | the end of the mount");
    return parts;
  }

  private static String onDev(Operation operation) {
    String opcodes =
        Arrays.stream(WireOpcode.values())
            .filter(opcode -> opcode.operation() == operation)
            .map(opcode -> opcode + " " + opcode.number())
            .collect(Collectors.joining(", "));
    return switch (operation) {
      case FORGET -> number(WireOpcode.FORGET) + ", " + number(WireOpcode.BATCH_FORGET);
      case RETRIEVE_REPLY -> number(WireOpcode.NOTIFY_REPLY);
      case FLOCK -> "SETLK, SETLKW with FUSE_LK_FLOCK";
      case TMPFILE -> opcodes + ", Linux 6.1";
      case STATX -> opcodes + ", Linux 6.6";
      default -> opcodes;
    };
  }

  private static String number(WireOpcode opcode) {
    return opcode + " " + opcode.number();
  }

  private static String onLibfuse(Operation operation) {
    LowlevelOperation function = LowlevelOperation.valueOf(operation.name());
    int since = OLDEST;
    while (since < NEWEST && !abi(since).has(function)) {
      since++;
    }
    return "`"
        + function.name().toLowerCase(Locale.ROOT)
        + "`"
        + (operation == Operation.FORGET ? ", `forget_multi`" : "")
        + (since == OLDEST ? "" : ", since 3." + since);
  }

  private static LibfuseAbi abi(int minor) {
    return LibfuseAbi.of(new LibfuseVersion(3, minor, 0)).orElseThrow();
  }

  private String testsOf(String part) {
    Set<String> found = tests.getOrDefault(part, Set.of());
    assertTrue(!found.isEmpty(), "no test says that it covers " + part);
    return found.stream().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
  }

  private static Stream<String> facts() {
    return methods(Request.class).filter(name -> !NO_FACTS.contains(name)).map(n -> "Request." + n);
  }

  private static Stream<String> openFlags() {
    return methods(OpenedFile.class)
        .filter(name -> !Set.of("fh", "clear").contains(name))
        .map(name -> "OpenedFile." + name);
  }

  private static Stream<String> notifications() {
    return methods(Notifier.class).map(name -> "Notifier." + name);
  }

  private static Stream<String> features() {
    return Arrays.stream(Feature.values()).map(feature -> "Feature." + feature);
  }

  private String document() {
    StringBuilder text =
        new StringBuilder(
            """
            # What the binding can do, and which test shows it

            Made by `make operations` from `FileSystem`, the tables of both transports and the annotation `@Covers` of tests;
            a test fails if this page says anything else. A test whose name ends in `MountIT` runs on a real mount, with system
            calls of another process, once on each transport; where the installed libfuse or the kernel lacks what it needs, it
            shows what is answered then, and the log of the mount names it.

            ## Operations

            `bmap` is asked only in mounts of block devices, which the binding does not make, so its test feeds bytes. Not here,
            because no filesystem could use them: `write_buf` (the data of a write is at hand without a copy in `write`) and the
            unrestricted form of ioctl, which is for character devices.

            | `FileSystem` | `dev`: the kernel's request | `libfuse`: the callback | Tests |
            |---|---|---|---|
            """);
    parts()
        .forEach((part, carried) ->
            text.append("| `%s` | %s | %s |%n".formatted(part, carried, testsOf(part))));
    table(text, "What a request says of itself", "Of the request", facts());
    table(text, "What an open answers", "In the answer", openFlags());
    table(text, "Notifications", "To the kernel", notifications());
    table(text, "Kernel features", "Agreed with the kernel", features());
    return text.toString();
  }

  private void table(StringBuilder text, String title, String head, Stream<String> rows) {
    text.append("%n## %s%n%n| %s | Tests |%n|---|---|%n".formatted(title, head));
    rows.forEach(row -> text.append("| `%s` | %s |%n".formatted(row, testsOf(row))));
  }

  @Test
  void shouldBeWhatTheCodeSays() throws IOException {
    String document = document();
    if (Boolean.getBoolean("slabmount.operations.write")) {
      Files.writeString(DOCUMENT, document);
    }
    assertEquals(
        document, Files.readString(DOCUMENT), "docs/OPERATIONS.md is old: run make operations");
  }

  @Test
  void shouldNameOnlyPartsThatExist() {
    Set<String> known = new TreeSet<>(parts().keySet());
    Stream.of(facts(), openFlags(), notifications(), features())
        .forEach(s -> s.forEach(known::add));
    assertEquals(
        known,
        Stream.concat(known.stream(), tests.keySet().stream())
            .collect(Collectors.toCollection(TreeSet::new)));
    assertEquals(
        methods(FileSystem.class).filter(name -> !name.contains("$")).collect(Collectors.toSet()),
        parts().keySet());
  }
}
