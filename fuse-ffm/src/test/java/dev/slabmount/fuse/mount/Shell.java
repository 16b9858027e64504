package dev.slabmount.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a client in a process of its own, with a deadline. */
public final class Shell {
  private static final long SECONDS = 20;

  private Shell() {}

  /** How it ended and what it said. */
  public record Result(int exit, String out, String err) {}

  /** Whether somebody can look at a file within some time; whoever cannot is ended. */
  static boolean isAnswered(Path file, long millis) throws IOException, InterruptedException {
    Process stat = new ProcessBuilder("stat", file.toString()).start();
    try {
      return stat.waitFor(millis, TimeUnit.MILLISECONDS);
    } finally {
      stat.destroyForcibly();
    }
  }

  /** Runs a command to its end. */
  public static Result run(String... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("client", ".out");
    Path err = Files.createTempFile("client", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(List.of(command))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("LC_ALL", "C");
      Process process = builder.start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " did not end");
      }
      return new Result(
          process.exitValue(),
          Files.readString(out, StandardCharsets.ISO_8859_1),
          Files.readString(err, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
