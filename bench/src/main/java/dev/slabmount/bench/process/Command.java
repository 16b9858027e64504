package dev.slabmount.bench.process;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, with a deadline. */
public final class Command {
  private Command() {}

  /**
   * Runs it and returns what it said.
   *
   * @throws MeasuringException if it cannot be started, takes longer than {@code atMost} (it is
   *     killed then), or ends with another code than 0
   */
  public static String run(Workplace place, Duration atMost, List<String> words)
      throws MeasuringException {
    Path said = place.path("said");
    Path complained = place.path("complained");
    Process process = null;
    try {
      process =
          place.start(
              new ProcessBuilder(words)
                  .redirectOutput(said.toFile())
                  .redirectError(complained.toFile()));
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new MeasuringException(
            "'" + words.get(0) + "' did not end within " + atMost.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new MeasuringException(
            String.join(" ", words)
                + " ended with code "
                + process.exitValue()
                + ": "
                + read(complained));
      }
      return read(said);
    } catch (IOException e) {
      throw new MeasuringException("cannot run " + words.get(0), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    } finally {
      if (process != null) {
        place.kill(process);
      }
    }
  }

  /** The number that a program printed. */
  public static double number(Workplace place, Duration atMost, List<String> words)
      throws MeasuringException {
    String said = run(place, atMost, words).trim();
    try {
      return Double.parseDouble(said);
    } catch (NumberFormatException e) {
      throw new MeasuringException(words.get(0) + " did not print a number", e);
    }
  }

  /** Seconds that a program takes from its start to its end. */
  public static double seconds(Workplace place, Duration atMost, List<String> words)
      throws MeasuringException {
    long begin = System.nanoTime();
    run(place, atMost, words);
    return (System.nanoTime() - begin) / 1e9;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1).trim();
  }
}
