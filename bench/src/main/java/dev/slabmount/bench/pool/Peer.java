package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.MeasuringException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A process with a stage, as the one who measures sees it ({@link PeerMain}). One thread. */
final class Peer implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final long END_SECONDS = 10;

  private final String name;
  private final Process process;
  private final PrintStream to;
  private final BufferedReader from;

  Peer(String name, Process process) {
    this.name = name;
    this.process = process;
    this.to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.from = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Waits until it is set up. */
  void awaitReady() throws MeasuringException {
    String said = next(START);
    if (!said.equals("ready")) {
      throw new MeasuringException(name + " said '" + said + "' instead of getting ready");
    }
  }

  /** The process. */
  long pid() {
    return process.pid();
  }

  /** Asks and returns the answer. */
  String ask(String line) throws MeasuringException {
    to.println(line);
    String answer = next(ANSWER);
    if (answer.startsWith("error ")) {
      throw new MeasuringException(name + ", asked '" + line + "': " + answer);
    }
    return answer;
  }

  /** Asks for a number. */
  double number(String line) throws MeasuringException {
    String answer = ask(line);
    try {
      return Double.parseDouble(answer);
    } catch (NumberFormatException e) {
      throw new MeasuringException(name + ", asked '" + line + "': '" + answer + "'", e);
    }
  }

  /** Lets so many threads do this work, with {@code WORK*THREADS} parts for several works. */
  Tally run(String works, long millis) throws MeasuringException {
    String answer = ask("run " + works + " " + millis);
    try {
      return Tally.ofWords(answer);
    } catch (NumberFormatException e) {
      throw new MeasuringException(name + " said '" + answer + "'", e);
    }
  }

  private String next(Duration atMost) throws MeasuringException {
    CompletableFuture<@Nullable String> line = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            line.complete(from.readLine());
          } catch (IOException e) {
            line.completeExceptionally(e);
          }
        });
    try {
      String said = line.get(atMost.toSeconds(), TimeUnit.SECONDS);
      if (said == null) {
        throw new MeasuringException(name + " has ended; see what it said above");
      }
      return said;
    } catch (TimeoutException e) {
      throw new MeasuringException(name + " gives no answer for " + atMost.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new MeasuringException("cannot read what " + name + " says", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    }
  }

  /** Ends it, and waits until its memory is free. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
