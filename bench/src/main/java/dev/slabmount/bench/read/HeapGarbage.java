package dev.slabmount.bench.read;

import com.sun.management.ThreadMXBean;
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
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the workers that answer the kernel allocate on the heap for each warm read, lookup and
 * getattr. The client makes the calls as in {@link StuckReads}, with nothing stuck; names may not
 * be kept by the kernel here, so that it asks for the same ones again.
 */
final class HeapGarbage implements Figure<Workplace> {
  /** What upcalls force on {@code libfuse}: nothing, their arguments are plain numbers. */
  private static final double GOAL_BYTES = 0;

  /**
   * Less than this is noise: what the JVM itself allocates on a worker now and then, spread over
   * thousands of requests. A single object for each request would be 16 bytes.
   */
  private static final double NOISE_BYTES = 0.1;

  private static final int FILES = 20_000;
  private static final int WARM_UPS = 3;
  private static final String WORKER = "fuse-worker-";
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  @Override
  public String name() {
    return "heap-bytes-per";
  }

  @Override
  public int seconds() {
    return 20;
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
              options -> options.timeouts(Duration.ZERO, Duration.ofDays(1), Duration.ZERO))) {
        for (String kind : List.of("read", "lookup", "getattr")) {
          for (int i = 0; i < WARM_UPS; i++) {
            call(place, folder, kind);
          }
          long requestsBefore = mount.requests();
          long bytesBefore = allocatedByWorkers();
          call(place, folder, kind);
          long bytes = allocatedByWorkers() - bytesBefore;
          long requests = mount.requests() - requestsBefore;
          report(report, transport, kind, bytes, requests);
        }
      }
    }
  }

  private void report(
      Report report, TransportKind transport, String kind, long bytes, long requests)
      throws MeasuringException {
    if (requests < FILES) {
      throw new MeasuringException("only " + requests + " requests for " + FILES + " calls");
    }
    double each = (double) bytes / requests;
    report.judge(
        name() + "-" + kind,
        Workplace.option(transport),
        String.format(
            Locale.ROOT,
            "%.2f B (%d B in %d requests), goal %.0f B (noise below %.1f B)%s",
            each,
            bytes,
            requests,
            GOAL_BYTES,
            NOISE_BYTES,
            transport == TransportKind.LIBFUSE ? ", upcalls force nothing" : ""),
        each < GOAL_BYTES + NOISE_BYTES);
  }

  private static void call(Workplace place, Path folder, String kind) throws MeasuringException {
    Command.run(
        place,
        AT_MOST,
        List.of(
            Workplace.program("client"),
            "latency",
            kind,
            folder.toString(),
            "0",
            String.valueOf(FILES)));
  }

  private static long allocatedByWorkers() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith(WORKER)) {
        bytes += threads.getThreadAllocatedBytes(thread.threadId());
      }
    }
    return bytes;
  }

  private static Manifest manifest(StuckStore store) throws MeasuringException {
    try {
      Manifest.Builder manifest = new Manifest.Builder();
      ContentHash shared = store.make(0);
      for (int i = 0; i < FILES; i++) {
        manifest.add(new FileEntry("f" + i, StuckStore.OBJECT_BYTES, 0, false, List.of(shared)));
      }
      return manifest.build();
    } catch (ManifestException e) {
      throw new MeasuringException("cannot make the manifest", e);
    }
  }
}
