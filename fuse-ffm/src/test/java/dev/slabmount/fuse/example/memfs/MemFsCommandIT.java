package dev.slabmount.fuse.example.memfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.Covers;
import dev.slabmount.fuse.Wait;
import dev.slabmount.fuse.mount.Server;
import dev.slabmount.fuse.mount.Shell;
import dev.slabmount.fuse.session.MountTable;
import dev.slabmount.fuse.session.Unmounter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command with a kernel: what each option changes in what the kernel asks, as its own log of
 * requests tells; how it refuses, and how it ends.
 */
@Timeout(60)
class MemFsCommandIT {
  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;
  private static final long SECONDS = 20;

  @TempDir Path dir;
  private Path point;

  @BeforeEach
  void makeMountPoint() throws IOException {
    point = Files.createDirectory(dir.resolve("mnt"));
  }

  @AfterEach
  void leaveNoMount() throws IOException {
    boolean left = MountTable.at(point).isPresent();
    if (left) {
      Unmounter.unmount(point, true);
    }
    assertTrue(!left, "a mount is left behind");
  }

  /** What a run said on stderr and returned. */
  private record Ran(int code, String err) {
    /** How many requests began so. */
    long count(String operation) {
      return err.lines().filter(line -> line.matches("> \\d+ " + operation + " .*")).count();
    }
  }

  private static Ran run(List<String> arguments) throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        MemFsCommand.run(
            arguments.toArray(new String[0]),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Ran(code, err.toString(StandardCharsets.UTF_8));
  }

  /** What is done with a mount. */
  @FunctionalInterface
  private interface Work {
    void run() throws Exception;
  }

