package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.vfs.content.ContentHash;
import dev.slabmount.vfs.manifest.FileEntry;
import dev.slabmount.vfs.manifest.Manifest;
import dev.slabmount.vfs.manifest.ManifestException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How long others wait while 100 reads wait for a store that never answers, half of them with
 * O_DIRECT and half with the kernel's read-ahead: 10 000 lookups of names that the kernel has not
 * seen, getattrs that its cache may not answer, reads of 4 KiB that the pool has, and reads of 4
 * KiB objects that it has not, one after the other by one program.
 */
final class StuckReads implements Figure<Workplace> {
  private static final double GOAL_MICROS = 1000;
  private static final int STUCK = 100;
  private static final long STUCK_BYTES = 256 << 10;
  private static final int CALLS = 10_000;
  private static final int CALLS_LAST = 2 * CALLS;
  private static final long BEGIN_SECONDS = 20;
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final Duration FETCH_AT_MOST = Duration.ofMinutes(10);

  /** What is called, in which folder. The kinds of the client, and hits and misses of reads. */
  private enum Call {
    LOOKUP("lookup", "lookup"),
    GETATTR("getattr", "getattr"),
    HIT("read", "hit"),
    MISS("read", "miss");

    private final String kind;
    private final String folder;

    Call(String kind, String folder) {
      this.kind = kind;
      this.folder = folder;
    }
  }

  @Override
  public String name() {
    return "while-100-reads-are-stuck";
  }

  @Override
  public int seconds() {
    return 40;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    for (TransportKind transport : place.transports()) {
      StuckStore store = new StuckStore();
      Path folder = place.newFolder("mnt");
      Manifest manifest = manifest(store);
      try (OwnMount mount =
          OwnMount.of(
              folder,
              transport,
              manifest,
              store,
              options -> {
                options.fetchTimeout(FETCH_AT_MOST);
              })) {
        // Names 0 to 9999 are for the compiler, the others are measured.
        for (Call call : Call.values()) {
          latencies(place, folder, call, 0);
        }
        stick(place, folder, mount);
        for (Call call : Call.values()) {
          report(report, transport, call, latencies(place, folder, call, CALLS));
        }
        if (mount.fileSystem().stats().pendingReads() < STUCK) {
          throw new MeasuringException("not all reads stayed stuck");
        }
      }
    }
  }

  private void report(Report report, TransportKind transport, Call call, String[] micros) {
    double p99 = Double.parseDouble(micros[1]);
    report.judge(
        name() + "-" + call.folder,
        Workplace.option(transport),
        String.format(
            Locale.ROOT,
            "p99 %.0f us (median %s us, longest %s us, %d calls), goal < %.0f us",
            p99,
            micros[0],
            micros[2],
            CALLS,
            GOAL_MICROS),
        p99 < GOAL_MICROS);
  }

  private static String[] latencies(Workplace place, Path folder, Call call, int first)
      throws MeasuringException {
    String said =
        Command.run(
            place,
            AT_MOST,
            List.of(
                Workplace.program("client"),
                "latency",
                call.kind,
                folder.resolve(call.folder).toString(),
                String.valueOf(first),
                String.valueOf(CALLS)));
    String[] numbers = said.split(" ", -1);
    if (numbers.length != 3) {
      throw new MeasuringException("the client said '" + said + "'");
    }
    return numbers;
  }

  /** Starts the reads that stay, and waits until the filesystem has all of them. */
  private static void stick(Workplace place, Path folder, OwnMount mount)
      throws MeasuringException {
    try {
      place.start(
          new ProcessBuilder(
                  Workplace.program("client"),
                  "stuck",
                  folder.resolve("stuck").toString(),
                  String.valueOf(STUCK))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BEGIN_SECONDS);
      while (mount.fileSystem().stats().pendingReads() < STUCK) {
        if (System.nanoTime() > deadline) {
          throw new MeasuringException("only some reads got stuck");
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (IOException e) {
      throw new MeasuringException("cannot start the client", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeasuringException("interrupted", e);
    }
  }

  private static Manifest manifest(StuckStore store) throws MeasuringException {
    try {
      Manifest.Builder manifest = new Manifest.Builder();
      for (int i = 0; i < STUCK; i++) {
        add(manifest, "stuck/f" + i, STUCK_BYTES, new ContentHash(1, i));
      }
      ContentHash shared = store.make(-1);
      for (int i = 0; i < CALLS_LAST; i++) {
        add(manifest, "lookup/f" + i, StuckStore.OBJECT_BYTES, shared);
        add(manifest, "getattr/f" + i, StuckStore.OBJECT_BYTES, shared);
        add(manifest, "hit/f" + i, StuckStore.OBJECT_BYTES, shared);
        add(manifest, "miss/f" + i, StuckStore.OBJECT_BYTES, store.make(i));
      }
      return manifest.build();
    } catch (ManifestException e) {
      throw new MeasuringException("cannot make the manifest", e);
    }
  }

  private static void add(Manifest.Builder manifest, String path, long size, ContentHash hash)
      throws ManifestException {
    manifest.add(new FileEntry(path, size, 0, false, List.of(hash)));
  }
}
