package dev.slabmount.bench.pool;

import dev.slabmount.core.pool.BlockContentProvider;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A pool whose memory is weighed, on the heap and off it. */
final class WeighStage implements Stage {
  private static final int BLOCK_BYTES = MemoryPoolConfig.BLOCK_SIZE_DEFAULT;
  private static final int COLLECTIONS = 3;
  private static final int[] DRAWS = new int[Draws.LENGTH];

  private final long self = ProcessHandle.current().pid();
  private final long heapBefore;
  private final Mappings ranges;
  private final MemoryPool pool;
  private final AtomicLong contents = new AtomicLong(1);

  /** An empty pool of so many MiB. */
  WeighStage(String kind, int mebibytes) throws IOException {
    Pools.create(kind, BLOCK_BYTES).close(); // Everything is loaded that pools share.
    heapBefore = heapBytes();
    Mappings before = Mappings.of(self);
    pool = Pools.create(kind, (long) mebibytes << 20);
    ranges = Mappings.of(self).since(before);
  }

  @Override
  public int[] draws() {
    return DRAWS;
  }

  @Override
  public Work.Maker work(String name) {
    return switch (name) {
      case "mixed" -> {
        int[] sizes = sizesOfJdk();
        yield thread -> new Churn(pool, contents, sizes, thread);
      }
      case "small" -> thread -> new Churn(pool, contents, new int[] {Draws.PAGE_BYTES}, thread);
      case "large" -> thread -> new Churn(pool, contents, new int[] {BLOCK_BYTES}, thread);
      default -> throw new IllegalArgumentException("no work is called '" + name + "'");
    };
  }

  private static int[] sizesOfJdk() {
    try {
      return BlockSizes.ofTree(Path.of(System.getProperty("java.home")), BLOCK_BYTES);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the JDK's folder", e);
    }
  }

  /**
   * {@code resident}: bytes of the pool's own ranges that are resident. {@code weigh BLOCKS}: loads
   * so many blocks of 4 KiB, 64 of each content; bytes on the heap and off it, beside the blocks,
   * that they cost. {@code weigh-only BLOCKS}: the same, each block the only one of its content.
   */
  @Override
  public String call(String name, List<String> arguments) throws IOException {
    return switch (name) {
      case "resident" -> String.valueOf(Mappings.of(self).touching(ranges).residentBytes());
      case "weigh" -> weigh(Integer.parseInt(arguments.getFirst()), false);
      case "weigh-only" -> weigh(Integer.parseInt(arguments.getFirst()), true);
      default -> throw new IllegalArgumentException("nothing is called '" + name + "' here");
    };
  }

  private String weigh(int blocks, boolean only) throws IOException {
    BlockContentProvider filler = Pools.filler(Draws.PAGE_BYTES);
    long address = 0;
    for (int block = 0; block < blocks; block++) {
      long token =
          pool.pinOrLoad(
              Keys.CONTENT_HIGH,
              only ? block : Keys.content(block),
              only ? 0 : Keys.contentBlock(block),
              Draws.PAGE_BYTES,
              filler);
      address = pool.address(token);
      pool.unpin(token);
    }
    long resident = pool.stats().totalBlocks();
    if (resident != blocks) {
      throw new IllegalStateException(resident + " blocks are resident, not " + blocks);
    }
    long heap = heapBytes() - heapBefore;
    long beside = Mappings.of(self).touching(ranges).residentBytesWithout(address);
    return heap + " " + beside;
  }

  /** What is reachable on the heap. */
  private static long heapBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  @Override
  public void close() {
    pool.close();
  }

  /** Loads blocks of these sizes in turn, every byte written, under keys that never come again. */
  private static final class Churn implements Work {
    private final MemoryPool pool;
    private final AtomicLong contents;
    private final int[] sizes;
    private int at;

    Churn(MemoryPool pool, AtomicLong contents, int[] sizes, int thread) {
      this.pool = pool;
      this.contents = contents;
      this.sizes = sizes;
      this.at = (int) ((long) thread * sizes.length / 4 % sizes.length);
    }

    @Override
    public void batch(int[] draws, int from) {
      long content = contents.getAndIncrement();
      for (int block = 0; block < BATCH; block++) {
        int size = sizes[at];
        at = (at + 1) % sizes.length;
        pool.unpin(
            pool.pinOrLoad(
                Keys.CONTENT_HIGH,
                content,
                block,
                size,
                (_, slot) -> {
                  slot.asSlice(0, size).fill((byte) 1);
                  return size;
                }));
      }
    }
  }
}
