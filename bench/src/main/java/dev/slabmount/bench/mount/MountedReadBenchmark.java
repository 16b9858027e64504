package dev.slabmount.bench.mount;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A random 4 KiB read of a file that is wholly in the pool, through a real mount whose server is a
 * process of its own: kernel, worker, index, pin, reply out of the slab. The file is opened with
 * O_DIRECT, so that every read reaches the server and none is answered by the page cache. {@link
 * #readLocal} is the same read of the original file, through the page cache.
 *
 * <p>Run it alone with {@code make bench BENCH_ARGS='MountedRead'}. Needs what {@code make setup}
 * installs. With client and server on different processors most of the time is the wake-up between
 * them; {@code taskset -c 0 make bench …} puts both on one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class MountedReadBenchmark {
  private static final int FILE_BYTES = 64 << 20;
  private static final int READ_BYTES = 4 << 10;
  private static final int ALIGNMENT = 4 << 10;

  private final SplittableRandom random = new SplittableRandom();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(READ_BYTES + ALIGNMENT).alignedSlice(ALIGNMENT);
  private MountedTree tree;
  private FileChannel mounted;
  private FileChannel local;

  /** Snapshots a file, mounts it and reads it once, so that the pool holds it. */
  @Setup(Level.Trial)
  public void mount() throws IOException, InterruptedException {
    byte[] content = new byte[FILE_BYTES];
    new Random(1).nextBytes(content);
    tree = MountedTree.of("data", content, "256M");
    local = FileChannel.open(tree.original("data"), StandardOpenOption.READ);
    Path file = tree.mounted("data");
    if (Files.mismatch(file, tree.original("data")) != -1) {
      throw new IllegalStateException("the mount shows other bytes than the original");
    }
    mounted = FileChannel.open(file, StandardOpenOption.READ, direct());
  }

  /** Unmounts and removes everything. */
  @TearDown(Level.Trial)
  public void unmount() throws IOException, InterruptedException {
    mounted.close();
    local.close();
    tree.close();
  }

  /** Through the mount. */
  @Benchmark
  public int readMounted() throws IOException {
    return read(mounted);
  }

  /** From the local filesystem's page cache. */
  @Benchmark
  public int readLocal() throws IOException {
    return read(local);
  }

  /**
   * O_DIRECT. By name, because javac warns of jdk.unsupported in a way that cannot be switched off.
   */
  private static OpenOption direct() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no O_DIRECT", e);
    }
  }

  private int read(FileChannel file) throws IOException {
    long offset = (long) random.nextInt(FILE_BYTES / READ_BYTES) * READ_BYTES;
    buffer.clear().limit(READ_BYTES);
    int count = file.read(buffer, offset);
    if (count != READ_BYTES) {
      throw new IOException("a short read of " + count + " bytes at " + offset);
    }
    return count;
  }
}
