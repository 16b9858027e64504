package dev.slabmount.nativebindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs programs for tests, with a deadline. */
final class Programs {
  private static final long DEADLINE_SECONDS = 60;

  /**
   * How a program ended.
   *
   * @param exit its exit code
   * @param output standard output and error together
   */
  record Result(int exit, String output) {}

  private Programs() {}

  /** Runs a program in a folder with some variables changed; a value of "" unsets one. */
  static Result run(final Path folder, final Map<String, String> changes, final String... command)
      throws IOException, InterruptedException {
    final Path output = Files.createTempFile("slabmount-test", ".out");
    try {
      final ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      changes.forEach((name, value) -> {
        if (value.isEmpty()) {
          builder.environment().remove(name);
        } else {
          builder.environment().put(name, value);
        }
      });
      final Process process = builder.start();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still running: " + Arrays.toString(command));
      }
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  /** Compiles C, or fails the test saying what is missing. */
  static Path compile(final Path folder, final Path source, final String... options)
      throws IOException, InterruptedException {
    final Path program = folder.resolve(source.getFileName() + ".out");
    final String[] command =
        Stream.concat(
                Stream.of("cc", "-Wall", "-o", program.toString(), source.toString()),
                Arrays.stream(options))
            .toArray(String[]::new);
    final Result result;
    try {
      result = run(folder, Map.of(), command);
    } catch (IOException e) {
      throw new AssertionError(
          "the tests need a C compiler and libfuse3's headers: run 'make setup' (" + e + ")", e);
    }
    if (result.exit() != 0) {
      throw new AssertionError(
          "cc failed; the tests need libfuse3's headers: run 'make setup'\n"
              + String.join(" ", command)
              + "\n"
              + result.output());
    }
    return program;
  }
}
