package dev.slabmount.cli.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Asks the mount behind a socket one question. Stateless; any thread. */
final class ControlClient {
  private static final int ANSWER_BYTES_MAX = 1 << 20;
  private static final int BUFFER_BYTES = 8192;
  private static final long RETRY_MILLIS = 10;

  /** The kernel's text for EAGAIN, which connect(2) says of a full queue. */
  private static final String QUEUE_FULL = "Resource temporarily unavailable";

  private ControlClient() {}

  /**
   * The answer to a question of one line.
   *
   * @param atMost how long the whole of it may take
   * @throws IOException if nobody listens, or the answer does not come in time, or is too long
   */
  static String ask(final Path socket, final String question, final Duration atMost)
      throws IOException {
    final long deadline = System.nanoTime() + atMost.toNanos();
    try (Selector selector = Selector.open();
        SocketChannel channel = connect(socket, deadline)) {
      final ByteBuffer line = ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.UTF_8));
      while (line.hasRemaining()) {
        if (channel.write(line) == 0) {
          await(channel, selector, SelectionKey.OP_WRITE, deadline);
        }
      }
      return readAll(channel, selector, deadline);
    }
  }

  /**
   * Connects without waiting for room in the queue of one that does not listen, as a blocking
   * channel would without a deadline.
   */
  private static SocketChannel connect(final Path socket, final long deadline) throws IOException {
    while (true) {
      final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.configureBlocking(false);
        channel.connect(UnixDomainSocketAddress.of(socket)); // Never pending for such a socket.
        return channel;
      } catch (final IOException e) {
        channel.close();
        if (!QUEUE_FULL.equals(e.getMessage()) || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String readAll(
      final SocketChannel channel, final Selector selector, final long deadline)
      throws IOException {
    final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (true) {
      final int count = channel.read(buffer.clear());
      if (count < 0) {
        return answer.toString(StandardCharsets.UTF_8);
      }
      if (count == 0) {
        await(channel, selector, SelectionKey.OP_READ, deadline);
      }
      answer.write(buffer.array(), 0, count);
      if (answer.size() > ANSWER_BYTES_MAX) {
        throw new IOException("the answer does not end");
      }
    }
  }

  private static void await(
      final SocketChannel channel,
      final Selector selector,
      final int operation,
      final long deadline)
      throws IOException {
    channel.register(selector, operation);
    final long left = (deadline - System.nanoTime()) / 1_000_000;
    if (left <= 0 || selector.select(left) == 0) {
      throw new IOException("no answer in time");
    }
    selector.selectedKeys().clear();
  }
}
