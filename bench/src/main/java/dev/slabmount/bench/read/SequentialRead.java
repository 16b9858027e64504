package dev.slabmount.bench.read;

import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.content.LocalContentStore;
import dev.slabmount.vfs.content.Xxh128;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One program reads a file of 2 GiB from begin to end. Each sample has a mount of its own, so that
 * neither our pool nor the kernel has any of it; the store's objects are in the page cache. After
 * mounting, another file is read first, in order and at random, for the compiler of a JVM that has
 * just started; the C side's mount needs none of that. Then as much memory as the read is going to
 * take is touched and given back, on both sides: a virtual machine may have to fetch its free
 * memory from its host, and that is nothing to be measured here. The peer shows the same objects,
 * in the better of two ways.
 */
final class SequentialRead implements Figure {
  private static final double GOAL_OFF = 0.9;
  private static final double GOAL_DEFAULT = 0.7;
  private static final long FILE_BYTES = 2L << 30;
  private static final long WARM_UP_BYTES = 256L << 20;
  private static final int PIECE_BYTES = 1 << 20;

  /** File, store, and the pool's part of it: more than that must be free for a file of 2 GiB. */
  private static final long MEMORY_PER_BYTE = 4;

  /** A place in the pool and one in the kernel's page cache. */
  private static final long MEMORY_TAKEN_PER_BYTE = 2;

  private static final String[] VERIFY_OFF = {"--verify", "off"};
  private static final int TRIALS = 2;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String COPY = "C, pread and reply";
  private static final String SPLICE = "C, splice";

  @Override
  public String name() {
    return "sequential-read-2g";
  }

  /** What is read: a tree with the files {@code data} and {@code warm-up}. */
  private record Content(Tree tree, List<Path> objects, long bytes) {}

  @Override
  public void measure(Workplace place, Report report) throws MeasuringException {
    long bytes = FILE_BYTES;
    while (bytes > WARM_UP_BYTES && bytes * MEMORY_PER_BYTE > Machine.availableMemory()) {
      bytes /= 2;
    }
    if (bytes != FILE_BYTES) {
      report.say("# " + name() + ": little memory; the file has only " + (bytes >> 20) + " MiB");
    }
    Content content = makeContent(place.newFolder("tree"), bytes);
    Command.run(place, AT_MOST, List.of("sync", "-f", content.tree.store().toString()));

    Contest trial = new Contest();
    trial.add(COPY, () -> passthrough(place, content));
    trial.add(SPLICE, () -> passthrough(place, content, "-p"));
    trial.run(TRIALS, PATIENCE);
    boolean copy = trial.median(COPY) <= trial.median(SPLICE);
    String peer = copy ? COPY : SPLICE;
    report.say(
        "# %s: seconds in a trial: %s %.2f, %s %.2f"
            .formatted(name(), COPY, trial.median(COPY), SPLICE, trial.median(SPLICE)));

    Contest contest = new Contest();
    contest.add(
        peer, () -> passthrough(place, content, copy ? new String[0] : new String[] {"-p"}));
    for (TransportKind transport : place.transports()) {
      contest.add("off " + transport, () -> slabmount(place, content, transport, VERIFY_OFF));
      contest.add("default " + transport, () -> slabmount(place, content, transport));
    }
    contest.run(Contest.ROUNDS_OF_MOUNTS, PATIENCE);
    for (TransportKind transport : place.transports()) {
      report(report, transport, contest, "off", peer, GOAL_OFF, bytes);
      report(report, transport, contest, "default", peer, GOAL_DEFAULT, bytes);
    }
  }

  private void report(
      Report report,
      TransportKind transport,
      Contest contest,
      String verify,
      String peer,
      double goal,
      long bytes) {
    String ours = verify + " " + transport;
    report.ratio(
        name() + "-verify-" + verify,
        transport,
        contest.timeRatio(ours, peer),
        goal,
        "%.2f GB/s against %.2f GB/s (%s)"
            .formatted(
                bytes / contest.median(ours) / 1e9, bytes / contest.median(peer) / 1e9, peer));
  }

  private static double passthrough(Workplace place, Content content, String... options)
      throws MeasuringException {
    try (Server server = Server.passthrough(place, content.objects, options)) {
      return readCold(place, server, content);
    }
  }

  private static double slabmount(
      Workplace place, Content content, TransportKind transport, String... options)
      throws MeasuringException {
    try (Server server = Server.slabmount(place, List.of(), transport, content.tree, options)) {
      read(place, server, "warm-up");
      String file = server.folder().resolve("warm-up").toString();
      Command.run(place, AT_MOST, List.of(Workplace.program("client"), "random", file, "1"));
      return readCold(place, server, content);
    }
  }

  private static double readCold(Workplace place, Server server, Content content)
      throws MeasuringException {
    long wanted = MEMORY_TAKEN_PER_BYTE * content.bytes;
    long megabytes = Math.min(wanted, Machine.availableMemory() / 2) >> 20;
    String touched = String.valueOf(megabytes);
    Command.run(place, AT_MOST, List.of(Workplace.program("client"), "touch", touched));
    return read(place, server, "data");
  }

  private static double read(Workplace place, Server server, String file)
      throws MeasuringException {
    String path = server.folder().resolve(file).toString();
    return Command.number(place, AT_MOST, List.of(Workplace.program("client"), "sequential", path));
  }

  /** Writes objects and manifest. */
  private static Content makeContent(Path folder, long bytes) throws MeasuringException {
    Tree tree = new Tree(folder.resolve("manifest.json"), folder.resolve("store"));
    try {
      LocalContentStore.create(tree.store()).close();
      List<ContentHash> hashes = new ArrayList<>();
      for (long at = 0; at < bytes; at += Manifest.CHUNK_BYTES) {
        hashes.add(makeObject(tree, Math.min(Manifest.CHUNK_BYTES, bytes - at), at));
      }
      List<ContentHash> warmUp = List.of(makeObject(tree, WARM_UP_BYTES, -1));
      ManifestWriter.write(
          new Manifest.Builder()
              .add(new FileEntry("data", bytes, 0, false, hashes))
              .add(new FileEntry("warm-up", WARM_UP_BYTES, 0, false, warmUp))
              .build(),
          tree.manifest());
      return new Content(tree, hashes.stream().map(hash -> objectFile(tree, hash)).toList(), bytes);
    } catch (IOException e) {
      throw new MeasuringException("cannot make the content", e);
    }
  }

  private static ContentHash makeObject(Tree tree, long bytes, long seed) throws IOException {
    Path unnamed = tree.store().resolveSibling("object");
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES).order(ByteOrder.nativeOrder());
    Xxh128 hash = new Xxh128();
    try (FileChannel out =
        FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long done = 0; done < bytes; done += PIECE_BYTES) {
        piece.clear();
        while (piece.hasRemaining()) {
          piece.putLong(random.nextLong());
        }
        hash.update(MemorySegment.ofBuffer(piece.flip()));
        while (piece.hasRemaining()) {
          out.write(piece);
        }
      }
    }
    ContentHash name = hash.digest();
    Files.move(unnamed, objectFile(tree, name));
    return name;
  }

  private static Path objectFile(Tree tree, ContentHash hash) {
    return tree.store().resolve("Data").resolve(hash + ".xxh128");
  }
}
