package dev.slabmount.bench.process;

import dev.slabmount.bench.report.MeasuringException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One mount and the process that serves it. Comes up within a minute or not at all; closing it
 * unmounts, whatever state it is in. Owned by one thread; any thread may close it.
 */
public final class Server implements AutoCloseable {
  /** What every server prints when its mount is there. */
  private static final String READY = "mounted ";

  private static final long READY_SECONDS = 60;
  private static final long END_SECONDS = 20;
  private static final long POLL_MILLIS = 5;

  private final Workplace place;
  private final Path folder;
  private final Process process;

  private Server(Workplace place, Path folder, Process process) {
    this.place = place;
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts a server.
   *
   * @param folder where it is told to mount
   * @param words the command; it prints a line that begins with "mounted " when its mount is there
   */
  public static Server start(Workplace place, Path folder, List<String> words)
      throws MeasuringException {
    Path said = folder.resolveSibling(folder.getFileName() + ".log");
    Server server;
    try {
      Process process =
          place.start(
              new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(said.toFile()));
      server = new Server(place, folder, process);
      place.enter(server);
    } catch (IOException e) {
      throw new MeasuringException("cannot start " + words.get(0), e);
    }
    try {
      server.awaitReady(said);
    } catch (IOException e) {
      throw new MeasuringException("cannot read what " + words.get(0) + " says", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    }
    return server;
  }

  private void awaitReady(Path said) throws IOException, InterruptedException, MeasuringException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    for (; ; ) {
      String text = Files.readString(said, StandardCharsets.ISO_8859_1);
      if (text.lines().anyMatch(line -> line.startsWith(READY))) {
        return;
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new MeasuringException("a mount did not come up; its server said: " + text.strip());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Where it is mounted. */
  public Path folder() {
    return folder;
  }

  /** The process that serves it. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy(); // SIGTERM: unmounts in order.
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        place.kill(process);
        process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      }
      if (process.exitValue() != 0) {
        takeAway();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      place.kill(process);
      place.leave(this);
    }
  }

  /** What a server that was killed leaves behind is a mount without a server. */
  private void takeAway() throws InterruptedException {
    try {
      new ProcessBuilder("fusermount3", "-uzq", folder.toString())
          .start()
          .waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new IllegalStateException("there was a fusermount3 when this began", e);
    }
  }
}
