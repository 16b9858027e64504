package dev.slabmount.fuse.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Feature;
import dev.slabmount.fuse.FileSystem;
import dev.slabmount.fuse.Notifier;
import dev.slabmount.fuse.OpenedFile;
import dev.slabmount.fuse.Request;
import dev.slabmount.fuse.Since;
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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;

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

  /** What a filesystem or whoever mounts it chooses, and the options that choose it. */
  private static final Map<String, String> CHOICES =
      inOrder(
          "Entry.entryTimeoutNanos", "`-o entry_timeout=S`",
          "Entry.attributesTimeoutNanos", "`-o attr_timeout=S`",
          "Entry.ino",
              "0: the kernel remembers that there is no such name. `-o negative_timeout=S`",
          "Connection.maxBackground", "`FuseMount.Builder.maxBackground`",
          "Connection.maxReadahead", "by the filesystem alone; can only be lowered",
          "Builder.readAhead",
              "`FuseMount.Builder.readAhead`; what the kernel reads ahead at most, also more than its own");

  /** How MemFs is told what to answer to an open. */
  private static final Map<String, String> MEMFS_ANSWERS =
      Map.of(
          "OpenedFile.cacheReaddir", "`-o cache_readdir`",
          "OpenedFile.directIo", "`-o direct_io`",
          "OpenedFile.keepCache", "yes, unless `-o no_keep_cache`",
          "OpenedFile.parallelDirectWrites", "yes");

  /** The release of libfuse that the tests meet most. */
  private static final int USUAL_LIBFUSE = 14;

  /** Everything else of linux/fuse.h at 7.45 and of libfuse 3.18's fuse_lowlevel.h. */
  private static final String NOT_HERE =
      """

      ## What is not here, and why

      Of `linux/fuse.h` at protocol 7.45 (Linux 6.18) and libfuse's `fuse_lowlevel.h` at 3.18:

      | What | Why not |
      |---|---|
      | callback `write_buf`, `fuse_reply_data` | the data of a write is at hand without a copy in `write`, answers are gathered from where they lie by `slices`; both are for splicing through a pipe |
      | unrestricted ioctl (`fuse_reply_ioctl_retry`, `_iov`), CUSE_INIT | for character devices, which are no filesystems |
      | SYNCFS | asked of virtiofs and, from Linux 6.18 on, of mounts of block devices; no release of libfuse has it. ENOSYS |
      | SETUPMAPPING, REMOVEMAPPING, MAP_ALIGNMENT, HAS_INODE_DAX, ATTR_DAX | memory that a virtual machine shares with virtiofs |
      | SUBMOUNTS, ATTR_SUBMOUNT | the kernel makes submounts of virtiofs only |
      | SECURITY_CTX | no release of libfuse has it |
      | CREATE_SUPP_GROUP | names one group, that of the folder, if the caller is in it; `Request.supplementaryGroups` reads all of them from `/proc`, as `fuse_req_getgroups` of libfuse does |
      | notification RESEND | for a server that takes over from one that has died; a mount ends with its process |
      | ABORT_ERROR | ECONNABORTED instead of ENODEV at the end of a mount; both end it the same way |
      | ALLOW_IDMAP | mounts with mapped owners need a kernel that checks permissions, and a filesystem that says so |
      | REQUEST_TIMEOUT | the kernel would cut a mount whose filesystem is slow; the drain at unmount has deadlines of its own |
      | NO_EXPORT_SUPPORT | refuses handles of files that EXPORT_SUPPORT, switched off, answers with ESTALE once they are forgotten |
      | HAS_EXPIRE_ONLY, HAS_RESEND, HAS_IOCTL_DIR, INIT_EXT, SPLICE_* | say what the other side knows; nothing follows from them that could be switched off |
      | PASSTHROUGH, OVER_IO_URING | not yet |

      `bmap` is asked only in mounts of block devices, which the binding does not make, so its tests feed bytes. libfuse
      keeps to itself the lock owner of a truncation and of a release that drops no lock: `Request.lockOwner` is 0 then.
      """;

  private final Map<String, Set<Shown>> tests = testsByPart();

  /** Where a test runs. */
  private enum Where {
    BOTH(""),
    DEV(" (dev)"),
    LIBFUSE(" (libfuse)");

    private final String shown;

    Where(String shown) {
      this.shown = shown;
    }

    /** By what a test is: mounts are of both transports, packages of one. */
    static Where of(Class<?> test) {
      if (test.isAnnotationPresent(ParameterizedClass.class)
          || test.equals(TransportsAgreeTest.class)) {
        return BOTH;
      }
      boolean libfuse =
          test.equals(LibfuseInitTest.class) || test.getPackageName().endsWith(".libfuse");
      return libfuse ? LIBFUSE : DEV;
    }
  }

  /** A test, and where it runs. */
  private record Shown(String name, Where where) implements Comparable<Shown> {
    @Override
    public int compareTo(Shown other) {
      return name.compareTo(other.name);
    }
  }

  /** Tests by the part that they show. */
  private static Map<String, Set<Shown>> testsByPart() {
    Map<String, Set<Shown>> found = new TreeMap<>();
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
          assertTrue(covers == null || isTest(method), method + " is no test");
          for (String part : covers == null ? new String[0] : covers.value()) {
            found
                .computeIfAbsent(part, p -> new TreeSet<>())
                .add(
                    new Shown(
                        method.getDeclaringClass().getSimpleName() + "." + method.getName(),
                        Where.of(method.getDeclaringClass())));
          }
        }
      }
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    return found;
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }

  private static Stream<String> methods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods()).map(Method::getName).distinct().sorted();
  }

  /** Every row of the document: the part's name, and what carries it. */
  private static Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    for (Operation operation : Operation.values()) {
      parts.put(
          operation.method(),
          "%s | %s | %s".formatted(answers(operation), onDev(operation), onLibfuse(operation)));
    }
    parts.put("init", "none | INIT 26 | `init`");
    parts.put("destroy", "none | the end of the mount | the end of the mount");
    return parts;
  }

  private static String answers(Operation operation) {
    return operation.answers().isEmpty()
        ? "none"
        : operation.answers().stream()
            .map(kind -> "`" + kind.method() + "`")
            .collect(Collectors.joining(", "));
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
      case COPY_FILE_RANGE -> opcodes + " (Linux 6.18)";
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
    Set<Shown> found = tests.getOrDefault(part, Set.of());
    for (Where transport : Set.of(Where.DEV, Where.LIBFUSE)) {
      assertTrue(
          found.stream().anyMatch(t -> t.where == Where.BOTH || t.where == transport),
          "no test says that it covers " + part + " on " + transport);
    }
    return found.stream()
        .map(test -> "`" + test.name + "`" + test.where.shown)
        .collect(Collectors.joining(" "));
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

  private static Map<String, String> inOrder(String... namesAndValues) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private String document() {
    StringBuilder text =
        new StringBuilder(
            """
            # What the binding can do, and which test shows it

            Made by `make operations` from `FileSystem`, the tables of both transports and the annotation `@Covers` of tests;
            a test fails if this page says anything else, or if a part has no test on one of the transports. A test whose name
            ends in `MountIT` runs on a real mount, with system calls of another process, once on each transport; where the
            installed libfuse or the kernel lacks what it needs, it shows what is answered then, and the log of the mount names
            it. `TransportsAgreeTest` feeds the same random requests to both: the filesystem must be told the same, and the
            kernel be answered the same. `(dev)` and `(libfuse)` mark tests of one transport.

            What is valid as an answer, which errors callers expect, and which ENOSYS the kernel remembers says the Javadoc of
            `FileSystem`; `ValidAnswersTest` and `RememberedMountIT` hold it to that. An answer that is not valid becomes EIO.

            ## Operations

            | `FileSystem` | Answers | `dev`: the kernel's request | `libfuse`: the callback | Tests |
            |---|---|---|---|---|
            """);
    parts()
        .forEach((part, carried) ->
            text.append("| `%s` | %s | %s |%n".formatted(part, carried, testsOf(part))));
    table(text, "What a request says of itself", "Of the request", facts());
    openTable(text);
    notificationTable(text);
    featureTable(text);
    text.append("%n## Chosen by the filesystem%n%n".formatted())
        .append("Options are those of `MemFs` ([BINDING.md](BINDING.md#memfs)).%n%n".formatted())
        .append("| What | Chosen by | Tests |%n|---|---|---|%n".formatted());
    CHOICES.forEach(
        (part, by) -> text.append("| `%s` | %s | %s |%n".formatted(part, by, testsOf(part))));
    return text.append(NOT_HERE).toString();
  }

  private void featureTable(StringBuilder text) {
    text.append(
        """

        ## Kernel features

        Each can be asked for with `FuseMount.Builder.with` and switched off with `without`; the log of the mount says what was
        agreed, what not and why. `slabmount mount` has `--with` and `--without`.

        | Agreed with the kernel | Linux | libfuse | Tests |
        |---|---|---|---|
        """);
    for (Feature feature : Feature.values()) {
      text.append(
          "| `Feature.%s` | %s | 3.%d | %s |%n"
              .formatted(
                  feature, feature.linux(), feature.libfuseMinor(), testsOf("Feature." + feature)));
    }
    String young =
        Arrays.stream(Feature.values())
            .filter(feature -> feature.libfuseMinor() > USUAL_LIBFUSE)
            .map(feature -> feature + " (on libfuse >= 3." + feature.libfuseMinor() + ")")
            .collect(Collectors.joining(", "));
    text.append(
        """

        A libfuse older than its row says never agrees a feature on `libfuse`, whatever is asked for. With 3.%d that are
        %s:
        their tests show there that `dev` has them, and on `libfuse` what happens without.
        """
            .formatted(USUAL_LIBFUSE, young));
  }

  private void openTable(StringBuilder text) {
    text.append(
        """

        ## What an open answers

        A flag that the running libfuse or kernel does not know is left out: each is advice. `stream`, for which no libfuse has a
        name, is `nonseekable` there.

        | In the answer | Linux | libfuse | `MemFs` | Tests |
        |---|---|---|---|---|
        """);
    openFlags()
        .forEach(part ->
            text.append(
                "| `%s` | %s | %s | %s | %s |%n"
                    .formatted(
                        part,
                        Since.linux(part),
                        Since.libfuse(part),
                        MEMFS_ANSWERS.getOrDefault(part, "no"),
                        testsOf(part))));
  }

  private void notificationTable(StringBuilder text) {
    text.append(
        """

        ## Notifications

        An older kernel, or on `libfuse` an older libfuse, answers ENOSYS; so does every libfuse where there is "none".

        | To the kernel | Linux | libfuse | Tests |
        |---|---|---|---|
        """);
    notifications()
        .forEach(part ->
            text.append(
                "| `%s` | %s | %s | %s |%n"
                    .formatted(part, Since.linux(part), Since.libfuse(part), testsOf(part))));
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
    Stream.of(facts(), openFlags(), notifications(), features(), CHOICES.keySet().stream())
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
