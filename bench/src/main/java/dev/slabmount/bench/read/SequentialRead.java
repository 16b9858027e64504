package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Server;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Contest;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.Machine;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
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
 * just started; the C side's mount needs none of that, and what it is worth is said in a comment.
 * Then as much memory as the read is going to take is touched and given back, on both sides: a
 * virtual machine may have to fetch its free memory from its host, and that is nothing to be
 * measured here.
 *
 * <p>The peer shows the same objects, in the better of two ways, and the kernel reads ahead as far
 * in its mount as in ours: what slabmount asks the kernel for, it does not have to itself. Where
 * that is not the kernel's default, the peer runs with the default as well, for a comment.
 */
final class SequentialRead implements Figure<Workplace> {
  private static final double GOAL_OFF = 0.9;
  private static final double GOAL_DEFAULT = 0.7;
  private static final long FILE_BYTES = 2L << 30;
  private static final long WARM_UP_BYTES = 256L << 20;
  private static final int PIECE_BYTES = 1 << 20;
  private static final String WARM_UP = "warm-up";

  /** File, store, and the pool's part of it: more than that must be free for a file of 2 GiB. */
  private static final long MEMORY_PER_BYTE = 4;

  /** A place in the pool and one in the kernel's page cache. */
  private static final long MEMORY_TAKEN_PER_BYTE = 2;

  private static final String[] VERIFY_OFF = {"--verify", "off"};
  private static final int TRIALS = 2;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final String COPY = "C, pread and reply";
  private static final String SPLICE = "C, splice";
  private static final String DEFAULT_AHEAD = "C with the kernel's default";

  /** The kernel's default stays as it is. */
  private static final int UNCHANGED = -1;

  @Override
  public String name() {
    return "sequential-read-2g";
  }

  /** What is read: a tree with the files {@code data} and {@code warm-up}. */
  private record Content(Tree tree, List<Path> objects, long bytes) {}

  /**
   * How far the kernel reads ahead.
   *
   * @param ours in our mounts, KiB
   * @param usual by default, KiB
   * @param forPeer what the peer's mount has to be given, so that it is as ours
   */
  private record Ahead(int ours, int usual, int forPeer) {}

  @Override
  public int seconds() {
    return 320;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    long bytes = FILE_BYTES;
    while (bytes > WARM_UP_BYTES && bytes * MEMORY_PER_BYTE > Machine.availableMemory()) {
      bytes /= 2;
    }
    if (bytes != FILE_BYTES) {
      report.say("# " + name() + ": little memory; the file has only " + (bytes >> 20) + " MiB");
    }
    Content content = makeContent(place.newFolder("tree"), bytes);
    Command.run(place, AT_MOST, List.of("sync", "-f", content.tree.store().toString()));
    Ahead ahead = findAhead(place, report, content);

    Contest trial = new Contest();
    trial.add(COPY, () -> passthrough(place, content, ahead.forPeer));
    trial.add(SPLICE, () -> passthrough(place, content, ahead.forPeer, "-p"));
    trial.run(TRIALS, allowance);
    String peer = trial.quickest(List.of(COPY, SPLICE));
    String[] peerOptions = peer.equals(COPY) ? new String[0] : new String[] {"-p"};
    report.say(
        "# %s: seconds in a trial: %s %.2f, %s %.2f"
            .formatted(name(), COPY, trial.median(COPY), SPLICE, trial.median(SPLICE)));

    Contest contest = new Contest();
    contest.add(peer, () -> passthrough(place, content, ahead.forPeer, peerOptions));
    if (ahead.forPeer != UNCHANGED) {
      contest.add(DEFAULT_AHEAD, () -> passthrough(place, content, UNCHANGED, peerOptions));
    }
    for (TransportKind transport : place.transports()) {
      contest.add("off " + transport, () -> slabmount(place, content, transport, VERIFY_OFF));
      contest.add("default " + transport, () -> slabmount(place, content, transport));
    }
    contest.run(Contest.ROUNDS_OF_MOUNTS, allowance);
    for (TransportKind transport : place.transports()) {
      report(report, transport, contest, "off", peer, GOAL_OFF, content, ahead);
      report(report, transport, contest, "default", peer, GOAL_DEFAULT, content, ahead);
      sayWithoutWarmUp(place, report, transport, content);
    }
  }

