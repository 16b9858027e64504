package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Readers, writers, a flusher and a trouble-maker on a pool that is far too small for them: blocks
 * of all sizes, so that slabs change class all the time, with eviction, growth, removal,
 * replacement, failing and interrupted loads. Nothing may be wrong, torn, lost, over the limit or
 * stuck.
 *
 * <p>{@code -Dslabmount.stress.seconds=N} runs longer (three seconds otherwise), {@code
 * -Dslabmount.test.seed=N} chooses the threads' random numbers; their interleaving stays chance.
 */
@Timeout(3600)
class PoolStressTest {
  private static final int BLOCK = 16 * SLOT;
  private static final int CONTENTS = 200;
  private static final int COUNTED = 12;
  private static final int VOLATILE_INODES = 6;

  private final long seed = Long.getLong("slabmount.test.seed", System.nanoTime());
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong exhausted = new AtomicLong();
  private final AtomicLong cleared = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private final MemorySegment[] contents = new MemorySegment[CONTENTS];

  private MemoryPool pool;
  private CountedBlocks counted;
  private volatile boolean over;

  /** What a thread does once. */
  private interface Step {
    void take(Random random) throws Exception;
  }

  @ParameterizedTest
  @EnumSource(EvictionAlgorithm.class)
  void shouldServeOnlyWholeAndCurrentBlocksUnderEveryKindOfTrouble(final EvictionAlgorithm eviction)
      throws InterruptedException {
    pool =
        MemoryPool.create(
            MemoryPoolConfig.builder()
                .maxSize(20L * BLOCK)
                .blockSize(BLOCK)
                .eviction(eviction)
                .roomWait(Duration.ofMillis(100))
                .build());
    counted = new CountedBlocks(pool, COUNTED);
    for (int i = 0; i < CONTENTS; i++) {
      contents[i] = Blocks.segment(Blocks.bytes(i, 1 + i * i * 7919 % BLOCK));
    }
    runThreads(
        List.of(
            this::readContent,
            this::readContent,
            this::writeCounted,
            this::writeCounted,
            this::readCounted,
            this::flush,
            this::trouble));
    counted.checkAll();
    PoolAudit.audit(pool);
    final MemoryPoolStats stats = pool.stats();
    assertTrue(counted.writes() > 100, "only " + counted.writes() + " writes");
    assertTrue(stats.evictions() > 100, "only " + stats.evictions() + " evictions");
    assertTrue(exhausted.get() < steps.get() / 10, exhausted + " of " + steps + " had no room");
    assertTrue(cleared.get() + refused.get() > 0, "never tried to clear");
    pool.clearDiscardingDirty();
    assertEquals(0, pool.stats().slotsInUse());
    pool.close();
  }

