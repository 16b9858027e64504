package dev.slabmount.cli.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about a running mount on a socket, until closed.
 *
 * <p>A question is one line of at most {@value #QUESTION_BYTES_MAX} bytes; the answer is whatever
 * the mount says to it, and then the end of the stream. All clients are served by one thread that
 * waits for none of them: each has a deadline for everything together, after which it is dropped,
 * and when there are too many the oldest is.
 *
 * <p><b>Threads:</b> one of its own; {@link #close} by any.
 */
public final class ControlServer implements AutoCloseable {
  /** What asks whether somebody is there; the answer is {@value #ALIVE}. */
  static final String PING = "ping";

  static final String ALIVE = "alive";

  static final int QUESTION_BYTES_MAX = 64;
  static final int CLIENTS_MAX = 32;
  static final Duration CLIENT_DEADLINE = Duration.ofSeconds(2);

  private static final Logger LOG = System.getLogger("dev.slabmount.cli.control");
  private static final int NAMES_MAX = 100;
  private static final long PAUSE_MILLIS = 100;

  private final Path socket;
  private final Path record;
  private final Function<String, Optional<String>> answers;
  private final ServerSocketChannel listener;
  private final Selector selector;
  private final List<Client> clients = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closing;

  private ControlServer(
      final Path socket, final Path record, final Function<String, Optional<String>> answers)
      throws IOException {
    this.socket = socket;
    this.record = record;
    this.answers = answers;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      listener.configureBlocking(false);
      selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
    } catch (final IOException e) {
      listener.close();
      throw e;
    }
    thread = new Thread(null, this::serve, "slabmount-control", 0, false);
    thread.setDaemon(true);
  }

  /**
   * Makes a socket and a record in the folder, and answers from then on.
   *
   * @param answers what a question is answered with; empty: it is not known. Called by the thread
   *     of this server; not to take long
   * @throws IOException if the folder will not do; the message is one line
   */
  public static ControlServer start(
      final RuntimeFolder folder,
      final MountRecord mount,
      final Function<String, Optional<String>> answers)
      throws IOException {
    folder.make();
    for (int i = 0; i < NAMES_MAX; i++) {
      final String name = i == 0 ? Long.toString(mount.pid()) : mount.pid() + "-" + i;
      final Path record = folder.path().resolve(name + Registry.RECORD_SUFFIX);
      final Path socket = folder.path().resolve(name + Registry.SOCKET_SUFFIX);
      if (!Registry.isTaken(record, socket)) {
        Files.deleteIfExists(socket);
        return start(mount, answers, record, socket);
      }
    }
    throw new RuntimeFolderException(folder.path(), "holds too many mounts of this process");
  }

  private static ControlServer start(
      final MountRecord mount,
      final Function<String, Optional<String>> answers,
      final Path record,
      final Path socket)
      throws IOException {
    final ControlServer server = new ControlServer(socket, record, answers);
    final Path unfinished = record.resolveSibling(record.getFileName() + ".new");
    try {
      Files.deleteIfExists(unfinished);
      Files.createFile(
          unfinished,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(unfinished, mount.toJson(), StandardOpenOption.WRITE);
      Files.move(unfinished, record, StandardCopyOption.ATOMIC_MOVE);
      server.thread.start();
      return server;
    } catch (final IOException | RuntimeException | Error e) {
      Files.deleteIfExists(unfinished);
      server.closeChannels();
      server.removeFiles();
      throw e;
    }
  }

  /** Where it listens. */
  public Path socket() {
    return socket;
  }

  /** Stops answering and removes the socket and the record. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (final InterruptedException _) {
        interrupted = true;
      }
    }
    removeFiles();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void removeFiles() {
    try {
      Files.deleteIfExists(record);
      Files.deleteIfExists(socket);
    } catch (final IOException e) {
      LOG.log(Level.WARNING, "cannot remove {0}: {1}", socket, e.getMessage());
    }
  }

  private void serve() {
    try {
      while (!closing) {
        selector.select(millisToNextDeadline());
        selector.selectedKeys().clear(); // Few clients: each round looks at all of them.
        acceptAll();
        serveClients();
      }
    } catch (final IOException | RuntimeException | Error e) {
      LOG.log(Level.ERROR, "the mount can no longer be asked for its state", e);
    } finally {
      closeChannels();
    }
  }

  private long millisToNextDeadline() {
    long millis = Long.MAX_VALUE;
    for (final Client client : clients) {
      millis = Math.min(millis, Math.max(1, client.nanosLeft() / 1_000_000 + 1));
    }
    return millis == Long.MAX_VALUE ? 0 : millis; // 0: until something happens
  }

  private void acceptAll() throws IOException {
    try {
      for (SocketChannel channel = listener.accept(); channel != null; ) {
        if (clients.size() >= CLIENTS_MAX) {
          clients.removeFirst().close();
        }
        channel.configureBlocking(false);
        clients.add(new Client(channel, channel.register(selector, SelectionKey.OP_READ)));
        channel = listener.accept();
      }
    } catch (final IOException e) {
      if (closing || !listener.isOpen()) {
        throw e;
      }
      LOG.log(Level.WARNING, "cannot take a client: {0}", e.getMessage()); // Too many files?
      pause();
    }
  }

  /** So that a lasting shortage does not make this thread spin; interrupting it ends nothing. */
  private void pause() throws IOException {
    clients.forEach(Client::close);
    clients.clear();
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (final InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void serveClients() {
    clients.removeIf(client -> {
      if (client.serve(answers)) {
        return false;
      }
      client.close();
      return true;
    });
  }

  private void closeChannels() {
    clients.forEach(Client::close);
    clients.clear();
    for (final AutoCloseable each : List.of(listener, selector)) {
      try {
        each.close();
      } catch (final Exception e) {
        LOG.log(Level.DEBUG, "closing failed", e);
      }
    }
  }

  /** One connection: first its question is read, then its answer written. */
  private static final class Client {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer question = ByteBuffer.allocate(QUESTION_BYTES_MAX);
    private final long deadline = System.nanoTime() + CLIENT_DEADLINE.toNanos();
    private @Nullable ByteBuffer answer;

    Client(final SocketChannel channel, final SelectionKey key) {
      this.channel = channel;
      this.key = key;
    }

    long nanosLeft() {
      return deadline - System.nanoTime();
    }

    /** Does what can be done without waiting; returns whether there is anything left to do. */
    boolean serve(final Function<String, Optional<String>> answers) {
      try {
        if (nanosLeft() <= 0) {
          return false;
        }
        if (answer == null && !read(answers)) {
          return false;
        }
        if (answer == null) {
          return true;
        }
        channel.write(answer);
        return answer.hasRemaining();
      } catch (final IOException e) {
        return false; // It has gone.
      }
    }

    private boolean read(final Function<String, Optional<String>> answers) throws IOException {
      final int count = channel.read(question);
      final String text =
          new String(question.array(), 0, question.position(), StandardCharsets.UTF_8);
      final int end = text.indexOf('\n');
      if (end < 0) {
        return count >= 0 && question.hasRemaining();
      }
      answer =
          ByteBuffer.wrap(answer(answers, text.substring(0, end)).getBytes(StandardCharsets.UTF_8));
      key.interestOps(SelectionKey.OP_WRITE);
      return true;
    }

    private static String answer(
        final Function<String, Optional<String>> answers, final String question) {
      if (question.equals(PING)) {
        return ALIVE;
      }
      try {
        return answers.apply(question).orElse("");
      } catch (final RuntimeException e) {
        LOG.log(Level.ERROR, "no answer to '" + question + "'", e);
        return "";
      }
    }

    void close() {
      try {
        channel.close();
      } catch (final IOException e) {
        LOG.log(Level.DEBUG, "closing failed", e);
      }
    }
  }
}
