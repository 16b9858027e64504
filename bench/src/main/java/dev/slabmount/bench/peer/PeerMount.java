package dev.slabmount.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * What a server of a peer is told on its command line, and how it says that it is there.
 *
 * @param folder where to mount
 * @param attributeSeconds how long the kernel may keep attributes
 * @param entrySeconds how long it may keep names, and that there is no such name
 * @param threads that answer
 */
record PeerMount(Path folder, String attributeSeconds, String entrySeconds, int threads) {
  private static final long UP_SECONDS = 30;
  private static final long POLL_MILLIS = 5;

  /** {@code FOLDER ATTRIBUTE_SECONDS ENTRY_SECONDS}; as many threads as processors. */
  static PeerMount of(String[] arguments) {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("usage: FOLDER ATTRIBUTE_SECONDS ENTRY_SECONDS");
    }
    return new PeerMount(
        Path.of(arguments[0]),
        arguments[1],
        arguments[2],
        Runtime.getRuntime().availableProcessors());
  }

  /** The timeouts as libfuse's high-level interface takes them. */
  String timeouts() {
    return "attr_timeout="
        + attributeSeconds
        + ",entry_timeout="
        + entrySeconds
        + ",negative_timeout="
        + entrySeconds;
  }

  /** Waits until something is mounted there, and says so. */
  void announce(String name) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(UP_SECONDS);
    while (!Files.getFileStore(folder).type().startsWith("fuse")) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("nothing was mounted on " + folder + " in " + UP_SECONDS + " s");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    System.out.println("mounted " + name + " on " + folder);
  }
}
