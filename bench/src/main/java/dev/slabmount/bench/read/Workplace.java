package dev.slabmount.bench.read;

import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Where everything of a run lies, and who takes it away again: a folder, every process that was
 * started, every server. The working folder is the project's root.
 *
 * <p>{@link #close} may come from any thread, once a signal has arrived; the rest belongs to the
 * main thread.
 */
final class Workplace implements AutoCloseable {
  private static final Path COMMAND = Path.of("cli/target/slabmount/bin/slabmount");
  private static final Path PROGRAMS = Path.of("bench/target/c");
  private static final long END_SECONDS = 5;

  private final Path root;
  private final List<TransportKind> transports;
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();
  private final Deque<Server> servers = new ArrayDeque<>();
  private boolean closed;
  private int folders;

  /** Works in an existing folder, which stays the caller's. */
  Workplace(Path root, List<TransportKind> transports) throws MeasuringException {
    this.root = root;
    this.transports = List.copyOf(transports);
    for (Path needed : List.of(COMMAND, PROGRAMS.resolve("client"))) {
      if (!Files.isExecutable(needed)) {
        throw new MeasuringException(needed + " is missing; run 'make bench-read'");
      }
    }
  }

  /** The value of {@code --transport}. */
  static String option(TransportKind transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  /** The transports to be measured. */
  List<TransportKind> transports() {
    return transports;
  }

  /** The slabmount command as built. */
  static String slabmount() {
    return COMMAND.toAbsolutePath().toString();
  }

  /** One of the C programs. */
  static String program(String name) {
    return PROGRAMS.resolve(name).toAbsolutePath().toString();
  }

  /** A name in the run's folder. */
  Path path(String name) {
    return root.resolve(name);
  }

  /** A new empty folder. */
  Path newFolder(String name) throws MeasuringException {
    try {
      return Files.createDirectory(root.resolve(name + "-" + ++folders));
    } catch (IOException e) {
      throw new MeasuringException("cannot make a folder in " + root, e);
    }
  }

  /** Starts a process that {@link #kill} or {@link #close} ends at the latest. */
  synchronized Process start(ProcessBuilder builder) throws IOException {
    if (closed) {
      throw new IOException("the run has ended");
    }
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("TZ", "UTC");
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Ends a process if it has not ended. */
  void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    processes.remove(process);
  }

  /** Remembers a server until {@link #leave}. */
  synchronized void enter(Server server) {
    servers.push(server);
  }

  /** Forgets a server that has ended. */
  synchronized void leave(Server server) {
    servers.remove(server);
  }

  /** Ends what a figure may have left when it failed. */
  void tidy() {
    List<Server> left;
    synchronized (this) {
      left = new ArrayList<>(servers);
    }
    left.forEach(Server::close);
    for (Process process : processes) {
      kill(process);
      try {
        process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Refuses new processes, ends those that run, and takes every mount away. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    tidy();
  }
}