  /** Runs the command, does something with its mount, and unmounts it. */
  private Ran during(Work work, String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(point.toString()));
    arguments.addAll(List.of(words));
    FutureTask<Ran> task = new FutureTask<>(() -> run(arguments));
    Thread.ofPlatform().name("memfs").start(task);
    try {
      Wait.until("mounted", () -> MountTable.at(point).isPresent() || task.isDone());
      assertTrue(!task.isDone(), () -> "it ended: " + task.resultNow());
      work.run();
    } finally {
      Shell.run("fusermount3", "-u", "-z", point.toString());
    }
    Ran ran = task.get(SECONDS, TimeUnit.SECONDS);
    assertEquals(0, ran.code, ran.err);
    return ran;
  }

  /** As before, with a script in the root of the mount, and with the log of requests. */
  private Ran with(String script, String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--debug-fuse"));
    arguments.addAll(List.of(words));
    return during(
        () -> {
          Shell.Result did = Shell.run("sh", "-ec", "cd \"$1\"; " + script, "sh", point.toString());
          assertEquals("", did.err());
          assertEquals(0, did.exit(), did.out());
        },
        arguments.toArray(new String[0]));
  }

  private Ran withOption(String option, String script) throws Exception {
    return option.isEmpty() ? with(script) : with(script, "-o", option);
  }

  // What is written stays in the page cache, so that a read is a request only if nothing keeps it.

  private static final String WRITE_AND_READ_TWICE =
      "head -c 65536 /dev/zero > f; cat f > /dev/null; cat f > /dev/null";

  @ParameterizedTest
  @CsvSource({"'', false", "no_keep_cache, true", "direct_io, true"})
  @Covers({"OpenedFile.keepCache", "OpenedFile.directIo"})
  void shouldReadFromTheFilesystemWhatMayNotBeCached(String option, boolean asked)
      throws Exception {
    Ran ran = withOption(option, WRITE_AND_READ_TWICE);
    assertEquals(asked, ran.count("read") >= 2, ran.err);
    List<String> opened = ran.err.lines().filter(line -> line.contains(" open opened")).toList();
    assertEquals(2, opened.size(), ran.err);
    for (String line : opened) {
      assertEquals(!option.equals("no_keep_cache"), line.contains(" keep"), line);
      assertEquals(option.equals("direct_io"), line.contains(" direct"), line);
    }
  }

  @ParameterizedTest
  @CsvSource({"'', false", "cache_readdir, true"})
  @Covers("OpenedFile.cacheReaddir")
  void shouldListAgainUnlessListingsMayBeCached(String option, boolean cached) throws Exception {
    String list = "ls -U > /dev/null; ";
    long once = withOption(option, "touch a b c; " + list.repeat(2)).count("readdir(plus)?");
    long more = withOption(option, "touch a b c; " + list.repeat(6)).count("readdir(plus)?");
    assertEquals(cached, once == more, once + " and then " + more);
  }

  @ParameterizedTest
  @CsvSource({"'', 64", "writeback_cache, 1"})
  void shouldPassEachWriteOnUnlessTheKernelCollectsThem(String option, int writes)
      throws Exception {
    Ran ran = withOption(option, "dd if=/dev/zero of=f bs=64 count=64 status=none");
    assertEquals(writes, ran.count("write"), ran.err);
  }

  @ParameterizedTest
  @CsvSource({
    "'', f, lookup, false",
    "entry_timeout=0, f, lookup, true",
    "'', f, getattr, false",
    "attr_timeout=0, f, getattr, true",
    "'', missing, lookup, false",
    "negative_timeout=0, missing, lookup, true"
  })
  @Covers({"Entry.entryTimeoutNanos", "Entry.attributesTimeoutNanos", "Entry.ino"})
  void shouldAskAgainOnceATimeIsOver(String option, String file, String operation, boolean again)
      throws Exception {
    String stat = "stat " + file + " > /dev/null 2>&1 || true; ";
    long few = withOption(option, "touch f; " + stat.repeat(2)).count(operation);
    long many = withOption(option, "touch f; " + stat.repeat(7)).count(operation);
    assertEquals(again, many - few >= 5, few + " and then " + many);
  }

  @Test
  void shouldHoldAsMuchContentAsSizeSays() throws Exception {
    with(
        "test \"$(df -B1 --output=size . | tail -n 1)\" -eq 1048576;"
            + " head -c 1048576 /dev/zero > full;"
            + " if head -c 65536 /dev/zero 2> said > more; then exit 1; fi;"
            + " test \"$(stat -c %s full)\" -eq 1048576",
        "-o", "size=1M");
  }

  @ParameterizedTest
  @ValueSource(strings = {"xattr", "no_xattr"})
  void shouldHaveExtendedAttributesUnlessToldNot(String option) throws Exception {
    Path file = point.resolve("f");
    Work set =
        () -> {
          Files.createFile(file);
          Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
              .write("a", ByteBuffer.allocate(1));
        };
    if (option.startsWith("no_")) {
      Work refused = () -> assertThrows(FileSystemException.class, set::run);
      during(refused, "-o", option);
    } else {
      during(set, "-o", option);
    }
  }

  @ParameterizedTest
  @CsvSource({"'', false", "no_killpriv, true"})
  void shouldBeAskedBeforeAWriteOnlyIfTheKernelClearsBits(String option, boolean asked)
      throws Exception {
    Ran ran = withOption(option, "dd if=/dev/zero of=f bs=4096 count=8 status=none");
    assertEquals(8, ran.count("write"), ran.err);
    long times = ran.err.lines().filter(line -> line.contains(" \"security.capability\"")).count();
    assertTrue(asked ? times >= 8 : times <= 1, ran.err); // Once, for a file that is new to it.
  }

  @Test
  void shouldServeWithAsManyThreadsAsItIsTold() throws Exception {
    during(() -> Wait.until("7 workers", () -> workers() == 7), "--threads", "7");
    assertEquals(0, workers());
  }

  private static long workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fuse-worker-"))
        .count();
  }

  @Test
  void shouldGiveTheRootToWhoeverMounts() throws Exception {
    with("test -O . && test -G . && touch f");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ro", "noatime,ro"})
  void shouldPassOtherOptionsOn(String options) throws Exception {
    with("if touch f 2> /dev/null; then exit 1; fi", "-o", options);
  }

  @Test
  void shouldRefuseAnOptionThatNobodyKnows() throws Exception {
    Ran ran = run(List.of(point.toString(), "-o", "size=1M,frobnicate"));
    assertTrue(ran.err.matches("memfs: cannot mount: [^\n]*frobnicate[^\n]*\n"), ran.err);
    assertEquals(WRONG_USE, ran.code);
  }

  @Test
  void shouldSayInOneLineWhyAPlaceCannotBeMountedOn() throws Exception {
    Path missing = dir.resolve("missing");
    Ran ran = run(List.of(missing.toString()));
    assertEquals(
        "memfs: cannot mount on " + missing + ": it does not exist; create it with 'mkdir -p'\n",
        ran.err);
    assertEquals(FAILED, ran.code);

    Path file = Files.createFile(dir.resolve("file"));
    Ran onFile = run(List.of(file.toString()));
    assertEquals("memfs: cannot mount on " + file + ": it is not a directory\n", onFile.err);
    assertEquals(FAILED, onFile.code);
  }

  @Test
  void shouldFailIfItsConnectionIsCut() throws Exception {
    FutureTask<Ran> task = new FutureTask<>(() -> run(List.of(point.toString())));
    Thread.ofPlatform().name("memfs").start(task);
    try {
      Wait.until("mounted", () -> MountTable.at(point).isPresent() || task.isDone());
      String device = MountTable.at(point).orElseThrow().device();
      Path file = Files.createFile(point.resolve("f"));
      try (InputStream busy = Files.newInputStream(file)) {
        assertEquals(-1, busy.read());
        assertTrue(Unmounter.abort(device, point), "it cannot be aborted");
      }
      Ran ran = task.get(SECONDS, TimeUnit.SECONDS);
      assertEquals(
          "memfs: the connection of " + point + " was cut; what it held is gone\n", ran.err);
      assertEquals(FAILED, ran.code);
    } finally {
      Unmounter.unmount(point, true);
    }
  }

  @ParameterizedTest
  @CsvSource({"dev, TERM, 143", "dev, INT, 130", "libfuse, HUP, 129", "libfuse, TERM, 143"})
  void shouldUnmountAtASignalAndSayWhich(String transport, String signal, int code)
      throws Exception {
    Path said = dir.resolve("said");
    Process process = start(said, point.toString(), "--transport", transport);
    try {
      Wait.until("mounted", () -> said(said).contains("mounted " + point) || !process.isAlive());
      assertEquals(
          transport.equals("dev"),
          said(said).contains("/dev/fuse, mounted by libfuse"),
          said(said));
      assertEquals(0, Shell.run("kill", "-" + signal, "" + process.pid()).exit());
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it does not end");
      assertEquals(code, process.exitValue(), said(said));
      assertTrue(MountTable.at(point).isEmpty(), "it is still mounted");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void shouldTakeItsExitCodeOutOfTheJvm() throws Exception {
    Path said = dir.resolve("said");
    Process process = start(said, point.toString(), "--frob");
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it does not end");
    assertEquals(WRONG_USE, process.exitValue(), said(said));
    assertTrue(said(said).startsWith("memfs: unknown option '--frob'"), said(said));
  }

  private static Process start(Path said, String... arguments) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Server.classPath(),
                MemFsCommand.class.getName()));
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
  }

  private static String said(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
