package dev.slabmount.core.stress;

import dev.slabmount.core.pool.BlockKey;
import dev.slabmount.core.pool.MemoryPool;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Content-keyed blocks of all sizes, loaded by a provider that fails or is interrupted at times.
 */
final class ContentBlocks {
  private static final int COUNT = 200;
  private static final long HIGH = 5;

  private final MemoryPool pool;
  private final MemorySegment[] contents = new MemorySegment[COUNT];

  ContentBlocks(final MemoryPool pool) {
    this.pool = pool;
    final int longs = (pool.config().blockSize() - Stamps.BYTES_MIN) / 8;
    for (int i = 0; i < COUNT; i++) {
      final int length = Stamps.BYTES_MIN + 8 * (int) (i * (long) i * 7919 % longs);
      contents[i] = MemorySegment.ofArray(new byte[length]);
      Stamps.fill(contents[i], 0, length, i, i);
    }
  }

  /**
   * A reader that keeps a few pins over what it and others do next, and checks before it unpins.
   */
  Step reader() {
    final long[] tokens = new long[3];
    final int[] numbers = new int[tokens.length];
    return new Step() {
      @Override
      public void take(final Random random) {
        final int place = random.nextInt(tokens.length);
        release(place);
        // Half of the reads go to a tenth of the blocks, so that there are hits, too.
        numbers[place] = random.nextInt(random.nextBoolean() ? COUNT / 10 : COUNT);
        tokens[place] = pin(numbers[place], random.nextInt(4) == 0);
        if (random.nextBoolean()) {
          release(place);
        }
      }

      private void release(final int place) {
        final long token = tokens[place];
        tokens[place] = MemoryPool.NO_BLOCK;
        if (token != MemoryPool.NO_BLOCK) {
          try {
            check(token, numbers[place]);
          } finally {
            pool.unpin(token);
          }
        }
      }

      @Override
      public void end() {
        for (int place = 0; place < tokens.length; place++) {
          release(place);
        }
      }
    };
  }

  /** Takes some content out of the pool, pinned or not. */
  void remove(final Random random) {
    final int number = random.nextInt(COUNT);
    switch (random.nextInt(3)) {
      case 0 -> pool.invalidateHash(HIGH, number);
      case 1 -> pool.removeContentBlocks(HIGH, number);
      default -> pool.giveUpLoad(HIGH, number, number);
    }
  }

  private long pin(final int number, final boolean onlyIfPresent) {
    return onlyIfPresent
        ? pool.pin(HIGH, number, number)
        : pool.pinOrLoad(
            HIGH, number, number, (int) contents[number].byteSize(), ContentBlocks.this::load);
  }

  private void check(final long token, final int number) {
    final int length = (int) contents[number].byteSize();
    final MemorySegment view = pool.view(token);
    if (view.byteSize() != length) {
      throw new AssertionError(
          "content " + number + ": wrong length " + view.byteSize() + " for " + length);
    }
    Stamps.check(view, 0, length, number);
  }

  private int load(final BlockKey key, final MemorySegment slot) throws IOException {
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
}
