package dev.slabmount.vfs.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java program of the tests, running in a process of its own; killed when closed. */
public final class ChildJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private ChildJvm(final Process process) {
    this.process = process;
    this.output = process.inputReader(UTF_8);
  }

  /**
   * Starts {@code main}.
   *
   * @param environment variables to set
   * @param prefix a command that starts the given command, such as {@code setpriv}; may be empty
   */
  public static ChildJvm start(
      final Class<?> main,
      final Map<String, String> environment,
      final List<String> prefix,
      final String... arguments)
      throws IOException {
    final List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-ea",
            "-XX:+UseSerialGC", // needs few threads, however busy the machine is
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath(),
            main.getName()));
    command.addAll(List.of(arguments));
    final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new ChildJvm(builder.start());
  }

  /**
   * The prefix for a process that is bound by permissions even if we are root; skips the test where
   * there is none.
   */
  public static List<String> withoutRootsPower() throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      return List.of();
    }
    final List<String> prefix = List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
    final List<String> probe = new ArrayList<>(prefix);
    probe.add("true");
    assumeTrue(
        new ProcessBuilder(probe)
                .start()
                .onExit()
                .orTimeout(30, TimeUnit.SECONDS)
                .join()
                .exitValue()
            == 0,
        "root without setpriv may do everything");
    return prefix;
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        Path.of("target", "test-classes").toAbsolutePath().toString(),
        System.getProperty("jdk.module.path", ""),
        System.getProperty("java.class.path"));
  }

  /** The process, to send it signals. */
  public Process process() {
    return process;
  }

  /** Waits for a line of output that says exactly this. */
  public void awaitLine(final String expected) throws IOException {
    final List<String> seen = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.equals(expected)) {
        return;
      }
      seen.add(line);
    }
    throw new AssertionError("the child never said '" + expected + "' but " + seen);
  }

  /** Everything it still says until it ends, which must be with exit code 0. */
  public List<String> awaitEnd() throws IOException, InterruptedException {
    final List<String> lines = output.readAllLines();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the child does not end");
    assertEquals(0, process.exitValue(), () -> "the child said " + lines);
    return lines;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
