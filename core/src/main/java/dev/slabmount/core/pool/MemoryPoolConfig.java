package dev.slabmount.core.pool;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a pool, checked once. Use {@link #builder()}; {@link #defaults()} is the builder
 * with nothing set.
 *
 * <p>Immutable; any thread.
 *
 * @param maxSize most bytes of block memory, a hard limit that counts the capacity of slots and not
 *     the length of their content. Rounded down to 4 KiB. At least {@code blockSize}. Default: a
 *     quarter of the memory that this machine or its control group has, at most 8 GiB.
 * @param blockSize most bytes in one block; a power of two, 4 KiB to 256 MiB. Default: 1 MiB.
 * @param eviction how the block that has to go is chosen. Default: {@link
 *     EvictionAlgorithm#ADAPTIVE_FIFO}.
 * @param hugePages whether to ask the kernel for huge pages under the blocks. Default: true.
 * @param prefault whether to have all block memory in place before the pool is used, so that no
 *     write into a slot ever waits for the kernel to find a page. Costs {@code maxSize} of resident
 *     memory at once, whatever is used of it, and the time of clearing it: a few tenths of a second
 *     per GiB with small pages on one processor, shared by all processors. Default: false.
 * @param roomWait how long a call waits for room when every block is pinned or needs flushing,
 *     before it fails with {@link MemoryPoolException.PoolExhausted}. Default: 5 s.
 * @param loadTimeout how long callers wait for another caller's load of the same block, counted
 *     from its start, before all of them fail with {@link MemoryPoolException.RetrievalFailed} and
 *     the next call starts afresh; the loading caller itself waits for its provider as long as that
 *     takes, and content that comes too late for the others is kept all the same. Flushes of one
 *     block wait so long for each other, counted from their own start. Default: 60 s.
 * @param closeWait how long {@code close()} waits for pins, loads and write-backs. Default: 10 s.
 * @param writeBack where blocks that need flushing are written when there is no room but for what
 *     they take; null if only the pool's user flushes. Default: null.
 * @param writeBackThreads how many threads of the pool write back at most, 1 to 64. They are
 *     started when room is first wanted that way. Default: 2.
 */
public record MemoryPoolConfig(
    long maxSize,
    int blockSize,
    EvictionAlgorithm eviction,
    boolean hugePages,
    boolean prefault,
    Duration roomWait,
    Duration loadTimeout,
    Duration closeWait,
    @Nullable BlockWriteBack writeBack,
    int writeBackThreads) {

  /** The smallest block size, 4 KiB: one page. */
  public static final int BLOCK_SIZE_MIN = 4 << 10;

  /** The largest block size, 256 MiB. */
  public static final int BLOCK_SIZE_MAX = 256 << 20;

  /** The block size if none is set, 1 MiB. */
  public static final int BLOCK_SIZE_DEFAULT = 1 << 20;

  /** The largest {@code maxSize}, 4 TiB: what the slot numbers of the smallest slots can name. */
  public static final long MAX_SIZE_MAX = 4L << 40;

  /** The largest {@code maxSize} that is chosen by default, 8 GiB. */
  public static final long MAX_SIZE_DEFAULT_LIMIT = 8L << 30;

  private static final int WRITE_BACK_THREADS_MAX = 64;
  private static final Duration WAIT_MAX = Duration.ofDays(365);

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it, its value and
   *     what is allowed
   */
  public MemoryPoolConfig {
    Objects.requireNonNull(eviction, "eviction");
    if (blockSize < BLOCK_SIZE_MIN
        || blockSize > BLOCK_SIZE_MAX
        || Integer.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException(
          "blockSize must be a power of two from 4 KiB to 256 MiB, not " + blockSize + " bytes");
    }
    if (maxSize < blockSize) {
      throw new IllegalArgumentException(
          "maxSize must hold at least one block of "
              + blockSize
              + " bytes, not "
              + maxSize
              + " bytes; raise it or lower blockSize");
    }
    if (maxSize > MAX_SIZE_MAX) {
      throw new IllegalArgumentException(
          "maxSize must be at most 4 TiB, not " + maxSize + " bytes");
    }
    checkWait("roomWait", roomWait);
    checkWait("loadTimeout", loadTimeout);
    checkWait("closeWait", closeWait);
    if (writeBackThreads < 1 || writeBackThreads > WRITE_BACK_THREADS_MAX) {
      throw new IllegalArgumentException(
          "writeBackThreads must be 1 to " + WRITE_BACK_THREADS_MAX + ", not " + writeBackThreads);
    }
  }

  /** The default settings for this machine. */
  public static MemoryPoolConfig defaults() {
    return builder().build();
  }

  /** A builder in which nothing is set. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder in which everything is set as it is here. */
  public Builder toBuilder() {
    final Builder builder = builder();
    builder.maxSize = maxSize;
    builder.maxSizeSet = true;
    builder.blockSize = blockSize;
    builder.eviction = eviction;
    builder.hugePages = hugePages;
    builder.prefault = prefault;
    builder.roomWait = roomWait;
    builder.loadTimeout = loadTimeout;
    builder.closeWait = closeWait;
    builder.writeBack = writeBack;
    builder.writeBackThreads = writeBackThreads;
    return builder;
  }

  /** How many blocks of full size the pool can hold at most. */
  public long maxBlocks() {
    return maxSize / blockSize;
  }

  private static void checkWait(final String name, final Duration wait) {
    Objects.requireNonNull(wait, name);
    if (wait.isNegative() || wait.compareTo(WAIT_MAX) > 0) {
      throw new IllegalArgumentException(name + " must be 0 to 365 days, not " + wait);
    }
  }

  /** Collects settings; what is not set gets its default. Not thread-safe. */
  public static final class Builder {
    private long maxSize;
    private boolean maxSizeSet;
    private int blockSize = BLOCK_SIZE_DEFAULT;
    private EvictionAlgorithm eviction = EvictionAlgorithm.ADAPTIVE_FIFO;
    private boolean hugePages = true;
    private boolean prefault;
    private Duration roomWait = Duration.ofSeconds(5);
    private Duration loadTimeout = Duration.ofSeconds(60);
    private Duration closeWait = Duration.ofSeconds(10);
    private @Nullable BlockWriteBack writeBack;
    private int writeBackThreads = 2;

    private Builder() {}

    /** Sets the hard limit in bytes. */
    public Builder maxSize(final long bytes) {
      this.maxSize = bytes;
      this.maxSizeSet = true;
      return this;
    }

    /** Sets the largest size of a block in bytes. */
    public Builder blockSize(final int bytes) {
      this.blockSize = bytes;
      return this;
    }

    /** Sets how the block that has to go is chosen. */
    public Builder eviction(final EvictionAlgorithm algorithm) {
      this.eviction = algorithm;
      return this;
    }

    /** Sets whether to ask the kernel for huge pages. */
    public Builder hugePages(final boolean wanted) {
      this.hugePages = wanted;
      return this;
    }

    /** Sets whether to have all block memory in place before the pool is used. */
    public Builder prefault(final boolean wanted) {
      this.prefault = wanted;
      return this;
    }

    /** Sets how long a call waits for room. */
    public Builder roomWait(final Duration wait) {
      this.roomWait = wait;
      return this;
    }

    /** Sets how long callers wait for another caller's load. */
    public Builder loadTimeout(final Duration wait) {
      this.loadTimeout = wait;
      return this;
    }

    /** Sets how long {@code close()} waits. */
    public Builder closeWait(final Duration wait) {
      this.closeWait = wait;
      return this;
    }

    /** Sets where blocks are written when there is no room but for what needs flushing. */
    public Builder writeBack(final @Nullable BlockWriteBack target) {
      this.writeBack = target;
      return this;
    }

    /** Sets how many threads of the pool write back at most. */
    public Builder writeBackThreads(final int threads) {
      this.writeBackThreads = threads;
      return this;
    }

    /**
     * Builds the settings.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public MemoryPoolConfig build() {
      final long bytes =
          maxSizeSet
              ? maxSize
              : Math.max(
                  blockSize,
                  Math.min(MAX_SIZE_DEFAULT_LIMIT, MachineMemory.ofThisMachine().bytes() / 4));
      return new MemoryPoolConfig(
          bytes,
          blockSize,
          eviction,
          hugePages,
          prefault,
          roomWait,
          loadTimeout,
          closeWait,
          writeBack,
          writeBackThreads);
    }
  }
}
