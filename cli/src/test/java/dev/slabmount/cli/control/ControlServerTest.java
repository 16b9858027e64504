package dev.slabmount.cli.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of every kind, most of them bad, and that a good one is answered beside them. */
@Timeout(60)
class ControlServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final String LONG_ANSWER = "x".repeat(900_000);

  @TempDir private Path temp;
  private final AtomicInteger asked = new AtomicInteger();
  private final List<SocketChannel> opened = new ArrayList<>();
  private ControlServer server;

  @BeforeEach
  void start() throws IOException {
    final RuntimeFolder folder =
        new RuntimeFolder(temp.resolve("run"), ProcessStatus.effectiveUser(), true);
    server =
        ControlServer.start(
            folder, Records.ofThisProcess(Path.of("/mnt")), question -> answer(question));
  }

  private Optional<String> answer(final String question) {
    asked.incrementAndGet();
    return switch (question) {
      case "long" -> Optional.of(LONG_ANSWER);
      case "throw" -> throw new IllegalStateException("as the test wants");
      case "who" -> Optional.of("\u00fc " + Thread.currentThread().getName());
      default -> Optional.empty();
    };
  }

  @AfterEach
  void stop() throws IOException {
    for (final SocketChannel channel : opened) {
      channel.close();
    }
    server.close();
    assertFalse(Files.exists(server.socket()));
    try (var left = Files.list(temp.resolve("run"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void shouldLetNobodyElseIn() throws IOException {
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())));
    final Path record = Path.of(server.socket().toString().replace(".sock", ".json"));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(record)));
  }

  @Test
  void shouldAnswerOnAThreadOfItsOwn() throws IOException {
    assertEquals("\u00fc slabmount-control", ask("who"));
    assertEquals(ControlServer.ALIVE, ask(ControlServer.PING));
    assertEquals(1, asked.get());
  }

  @Test
  void shouldAnswerAtLength() throws IOException {
    assertEquals(LONG_ANSWER, ask("long"));
  }

  @Test
  void shouldAnswerNothingToWhatItDoesNotKnowAndLiveOn() throws IOException {
    assertEquals("", ask("what"));
    assertEquals("", ask("throw"));
    assertEquals("", ask(""));
    assertAnswers();
  }

  @Test
  void shouldNotWaitForAClientThatSaysNothing() throws IOException {
    final SocketChannel silent = connect();
    final SocketChannel half = connect();
    send(half, "wh");
    assertAnswers();
    send(half, "o\n");
    assertTrue(readAll(half).endsWith("slabmount-control"));
    final long begin = System.nanoTime();
    assertEquals("", readAll(silent), "it is dropped in the end");
    assertTrue(System.nanoTime() - begin < ControlServer.CLIENT_DEADLINE.multipliedBy(3).toNanos());
  }

  @Test
  void shouldNotWaitForAClientThatDoesNotRead() throws IOException {
    final SocketChannel deaf = connect();
    send(deaf, "long\n");
    assertAnswers();
    assertTrue(asked.get() >= 1);
  }

  @Test
  void shouldAnswerAClientThatHasClosedItsSide() throws IOException {
    final SocketChannel half = connect();
    send(half, "who\n");
    half.shutdownOutput();
    assertTrue(readAll(half).endsWith("slabmount-control"));
    final SocketChannel mute = connect();
    mute.shutdownOutput();
    assertEquals("", readAll(mute));
  }

  @Test
  void shouldDropAQuestionThatIsTooLong() throws IOException {
    final SocketChannel client = connect();
    send(client, "x".repeat(ControlServer.QUESTION_BYTES_MAX));
    assertEquals("", readAll(client));
    assertEquals(0, asked.get());
    assertAnswers();
  }

  @Test
  void shouldSurviveGarbage() throws IOException {
    final long seed = System.nanoTime();
    System.out.println("seed " + seed);
    final Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      final byte[] garbage = new byte[random.nextInt(300)];
      random.nextBytes(garbage);
      try (SocketChannel client = SocketChannel.open(address())) {
        client.write(ByteBuffer.wrap(garbage));
      } catch (final IOException e) {
        assertTrue(Files.exists(server.socket()), "seed " + seed + ": " + e); // cut off early
      }
    }
    assertAnswers();
  }

  @Test
  void shouldAnswerBesideMoreClientsThanItKeeps() throws IOException {
    for (int i = 0; i < 3 * ControlServer.CLIENTS_MAX; i++) {
      connect();
    }
    assertAnswers();
  }

  @Test
  void shouldEndAtOnceWithClientsConnected() throws IOException {
    connect();
    final long begin = System.nanoTime();
    server.close();
    assertTrue(System.nanoTime() - begin < PATIENCE.toNanos());
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("slabmount-control")));
  }

  private void assertAnswers() throws IOException {
    assertTrue(ask("who").endsWith("slabmount-control"));
  }

  private String ask(final String question) throws IOException {
    return ControlClient.ask(server.socket(), question, PATIENCE);
  }

  private UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(server.socket());
  }

  private SocketChannel connect() throws IOException {
    final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    opened.add(channel);
    channel.connect(address());
    return channel;
  }

  private static void send(final SocketChannel channel, final String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** What comes until the other side ends, in order or not. */
  private static String readAll(final SocketChannel channel) {
    try {
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    } catch (final IOException _) {
      return "";
    }
  }
}
