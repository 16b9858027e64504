package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A hit of the pool, the way the filesystem makes it: find and pin a random block, copy 4 KiB out
 * of it, unpin. {@link #copyOnly} does the same copy from the same memory without the pool, which
 * is what a hit cannot beat.
 *
 * <p>Run it alone with {@code make bench BENCH_ARGS='PinHit'}; add {@code -prof gc} to see that a
 * hit allocates nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PinHitBenchmark {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int BLOCKS = 2048;
  private static final int COPY_BYTES = 4 << 10;
  private static final long CONTENT_HIGH = 0x51ab_51ab_51ab_51abL;

  private MemoryPool pool;

  /** Fills the pool with blocks that all fit. */
  @Setup(Level.Trial)
  public void fill() {
    pool = MemoryPool.create(MemoryPoolConfig.builder().maxSize(2L * BLOCKS * BLOCK_BYTES).build());
    for (int block = 0; block < BLOCKS; block++) {
      byte stamp = (byte) block;
      long token =
          pool.pinOrLoad(
              CONTENT_HIGH,
              block,
              0,
              BLOCK_BYTES,
              (key, slot) -> {
                slot.asSlice(0, BLOCK_BYTES).fill(stamp);
                return BLOCK_BYTES;
              });
      pool.unpin(token);
    }
  }

  /** Closes the pool, which also shows that no pin was lost. */
  @TearDown(Level.Trial)
  public void close() {
    pool.close();
  }

  /** What a reader owns: its random numbers and the place it copies to. */
  @State(Scope.Thread)
  public static class Reader {
    private final SplittableRandom random = new SplittableRandom();
    private final MemorySegment copy = Arena.ofAuto().allocate(COPY_BYTES, COPY_BYTES);
    private final MemorySegment flat =
        Arena.ofAuto().allocate((long) BLOCKS * BLOCK_BYTES, COPY_BYTES);

    /** Touches every page, as filling the pool did. */
    @Setup(Level.Trial)
    public void touch() {
      flat.fill((byte) 1);
    }

    private int nextBlock() {
      return random.nextInt(BLOCKS);
    }

    private long nextOffset() {
      return (long) random.nextInt(BLOCK_BYTES / COPY_BYTES) * COPY_BYTES;
    }
  }

  /** One reader. */
  @Benchmark
  public MemorySegment pinHit(Reader reader) {
    return hit(reader);
  }

  /** Two readers of the same blocks. */
  @Benchmark
  @Threads(2)
  public MemorySegment pinHit_contended(Reader reader) {
    return hit(reader);
  }

  /** The copy alone. */
  @Benchmark
  public MemorySegment copyOnly(Reader reader) {
    long from = (long) reader.nextBlock() * BLOCK_BYTES + reader.nextOffset();
    MemorySegment.copy(reader.flat, from, reader.copy, 0, COPY_BYTES);
    return reader.copy;
  }

  private MemorySegment hit(Reader reader) {
    long token = pool.pin(CONTENT_HIGH, reader.nextBlock(), 0);
    if (token == MemoryPool.NO_BLOCK) {
      throw new IllegalStateException("a block is missing, though all of them fit");
    }
    try {
      MemorySegment.copy(pool.view(token), reader.nextOffset(), reader.copy, 0, COPY_BYTES);
    } finally {
      pool.unpin(token);
    }
    return reader.copy;
  }
}
