package dev.slabmount.bench.pool;

import com.sun.management.ThreadMXBean;
import dev.slabmount.core.pool.MemoryPool;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The pool's hot operations one by one, the same code that {@code make bench-pool} measures beside
 * others: a hit, which finds and pins a block, copies 4 KiB out of it and unpins; a write of 4 KiB
 * in place; the question whether a block is there; and the copy of a hit from the same memory
 * without the pool, which is what a hit cannot beat.
 *
 * <p>Run one alone with {@code make bench BENCH_ARGS='PoolBenchmark.hit -t 8'}; {@code -prof gc}
 * shows what is allocated, {@code -p pool=onelock} the pool with one lock.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@Threads(2)
public class PoolBenchmark {
  private static final int BLOCKS = 4096;

  /** Which pool: the one that ships, or the one with one lock. */
  @Param("ours")
  public String pool = "";

  private int[] draws;
  private MemoryPool contents;
  private MemoryPool inodes;
  private Floor floor;

  /** Fills a pool of content-keyed blocks, and one of inode-keyed blocks. */
  @Setup(Level.Trial)
  public void fill() {
    draws = Draws.zipf(BLOCKS, Pools.SKEW);
    contents = Pools.create(pool, Pools.roomFor(BLOCKS, Pools.BLOCK_BYTES));
    inodes = Pools.create(pool, Pools.roomFor(BLOCKS, Pools.BLOCK_BYTES));
    floor = new Floor(Pools.fillContents(contents, BLOCKS), draws);
    long[] _ = Pools.fillInodes(inodes, BLOCKS);
  }

  /** Closes the pools, which also shows that no pin was lost. */
  @TearDown(Level.Trial)
  public void close() {
    inodes.clearDiscardingDirty();
    inodes.close();
    contents.close();
  }

  /**
   * What a thread owns: its place in the sequence, and where it copies to and from. It counts what
   * its thread allocates on the heap in an iteration: unlike {@code -prof gc}, which divides all
   * that the process allocates, JMH's own threads included.
   */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Worker {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes of heap, at the end of an iteration. */
    public long threadHeapBytes;

    private long allocatedBefore;
    private PoolHit hit;
    private PoolModify modify;
    private PoolHasDirty hasDirty;
    private Work floor;
    private Work copy;
    private int at = Draws.start((int) Thread.currentThread().threadId());

    /** Makes its works. */
    @Setup(Level.Trial)
    public void prepare(PoolBenchmark benchmark) {
      hit = new PoolHit(benchmark.contents);
      modify = new PoolModify(benchmark.inodes);
      hasDirty = new PoolHasDirty(benchmark.inodes);
      floor = Floor.hits(benchmark.floor).make(0);
      copy = Floor.copies(benchmark.floor).make(0);
    }

    /** Notes what the thread has allocated so far. */
    @Setup(Level.Iteration)
    public void begin() {
      allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Counts what it has allocated since. */
    @TearDown(Level.Iteration)
    public void end() {
      threadHeapBytes = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
    }

    private int next(int[] draws) {
      at = (at + 1) & (draws.length - 1);
      return draws[at];
    }

    private int nextBatch(int[] draws) {
      at = (at + Work.BATCH) & (draws.length - 1);
      return at;
    }
  }

  /** Find, pin, copy out, unpin. */
  @Benchmark
  public void hit(Worker worker) {
    worker.hit.once(worker.next(draws));
  }

  /** Write in place. */
  @Benchmark
  public void modify(Worker worker) {
    worker.modify.once(worker.next(draws));
  }

  /** Ask whether a block is there. */
  @Benchmark
  public boolean hasDirty(Worker worker) {
    return worker.hasDirty.once(worker.next(draws));
  }

  /** A hit without an index. */
  @Benchmark
  @OperationsPerInvocation(Work.BATCH)
  public void floor(Worker worker) {
    worker.floor.batch(draws, worker.nextBatch(draws));
  }

  /** The copy of a hit alone. */
  @Benchmark
  @OperationsPerInvocation(Work.BATCH)
  public void copy(Worker worker) {
    worker.copy.batch(draws, worker.nextBatch(draws));
  }
}