  private void runThreads(final List<Step> work) throws InterruptedException {
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < work.size(); i++) {
      final Step step = work.get(i);
      final Random random = new Random(seed + i);
      threads.add(Thread.ofPlatform().daemon().start(() -> repeat(step, random)));
    }
    final long nanos = Long.getLong("slabmount.stress.seconds", 3) * 1_000_000_000L;
    final long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end && failure.get() == null) {
      checkLimit();
      Thread.onSpinWait();
    }
    over = true;
    for (final Thread thread : threads) {
      if (!thread.join(Duration.ofSeconds(30))) {
        final AssertionError stuck = new AssertionError("stuck, seed " + seed);
        stuck.setStackTrace(thread.getStackTrace());
        throw stuck;
      }
    }
    if (failure.get() != null) {
      throw new AssertionError("seed " + seed + ", " + pool.stats(), failure.get());
    }
  }

  private void repeat(final Step step, final Random random) {
    try {
      while (!over) {
        try {
          steps.incrementAndGet();
          step.take(random);
        } catch (final MemoryPoolException.PoolExhausted e) {
          exhausted.incrementAndGet();
        } catch (final MemoryPoolException.RetrievalFailed e) {
          Thread.interrupted(); // A planned failure or interruption of the load.
        }
      }
    } catch (final Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private void checkLimit() {
    final MemoryPoolStats stats = pool.stats();
    if (stats.capacityInUse() > stats.maxSize()) {
      failure.compareAndSet(null, new AssertionError("over the limit: " + stats));
    }
  }

  private int loadContent(final BlockKey key, final MemorySegment slot) throws IOException {
    final int trouble = ThreadLocalRandom.current().nextInt(200);
    if (trouble == 0) {
      throw new IOException("planned");
    } else if (trouble == 1) {
      throw new InterruptedIOException("planned");
    }
    final MemorySegment content = contents[key.block()];
    MemorySegment.copy(content, 0, slot, 0, content.byteSize());
    return (int) content.byteSize();
  }

  private void readContent(final Random random) {
    // Half of the reads go to a tenth of the blocks, so that there are hits, too.
    final int number = random.nextInt(random.nextBoolean() ? CONTENTS / 10 : CONTENTS);
    final int length = (int) contents[number].byteSize();
    final long token =
        random.nextInt(4) == 0
            ? pool.pin(5, number, number)
            : pool.pinOrLoad(5, number, number, length, this::loadContent);
    if (token != MemoryPool.NO_BLOCK) {
      try {
        final long mismatch = contents[number].mismatch(pool.view(token));
        if (mismatch >= 0) {
          throw new AssertionError("block " + number + " is wrong at " + mismatch);
        }
      } finally {
        pool.unpin(token);
      }
    }
  }

  private void writeCounted(final Random random) {
    counted.write(random.nextInt(COUNTED), 16 + 8 * random.nextInt((BLOCK - 16) / 8));
  }

  private void readCounted(final Random random) {
    counted.read(random.nextInt(COUNTED));
  }

  private void flush(final Random random) {
    counted.flush(random.nextInt(COUNTED));
  }

  private void trouble(final Random random) {
    final int inode = random.nextInt(VOLATILE_INODES);
    final int block = random.nextInt(4);
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> {
        final byte fill = (byte) random.nextInt();
        final byte[] bytes = new byte[random.nextInt(BLOCK / 2)];
        java.util.Arrays.fill(bytes, fill);
        try (MutableBlockHandle handle = pool.insertDirty(inode, block, Blocks.segment(bytes))) {
          final int end = random.nextInt(BLOCK);
          pool.modifyDirtyInPlace(inode, block, end, (memory, length) -> grow(memory, end, fill));
          handle.withData(memory -> allEqual(memory, fill));
        }
        pool.markFlushed(inode, block);
      }
      case 3 -> pool.shrinkDirtyBlock(inode, block);
      case 4 -> pool.removeInodeBlocks(inode);
      case 5 -> {
        final int content = random.nextInt(CONTENTS);
        if (random.nextBoolean()) {
          pool.invalidateHash(5, content);
        } else {
          pool.removeContentBlocks(5, content);
        }
      }
      case 6 -> {
        try (MutableBlockHandle handle = pool.getDirty(inode, block)) {
          if (handle != null) {
            pool.removeInodeBlocks(inode);
            handle.withData(memory -> allEqual(memory, null));
          }
        }
      }
      default -> {
        try {
          pool.clear();
          cleared.incrementAndGet();
        } catch (final MemoryPoolException.PoolExhausted e) {
          refused.incrementAndGet();
        }
      }
    }
  }

  private static int grow(final MemorySegment memory, final int end, final byte fill) {
    memory.asSlice(0, end).fill(fill);
    return end;
  }

  private static boolean allEqual(final MemorySegment memory, final Byte fill) {
    for (long i = 0; i < memory.byteSize(); i++) {
      final byte expected = fill == null ? memory.get(ValueLayout.JAVA_BYTE, 0) : fill;
      if (memory.get(ValueLayout.JAVA_BYTE, i) != expected) {
        throw new AssertionError("a volatile block is torn at " + i);
      }
    }
    return true;
  }
}
