package dev.slabmount.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the built command as its users do: {@code bin/slabmount} in a process of its own. */
final class Launcher {
  /** What the package phase has left. */
  static final Path DISTRIBUTION = Path.of("target/slabmount").toAbsolutePath();

  private static final long DEADLINE_SECONDS = 60;

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
  private final Map<String, String> environment = new HashMap<>();
  private final List<String> prefix = new ArrayList<>();
  private Path program = DISTRIBUTION.resolve("bin/slabmount");
  private Path folder = Path.of("/");

  /** A launcher whose output goes through files in a folder of the test's. */
  Launcher(final Path temp) {
    this.temp = temp;
    environment.put("HOME", temp.toString());
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

  Result run(final String... arguments) {
    try {
      final Path out = Files.createTempFile(temp, "stdout", "");
      final Path err = Files.createTempFile(temp, "stderr", "");
      final Process process =
          builder(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(
            "no end after " + DEADLINE_SECONDS + " s: " + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (final IOException e) {
      throw new UncheckedIOException(e);
    } catch (final InterruptedException e) {
      throw new AssertionError(e);
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
