package dev.slabmount.bench.read;

import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One mount and the process that serves it. Comes up within a minute or not at all; closing it
 * unmounts, whatever state it is in. Owned by one thread; any thread may close it.
 */
final class Server implements AutoCloseable {
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

  /** The slabmount command with its defaults but for the transport and what is given. */
  static Server slabmount(
      Workplace place, List<String> before, TransportKind transport, Tree tree, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(before);
    words.addAll(
        List.of(
            Workplace.slabmount(),
            "mount",
            tree.manifest().toString(),
            folder.toString(),
            "--store",
            tree.store().toString(),
            "--transport",
            Workplace.option(transport)));
    words.addAll(List.of(options));
    return start(place, folder, words);
  }

  /** The C filesystem in memory. */
  static Server memfs(Workplace place, List<String> before, Path listing, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(before);
    words.add(Workplace.program("memfs"));
    words.addAll(List.of(options));
    words.addAll(List.of(listing.toString(), folder.toString()));
    return start(place, folder, words);
  }

  /** The C filesystem that shows objects as one file named {@code data}. */
  static Server passthrough(Workplace place, List<Path> objects, String... options)
      throws MeasuringException {
    Path folder = place.newFolder("mnt");
    List<String> words = new ArrayList<>(List.of(Workplace.program("passthrough")));
    words.addAll(List.of(options));
    words.add(folder.toString());
    objects.forEach(object -> words.add(object.toString()));
    return start(place, folder, words);
  }

  private static Server start(Workplace place, Path folder, List<String> words)
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
  Path folder() {
    return folder;
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
