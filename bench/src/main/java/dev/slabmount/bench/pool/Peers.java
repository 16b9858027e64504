package dev.slabmount.bench.pool;

import dev.slabmount.bench.report.Machine;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All processes of a run; whatever happens, they end with it. Any thread may close it; everything
 * else is for one thread.
 */
final class Peers implements AutoCloseable {
  private static final int BLOCKS = 16_384;
  private static final int BLOCKS_MIN = 1_024;

  /** Most processes with a set at the same time. */
  private static final int PEERS = 3;

  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  /** The flags of every process that is measured. */
  static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms256m",
          "-Xmx768m",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED");

  /** Memory that a process takes beside the blocks. */
  private static final long OWN_BYTES = 512L << 20;

  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private final int blocks;

  /** Finds out how many blocks of the usual set this machine has memory for. */
  Peers() throws MeasuringException {
    int fitting = BLOCKS;
    while (fitting > BLOCKS_MIN && needed(fitting) * PEERS > Machine.availableMemory()) {
      fitting /= 2;
    }
    blocks = fitting;
  }

  private static long needed(int blocks) {
    return Pools.roomFor(blocks, Pools.BLOCK_BYTES) + OWN_BYTES;
  }

  /** Prints what all figures have in common. */
  void describe(Report report) throws MeasuringException {
    report.say("# flags of every measured process: " + String.join(" ", FLAGS));
    report.say(
        "# set: %d blocks of 64 KiB%s; threads are not tied to processors"
            .formatted(
                blocks,
                blocks == BLOCKS
                    ? ""
                    : ", not " + BLOCKS + ", because that many of three pools do not fit here"));
    try {
      report.say("# huge pages, asked for on every side: " + Files.readString(HUGE_PAGES).strip());
    } catch (IOException e) {
      report.say("# huge pages: this kernel has none");
    }
  }

  /** Blocks of 64 KiB in the usual set: 16 384 unless there is too little memory. */
  int blocks() {
    return blocks;
  }

  /** Starts a process with this stage, and waits until it is set up. */
  Peer start(String stage, String kind, int size) throws MeasuringException {
    Peer peer = launch(stage, kind, size);
    peer.awaitReady();
    return peer;
  }

  private synchronized Peer launch(String stage, String kind, int size) throws MeasuringException {
    if (closed) {
      throw new MeasuringException("the run has ended");
    }
    List<String> words = new ArrayList<>();
    words.add(ProcessHandle.current().info().command().orElse("java"));
    words.addAll(FLAGS);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), PeerMain.class.getName()));
    words.addAll(List.of(stage, kind, String.valueOf(size)));
    try {
      Process process = new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
      Peer peer = new Peer(kind, process);
      peers.add(peer);
      return peer;
    } catch (IOException e) {
      throw new MeasuringException("cannot start " + words.getFirst(), e);
    }
  }

  /** Ends what a figure has left. */
  void tidy() {
    peers.removeIf(peer -> {
      peer.close();
      return true;
    });
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    tidy();
  }
}
