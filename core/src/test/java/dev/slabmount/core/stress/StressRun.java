package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockWriteBack;
import dev.slabmount.core.pool.EvictionAlgorithm;
import dev.slabmount.core.pool.MemoryPool;
import dev.slabmount.core.pool.MemoryPoolConfig;
import dev.slabmount.core.pool.MemoryPoolStats;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Many threads on pools that are far too small for them: blocks of all sizes, so that slabs change
 * class all the time, with eviction, growth, removal, replacement, partial writes, fills, flushes,
 * write-back by the pool, loads that fail or are interrupted, and every other pool closed while all
 * are at work. Every block is {@linkplain Stamps stamped}, every write is counted when it is
 * acknowledged. Nothing may be wrong, torn, lost, over the limit or stuck, and a pool that is quiet
 * has its books in order.
 *
 * <p>The seed chooses the threads' random numbers; their interleaving stays chance.
 */
public final class StressRun {
  private static final int PAGE = 4096;

  /** A step takes microseconds, and waits 100 ms for room at most. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PoolUnderTest kind;
  private final EvictionAlgorithm eviction;
  private final long seed;
  private final Duration patience;
  private final Random random;

  private int rounds;
  private int closed;
  private long steps;
  private long exhausted;
  private long writes;
  private long clears;
  private long evictions;

  /** A run on pools of this kind. */
  public StressRun(final PoolUnderTest kind, final EvictionAlgorithm eviction, final long seed) {
    this(kind, eviction, seed, PATIENCE);
  }

  /** With another time after which a step is taken to be stuck. */
  StressRun(
      final PoolUnderTest kind,
      final EvictionAlgorithm eviction,
      final long seed,
      final Duration patience) {
    this.patience = patience;
    this.kind = kind;
    this.eviction = eviction;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** Makes pools and puts each under stress, for so long altogether. */
  public Verdict run(final Duration duration) {
    final long began = System.nanoTime();
    final long nanos = duration.toNanos();
    Throwable failure = null;
    while (failure == null && (rounds < 2 || System.nanoTime() - began < nanos)) {
      final boolean closeUnderWay = rounds % 2 == 1;
      // A pool that lives long gets into states that a young one does not.
      final long share = closeUnderWay ? random.nextLong(1, nanos / 20 + 2) : nanos / 5;
      failure = round(share, closeUnderWay);
    }
    return new Verdict(figures(), failure != null ? failure : tooLittle());
  }

  private @Nullable Throwable round(final long nanos, final boolean closeUnderWay) {
    final int blockSize = (4 << random.nextInt(3)) * PAGE;
    final boolean backed = random.nextBoolean();
    final PagedBlocks paged = new PagedBlocks(blockSize);
    final CountedBlocks counted = new CountedBlocks(blockSize, backed);
    final MemoryPool pool =
        kind.create(
            MemoryPoolConfig.builder()
                .maxSize(random.nextLong(12, 28) * blockSize)
                .blockSize(blockSize)
                .eviction(eviction)
                .writeBack(backed ? writeBack(counted, paged) : null)
                .roomWait(Duration.ofMillis(100))
                .closeWait(Duration.ofSeconds(20))
                .build());
    final StressRound round =
        new StressRound(kind, pool, counted, paged, random.nextLong(), patience.toNanos());
    Throwable failure = null;
    try {
      round.run(nanos, closeUnderWay);
    } catch (final Throwable e) {
      failure = e;
    }
    final MemoryPoolStats stats = pool.stats();
    rounds++;
    closed += closeUnderWay ? 1 : 0;
    steps += round.steps();
    exhausted += round.exhausted();
    writes += round.writes();
    clears += round.clears();
    evictions += stats.evictions();
    return failure;
  }

  /** Where a pool under stress writes back by itself; of volatile blocks nobody misses anything. */
  static BlockWriteBack writeBack(final CountedBlocks counted, final PagedBlocks paged) {
    return (inode, block, runs) -> {
      if (inode == PagedBlocks.INODE) {
        paged.writeBack(inode, block, runs);
      } else if (inode == CountedBlocks.INODE) {
        counted.writeBack(inode, block, runs);
      }
    };
  }

  private String figures() {
    return "seed "
        + seed
        + ": "
        + steps
        + " operations on "
        + rounds
        + " pools ("
        + closed
        + " closed under way), "
        + writes
        + " writes acknowledged, "
        + evictions
        + " evictions, "
        + exhausted
        + " without room";
  }

  /** A run in which nothing happened proves nothing. */
  private @Nullable Throwable tooLittle() {
    if (writes < 50 || evictions < 20 || clears == 0) { // A busy machine may be slow.
      return new AssertionError("too little happened: " + clears + " times cleared");
    }
    if (exhausted > steps / 5) {
      return new AssertionError("too often without room");
    }
    return null;
  }
}
