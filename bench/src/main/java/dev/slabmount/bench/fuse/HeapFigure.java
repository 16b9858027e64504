package dev.slabmount.bench.fuse;

import com.sun.management.ThreadMXBean;
import dev.slabmount.bench.process.Command;
import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.fuse.FuseMount;
import dev.slabmount.fuse.MountException;
import dev.slabmount.fuse.TransportKind;
import dev.slabmount.fuse.example.memfs.MemFs;
import dev.slabmount.fuse.example.memfs.MemFsOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the workers allocate on the heap for each read, write, getattr and lookup, by the JVM's own
 * account. The filesystem is served by this process; its client is another one.
 */
final class HeapFigure implements FuseFigure {
  /**
   * Less than this is noise: what the JVM itself allocates on a worker now and then, spread over
   * thousands of requests. A single object for each request would be 16 bytes.
   */
  private static final double NOISE_BYTES = 0.1;

  private static final int REQUESTS_MIN = 1000;
  private static final String WARM_SECONDS = "3";
  private static final String SLICE_SECONDS = "1";

  /**
   * A worker that answers an operation for the first time makes a histogram of 2.5 KiB for it
   * (dispatch.Latencies). A load opens and closes its files only once, on one worker or another: it
   * is begun so often that each of them has met all of it.
   */
  private static final int BEGINNINGS = 30;

  private static final String BEGINNING_SECONDS = "0.01";
  private static final String WORKER = "fuse-worker-";
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  /** What is asked for, how the client brings it about, and what the kernel may keep meanwhile. */
  private record Kind(String name, String load, String attributeSeconds, String entrySeconds) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("read", "read", "86400", "86400"),
          new Kind("write", "write", "86400", "86400"),
          new Kind("getattr", "stat", "0", "86400"),
          new Kind("lookup", "stat", "86400", "0"));

  @Override
  public String name() {
    return "heap-bytes-per";
  }

  @Override
  public List<String> rows() {
    return KINDS.stream().map(this::row).toList();
  }

  private String row(Kind kind) {
    return name() + "-" + kind.name;
  }

  @Override
  public int seconds() {
    return 45;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    for (TransportKind transport : place.transports()) {
      for (Kind kind : KINDS) {
        measure(place, report, transport, kind);
      }
    }
  }

  private void measure(Workplace place, Report report, TransportKind transport, Kind kind)
      throws MeasuringException {
    MemFsOptions options = new MemFsOptions();
    for (String option :
        List.of(
            "no_xattr",
            "attr_timeout=" + kind.attributeSeconds,
            "entry_timeout=" + kind.entrySeconds)) {
      options.set(option);
    }
    Path folder = place.newFolder("mnt");
    try (FuseMount mount =
        FuseMount.of(new MemFs(options)).at(folder).transport(transport).mount()) {
      call(place, List.of("fill", folder.toString(), "1", "16"));
      List<String> load = List.of(kind.load, folder.toString(), "1");
      call(place, with(load, WARM_SECONDS));
      for (int i = 0; i < BEGINNINGS; i++) {
        call(place, with(load, BEGINNING_SECONDS));
      }
      long requestsBefore = mount.stats().requests();
      long bytesBefore = allocatedByWorkers();
      call(place, with(load, SLICE_SECONDS));
      long bytes = allocatedByWorkers() - bytesBefore;
      long requests = mount.stats().requests() - requestsBefore;
      report(report, transport, kind, bytes, requests);
    } catch (MountException e) {
      throw new MeasuringException("cannot serve a mount", e);
    }
  }

  private void report(Report report, TransportKind transport, Kind kind, long bytes, long requests)
      throws MeasuringException {
    if (requests < REQUESTS_MIN) {
      throw new MeasuringException(kind.name + ": only " + requests + " requests came");
    }
    double each = (double) bytes / requests;
    report.judge(
        row(kind),
        Workplace.option(transport),
        String.format(
            Locale.ROOT,
            "%.2f B (%d B in %d requests), goal 0 B (noise below %.1f B)",
            each,
            bytes,
            requests,
            NOISE_BYTES),
        each < NOISE_BYTES);
  }

  private static void call(Workplace place, List<String> words) throws MeasuringException {
    Command.run(place, AT_MOST, with(List.of(Workplace.program("load")), words));
  }

  private static List<String> with(List<String> words, String last) {
    return with(words, List.of(last));
  }

  private static List<String> with(List<String> words, List<String> more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(more);
    return all;
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
}