  /** What our mounts get from the kernel, and whether the peer's can have the same. */
  private Ahead findAhead(Workplace place, Report report, Content content)
      throws MeasuringException {
    int usual;
    boolean changeable;
    int ours = 0;
    for (TransportKind transport : place.transports()) {
      try (Server server = Servers.slabmount(place, List.of(), transport, content.tree)) {
        read(place, server, WARM_UP);
        ours = Math.max(ours, KernelReadAhead.of(server.folder()));
      }
    }
    try (Server server = Servers.passthrough(place, content.objects)) {
      usual = KernelReadAhead.of(server.folder());
      changeable = ours != usual && KernelReadAhead.change(server.folder(), ours);
    }
    String peer =
        ours == usual || changeable
            ? "C is given the same"
            : "C cannot be given the same and has " + usual;
    report.say(
        "# %s: the kernel reads %d KiB ahead in our mounts; %s".formatted(name(), ours, peer));
    return new Ahead(ours, usual, changeable ? ours : UNCHANGED);
  }

  private void report(
      Report report,
      TransportKind transport,
      Contest contest,
      String verify,
      String peer,
      double goal,
      Content content,
      Ahead ahead) {
    String figure = name() + "-verify-" + verify;
    String ours = verify + " " + transport;
    report.ratio(
        figure,
        Workplace.option(transport),
        contest.timeRatio(ours, peer),
        goal,
        "%.2f GB/s against %.2f GB/s (%s, read-ahead of %d KiB)"
            .formatted(
                speed(content, contest, ours),
                speed(content, contest, peer),
                peer,
                ahead.forPeer == UNCHANGED ? ahead.usual : ahead.ours));
    if (ahead.forPeer != UNCHANGED) {
      report.say(
          "# %s %s: %s against %.2f GB/s (%s, read-ahead of %d KiB)"
              .formatted(
                  figure,
                  Workplace.option(transport),
                  contest.timeRatio(ours, DEFAULT_AHEAD),
                  speed(content, contest, DEFAULT_AHEAD),
                  DEFAULT_AHEAD,
                  ahead.usual));
    }
  }

  private static double speed(Content content, Contest contest, String name) {
    return content.bytes / contest.median(name) / 1e9;
  }

  /** One sample only: how fast the first read after a mount is, the JVM having compiled nothing. */
  private void sayWithoutWarmUp(
      Workplace place, Report report, TransportKind transport, Content content)
      throws MeasuringException {
    try (Server server = Servers.slabmount(place, List.of(), transport, content.tree)) {
      report.say(
          "# %s-verify-default %s: %.2f GB/s once, without any warm-up"
              .formatted(
                  name(),
                  Workplace.option(transport),
                  content.bytes / readCold(place, server, content) / 1e9));
    }
  }

  private static double passthrough(
      Workplace place, Content content, int readAhead, String... options)
      throws MeasuringException {
    try (Server server = Servers.passthrough(place, content.objects, options)) {
      if (readAhead != UNCHANGED && !KernelReadAhead.change(server.folder(), readAhead)) {
        throw new MeasuringException("cannot change the read-ahead of " + server.folder());
      }
      return readCold(place, server, content);
    }
  }

  private static double slabmount(
      Workplace place, Content content, TransportKind transport, String... options)
      throws MeasuringException {
    try (Server server = Servers.slabmount(place, List.of(), transport, content.tree, options)) {
      read(place, server, WARM_UP);
      String file = server.folder().resolve(WARM_UP).toString();
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
              .add(new FileEntry(WARM_UP, WARM_UP_BYTES, 0, false, warmUp))
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
