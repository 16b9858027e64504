package dev.slabmount.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short command of the system, which says little, and waits for it. */
final class ExternalCommand {
  private static final long DEADLINE_SECONDS = 30;

  /** How the command ended and what it said, on stdout and stderr together. */
  record Result(int exitCode, String output) {}

  private ExternalCommand() {}

  /**
   * Runs a command with the messages of the C locale.
   *
   * @throws CommandFailure if there is no such command, or if it does not end in 30 s
   */
  static Result run(final String... command) throws CommandFailure, InterruptedException {
    final ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    try {
      final Process process = builder.start();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new CommandFailure(
            ExitCode.REFUSED, command[0] + " did not end within " + DEADLINE_SECONDS + " s");
      }
      final byte[] output = process.getInputStream().readAllBytes();
      return new Result(process.exitValue(), new String(output, StandardCharsets.UTF_8));
    } catch (final IOException e) {
      throw new CommandFailure(
          ExitCode.PREREQUISITE,
          "cannot run " + command[0] + ": not found; run 'slabmount doctor'",
          e);
    }
  }
}
