package dev.slabmount.vfs.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that uses the mount from a process of its own, with a deadline. */
final class Client {
  private static final long SECONDS = 60;

  private final Process process;
  private final Path said;

  private Client(final Process process, final Path said) {
    this.process = process;
    this.said = said;
  }

  /**
   * How it ended.
   *
   * @param exit its exit code
   * @param said what it wrote to both outputs, bytes as Latin-1
   */
  record Result(int exit, String said) {}

  /** Runs a shell script to its end; {@code $1} and so on are the arguments. */
  static Result sh(final String script, final Object... arguments)
      throws IOException, InterruptedException {
    return start(script, arguments).await();
  }

  /** Starts a shell script. */
  static Client start(final String script, final Object... arguments) throws IOException {
    final Path said = Files.createTempFile("client", ".out");
    final List<String> command = new java.util.ArrayList<>(List.of("sh", "-c", script, "sh"));
    for (final Object argument : arguments) {
      command.add(argument.toString());
    }
    final ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("LC_ALL", "C");
    return new Client(builder.start(), said);
  }

  /**
   * Kills what it started, for which it is to wait, or itself if it started nothing.
   *
   * @return whether it ended within 2 s
   */
  boolean kill() throws IOException, InterruptedException {
    final List<ProcessHandle> started = process.descendants().toList();
    started.forEach(ProcessHandle::destroyForcibly);
    if (started.isEmpty()) {
      process.destroyForcibly();
    }
    try {
      return process.waitFor(2, TimeUnit.SECONDS);
    } finally {
      process.destroyForcibly();
      Files.delete(said);
    }
  }

  /** Waits for its end. */
  Result await() throws IOException, InterruptedException {
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException("a client did not end within " + SECONDS + " s");
      }
      return new Result(process.exitValue(), Files.readString(said, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(said);
    }
  }
}
