package dev.slabmount.bench.read;

import dev.slabmount.bench.process.Workplace;
import dev.slabmount.bench.report.Allowance;
import dev.slabmount.bench.report.Figure;
import dev.slabmount.bench.report.MeasuringException;
import dev.slabmount.bench.report.Report;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.fuse.TransportKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * How often the processor has to ask the kernel for a page while content goes through a cache that
 * is full: a pool whose slots all held something else before, and beside it a cache that maps a
 * fresh buffer for each block and unmaps the oldest one, as malloc does for large buffers. Both
 * read the same file from the page cache in the same blocks, and hold as many of them. All of it is
 * one process, so that the transports have no part in it; each has a measurement and a line all the
 * same.
 */
final class PageFaults implements Figure<Workplace> {
  private static final double GOAL = 0.01;
  private static final int BLOCK_BYTES = MemoryPoolConfig.BLOCK_SIZE_DEFAULT;
  private static final long CACHE_BYTES = 256L << 20;
  private static final int CACHE_BLOCKS = (int) (CACHE_BYTES / BLOCK_BYTES);
  private static final int READ_BLOCKS = 4 * CACHE_BLOCKS;
  private static final int FILE_BLOCKS = 64;

  /** Of {@code proc_pid_stat(5)}, counted behind the program's name: minor faults. */
  private static final int MINOR_FAULTS_COLUMN = 8;

  @Override
  public String name() {
    return "page-faults-per-gib";
  }

  @Override
  public int seconds() {
    return 10;
  }

  @Override
  public void measure(Workplace place, Report report, Allowance allowance)
      throws MeasuringException {
    Path file =
        Tree.randomFile(place.path("page-faults.data"), (long) FILE_BLOCKS * BLOCK_BYTES, 7);
    try (FileChannel content =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      for (TransportKind transport : place.transports()) {
        report(report, transport, throughPool(content), throughFreshBuffers(content));
      }
    } catch (IOException e) {
      throw new MeasuringException("cannot read " + file, e);
    }
  }

  private void report(Report report, TransportKind transport, double pooled, double fresh) {
    double ratio = pooled / fresh;
    report.judge(
        name(),
        Workplace.option(transport),
        String.format(
            Locale.ROOT,
            "%.3f %% (%.0f in a warmed pool, %.0f with a fresh buffer for each block of 1 MiB;"
                + " in one process, the transport has no part in it), goal <= %.0f %%",
            100 * ratio,
            pooled,
            fresh,
            100 * GOAL),
        ratio <= GOAL);
  }

  private static double throughPool(FileChannel content) throws IOException {
    MemoryPoolConfig config =
        MemoryPoolConfig.builder().maxSize(CACHE_BYTES).blockSize(BLOCK_BYTES).build();
    try (MemoryPool pool = MemoryPool.create(config)) {
      load(pool, content, 0); // Every slot has held something now.
      long before = minorFaults();
      load(pool, content, READ_BLOCKS);
      return perGib(minorFaults() - before);
    }
  }

  private static void load(MemoryPool pool, FileChannel content, int first) {
    for (int block = first; block < first + READ_BLOCKS; block++) {
      int number = block;
      pool.unpin(
          pool.pinOrLoad(1, 1, block, BLOCK_BYTES, (_, slot) -> read(content, number, slot)));
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // a block's memory outlives the loop that makes it
  private static double throughFreshBuffers(FileChannel content) throws IOException {
    Deque<Arena> blocks = new ArrayDeque<>();
    try {
      long before = 0;
      for (int block = 0; block < 2 * READ_BLOCKS; block++) {
        if (block == READ_BLOCKS) {
          before = minorFaults();
        }
        if (blocks.size() == CACHE_BLOCKS) {
          blocks.removeFirst().close();
        }
        Arena arena = Arena.ofShared();
        blocks.addLast(arena);
        // Private and written to: its pages are fresh ones, whatever file it is of.
        read(content, block, content.map(MapMode.PRIVATE, 0, BLOCK_BYTES, arena));
      }
      return perGib(minorFaults() - before);
    } finally {
      blocks.forEach(Arena::close);
    }
  }

  private static int read(FileChannel content, int block, MemorySegment to) throws IOException {
    int count = content.read(to.asByteBuffer(), (long) (block % FILE_BLOCKS) * BLOCK_BYTES);
    if (count != BLOCK_BYTES) {
      throw new IOException("a short read of " + count + " bytes");
    }
    return count;
  }

  private static double perGib(long faults) {
    return faults / ((double) READ_BLOCKS * BLOCK_BYTES / (1L << 30));
  }

  /** Of this thread alone, which does all of the reading. */
  private static long minorFaults() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String[] columns = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(columns[MINOR_FAULTS_COLUMN - 1]);
  }
}
