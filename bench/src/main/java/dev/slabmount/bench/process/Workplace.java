package dev.slabmount.bench.process;

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
public final class Workplace implements AutoCloseable {
  private static final Path PROGRAMS = Path.of("bench/target/c");
  private static final long END_SECONDS = 5;

  private final Path root;
  private final List<TransportKind> transports;
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();
  private final Deque<Server> servers = new ArrayDeque<>();
  private boolean closed;
  private int folders;

  /**
   * Works in an existing folder, which stays the caller's.
   *
   * @param needed what has to be there
   * @param target the one of make that sees to that
   */
  public Workplace(Path root, List<TransportKind> transports, List<Path> needed, String target)
      throws MeasuringException {
    this.root = root;
    this.transports = List.copyOf(transports);
    for (Path each : needed) {
      if (!Files.isReadable(each)) {
        throw new MeasuringException(each + " is missing; run 'make " + target + "'");
      }
    }
  }

  /** The value of {@code --transport}. */
  public static String option(TransportKind transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  /** The transports to be measured. */
  public List<TransportKind> transports() {
    return transports;
  }

  /** One of the C programs. */
  public static String program(String name) {
    return PROGRAMS.resolve(name).toAbsolutePath().toString();
  }

  /** A name in the run's folder. */
  public Path path(String name) {
    return root.resolve(name);
  }

  /** A new empty folder. */
  public Path newFolder(String name) throws MeasuringException {
    try {
      return Files.createDirectory(root.resolve(name + "-" + ++folders));
    } catch (IOException e) {
      throw new MeasuringException("cannot make a folder in " + root, e);
    }
  }

  /** Starts a process that {@link #kill} or {@link #close} ends at the latest. */
  public synchronized Process start(ProcessBuilder builder) throws IOException {
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
  public void kill(Process process) {
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
  public void tidy() {
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
