package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slabmount.fuse.session.MountTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Runs the built command as its users do: {@code bin/slabmount} in a process of its own. */
final class Launcher {
  /** What the package phase has left. */
  static final Path DISTRIBUTION = Path.of("target/slabmount").toAbsolutePath();

  private static final Path FUSERMOUNT = Path.of("fusermount3");
  private static final long DEADLINE_SECONDS = 60;

  /** In the environment of every process that a run starts. */
  private static final String MARK_VARIABLE = "SLABMOUNT_TEST_MARK";

  /** How a process ended. */
  record Result(int exitCode, String out, String err) {
    /**
     * Asserts that it failed with this code and exactly one line on stderr, which says all these.
     */
    void assertFailed(final ExitCode expected, final String... said) {
      assertTrue(err.matches("slabmount: [^\\n]+\\n"), "not one line of ours on stderr: " + this);
      for (final String part : said) {
        assertTrue(err.contains(part), "'" + part + "' is not said: " + this);
      }
      assertEquals(expected.code(), exitCode, toString());
    }

    /** Asserts that it did what it was asked and complained of nothing. */
    Result assertOk() {
      assertEquals("", err, toString());
      assertEquals(0, exitCode, toString());
      return this;
    }
  }

  private final Path temp;
  private final String mark = UUID.randomUUID().toString();
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> prefix = new ArrayList<>();
  private Path program = DISTRIBUTION.resolve("bin/slabmount");
  private Path folder = Path.of("/");
  private long deadlineSeconds = DEADLINE_SECONDS;

  /** A launcher whose output goes through files in a folder of the test's. */
  Launcher(final Path temp) {
    this.temp = temp;
    environment.put("HOME", temp.toString());
    environment.put("XDG_RUNTIME_DIR", temp.toString()); // JUnit makes it for its owner only.
    environment.put(MARK_VARIABLE, mark);
    environment.put(Watchdog.VARIABLE, Watchdog.MARK);
    Watchdog.watch(temp);
    environment.put("SLABMOUNT_JAVA", "");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  /** Sets a variable; nothing else but PATH is inherited from the tests' JVM, except their mark. */
  Launcher with(final String variable, final String value) {
    environment.put(variable, value);
    return this;
  }

  /** Runs the command through another one, such as unshare. */
  Launcher through(final String... command) {
    prefix.addAll(List.of(command));
    return this;
  }

  Launcher program(final Path path) {
    program = path;
    return this;
  }

  Launcher in(final Path workingFolder) {
    folder = workingFolder;
    return this;
  }

  /** Sets how long a run may take; 60 s otherwise. */
  Launcher within(final long seconds) {
    deadlineSeconds = seconds;
    return this;
  }

  /** Runs the command to its end. */
  Result run(final String... arguments) {
    final Started started = start(arguments);
    return started.awaitEnd();
  }

  /** Starts the command; its output goes to files, so that it can never block on a full pipe. */
  Started start(final String... arguments) {
    try {
      final Path out = Files.createTempFile(temp, "stdout", "");
      final Path err = Files.createTempFile(temp, "stderr", "");
      final Process process =
          builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      return new Started(process, out, err, deadlineSeconds);
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command that runs. */
  record Started(Process process, Path out, Path err, long deadlineSeconds) {
    /** Waits until it has printed a line that begins so. */
    void awaitLine(final String beginning) {
      Await.until(
          () ->
              printed(out).lines().anyMatch(line -> line.startsWith(beginning))
                  || !process.isAlive(),
          () -> "no line '" + beginning + "': " + printed(out) + printed(err));
      assertTrue(printed(out).contains(beginning), printed(out) + printed(err));
    }

    Result awaitEnd() {
      try {
        if (!process.waitFor(deadlineSeconds, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new AssertionError("no end after " + deadlineSeconds + " s: " + printed(err));
        }
        final Result result = new Result(process.exitValue(), printed(out), printed(err));
        Files.delete(out);
        Files.delete(err);
        return result;
      } catch (final IOException e) {
        throw new UncheckedIOException(e);
      } catch (final InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Asserts that no process that this launcher started, however far removed, is left. */
  void assertNoProcessLeft() {
    Await.until(() -> processes().isEmpty(), () -> "processes left: " + processes());
  }

  /**
   * For a test's teardown: ends every process that this launcher started and is still there, which
   * unmounts what they serve, and unmounts what is mounted in the test's folder all the same. Then
   * asserts that nothing was mounted, and that no process is left.
   */
  void assertNothingLeft() throws IOException {
    final Path folder = temp.toRealPath(); // No folder in it is looked at: its server may be dead.
    final List<Path> mounted = mountsIn(folder);
    processes().forEach(ProcessHandle::destroy);
    try {
      assertNoProcessLeft();
    } finally {
      processes().forEach(ProcessHandle::destroyForcibly);
      for (final Path point : mountsIn(folder)) {
        new Launcher(temp).program(FUSERMOUNT).run("-uz", point.toString());
      }
    }
    assertEquals(List.of(), mounted, "left mounted");
  }

  private static List<Path> mountsIn(final Path folder) throws IOException {
    return MountTable.read().stream()
        .map(MountTable.Mount::mountPoint)
        .filter(point -> point.startsWith(folder))
        .toList();
  }

  /** The processes that carry this launcher's mark in their environment. */
  List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses()
        .filter(handle -> printed(Path.of("/proc/" + handle.pid() + "/environ")).contains(mark))
        .toList();
  }

  private static String printed(final Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (final IOException e) {
      return ""; // a process that has ended meanwhile, or somebody else's
    }
  }

  ProcessBuilder builder(final String... arguments) {
    final List<String> command = new ArrayList<>(prefix);
    command.add(program.toString());
    command.addAll(List.of(arguments));
    final ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    final Map<String, String> inherited = new HashMap<>(builder.environment());
    builder.environment().clear();
    for (final String variable : List.of("PATH", "SLABMOUNT_RUN")) {
      if (inherited.containsKey(variable)) {
        builder.environment().put(variable, inherited.get(variable));
      }
    }
    builder.environment().putAll(environment);
    return builder;
  }
}
