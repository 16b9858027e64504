package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Stamped pages, written, flushed (sometimes in vain), evicted, filled, moved and discarded at
 * once: no acknowledged write may be missing in the end, and no page torn.
 *
 * <p>Each page is written by one thread, which counts. A page is its number and its count, in
 * turns.
 */
@Timeout(120)
class PageRacesTest {
  private static final int BLOCKS = 12;
  private static final int PAGES = 8;
  private static final int LENGTH = PAGES * SLOT;
  private static final int WRITERS = 2;
  private static final long MILLIS = 4_000;

  /** Its writer discards it now and then, so nobody else knows what it should show. */
  private static final int DISCARDED = PAGES - 1;

  @RegisterExtension final SeededRandoms randoms = new SeededRandoms();

  /** Each thread's own numbers; those of the pool's threads are dealt out when they first ask. */
  private final ThreadLocal<Random> random = ThreadLocal.withInitial(randoms::next);

  private final MemoryPool pool =
      MemoryPool.create(
          MemoryPoolConfig.builder()
              .maxSize(8L * 16 * SLOT)
              .blockSize(16 * SLOT)
              .roomWait(Duration.ofSeconds(30))
              .writeBack(this::save)
              .build());

  private final AtomicLongArray acknowledged = new AtomicLongArray(BLOCKS * PAGES);
  private final byte[][] store = new byte[BLOCKS * PAGES][];
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final long deadline = System.nanoTime() + MILLIS * 1_000_000;

  private static MemorySegment page(final int number, final long count) {
    final MemorySegment page = MemorySegment.ofArray(new byte[SLOT]);
    for (int at = 0; at < SLOT; at += 2 * Long.BYTES) {
      page.set(ValueLayout.JAVA_LONG_UNALIGNED, at, number);
      page.set(ValueLayout.JAVA_LONG_UNALIGNED, at + Long.BYTES, count);
    }
    return page;
  }

  /** The count of a page that must be whole. */
  private static long countOf(final MemorySegment page, final int number) {
    final long count = page.get(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES);
    assertEquals(-1, page.mismatch(page(number, count)), "page " + number + " is torn");
    return count;
  }

  private void save(final long inode, final int block, final DirtyRuns runs) throws IOException {
    for (int run = 0; run < runs.count(); run++) {
      for (int at = 0; at < runs.length(run); at += SLOT) {
        final int page = (runs.offset(run) + at) / SLOT;
        if (page < PAGES) {
          final byte[] bytes = runs.bytes(run).asSlice(at, SLOT).toArray(ValueLayout.JAVA_BYTE);
          synchronized (store) {
            store[block * PAGES + page] = bytes;
          }
        }
      }
      if (random.get().nextInt(8) == 0) {
        throw new IOException("planned");
      }
    }
  }

  private void load(final BlockKey key, final int offset, final MemorySegment pages) {
    for (int at = 0; at < pages.byteSize(); at += SLOT) {
      final int number = key.block() * PAGES + (offset + at) / SLOT;
      if ((offset + at) / SLOT < PAGES) {
        final byte[] bytes;
        synchronized (store) {
          bytes = store[number];
        }
        // May be torn: of a page that was written, and is being flushed, since we were asked for
        // it.
        final MemorySegment from = bytes == null ? page(number, 0) : MemorySegment.ofArray(bytes);
        MemorySegment.copy(from, 0, pages, at, SLOT);
      }
    }
  }

  private long claim(final int block) {
    return pool.claimDirty(1, block, LENGTH, LENGTH);
  }

  private void write(final int block, final int page) {
    final int number = block * PAGES + page;
    final long count = acknowledged.get(number) + 1;
    for (; ; ) {
      final long token = claim(block);
      try {
        if (page == DISCARDED && count % 3 == 0) {
          pool.discardPages(token, page * SLOT, SLOT);
        }
        pool.write(token, page * SLOT, page(number, count), 0, SLOT);
        acknowledged.set(number, count);
        return;
      } catch (final MemoryPoolException.BlockNotFound e) {
        assertTrue(e.key().inodeKeyed()); // Removed meanwhile: claim it anew.
      } finally {
        pool.unpin(token);
      }
    }
  }

  private void read(final int block) {
    final int page = random.get().nextInt(DISCARDED);
    final long before = acknowledged.get(block * PAGES + page);
    final long token = claim(block);
    try {
      pool.fillPages(token, 0, LENGTH, this::load);
      final MutableBlockHandle handle = pool.getDirty(1, block);
      if (handle != null) { // Otherwise: it was removed since.
        try (handle) {
          final long count =
              handle.withData(
                  data -> countOf(data.asSlice((long) page * SLOT, SLOT), block * PAGES + page));
          assertTrue(count >= before, () -> "page " + page + " shows " + count + " of " + before);
        } catch (final MemoryPoolException.PagesMissing e) {
          // A page was discarded since.
        }
      }
    } finally {
      pool.unpin(token);
    }
  }

  private void flush(final int block) {
    try {
      pool.flush(1, block, this::save);
    } catch (final MemoryPoolException.FlushFailed e) {
      assertEquals("planned", e.getCause().getMessage());
    }
  }

  private void move(final int block) {
    final long token = claim(block);
    try {
      pool.resize(token, LENGTH + random.get().nextInt(8 * SLOT));
      pool.resize(token, LENGTH);
    } finally {
      pool.unpin(token);
    }
    pool.shrinkDirtyBlock(1, block);
  }

  private void evict() {
    final int number = random.get().nextInt(1000);
    pool.acquire(BlockKey.ofContent(number, 1, 0), new Blocks.Fixed(bytes(number, 4 * SLOT)))
        .close();
  }

  private Thread repeat(final Runnable step) {
    final Random own = randoms.next();
    final Thread thread =
        new Thread(() -> {
          random.set(own);
          try {
            while (System.nanoTime() < deadline && failure.get() == null) {
              step.run();
            }
          } catch (final Throwable e) {
            failure.compareAndSet(null, e);
          }
        });
    thread.start();
    return thread;
  }

  private int anyBlock() {
    return random.get().nextInt(BLOCKS);
  }

  @Test
  void shouldLoseNoAcknowledgedPageWhateverRaces() throws Exception {
    final List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      final int writer = i;
      threads.add(
          repeat(() -> {
            final int pair = random.get().nextInt(PAGES / WRITERS);
            write(anyBlock(), pair * WRITERS + writer);
          }));
    }
    threads.add(repeat(() -> flush(anyBlock())));
    threads.add(repeat(() -> flush(anyBlock())));
    threads.add(repeat(() -> read(anyBlock())));
    threads.add(repeat(() -> move(anyBlock())));
    threads.add(repeat(this::evict));
    for (final Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    checkAll();
  }

  private void checkAll() {
    PoolAudit.audit(pool);
    for (int block = 0; block < BLOCKS; block++) {
      write(block, DISCARDED);
      while (pool.blocksNeedingFlush(1).length > 0 && pool.stats().dirtyBlocks() > 0) {
        for (final int dirty : pool.blocksNeedingFlush(1)) {
          flush(dirty);
        }
      }
      for (int page = 0; page < PAGES; page++) {
        final int number = block * PAGES + page;
        final long count =
            store[number] == null ? 0 : countOf(MemorySegment.ofArray(store[number]), number);
        assertEquals(acknowledged.get(number), count, "page " + number);
      }
    }
    assertTrue(pool.stats().evictions() > 0, "nothing was evicted: the test tests little");
    assertTrue(pool.stats().bytesLoaded() > 0);
    PoolAudit.audit(pool);
    pool.close();
  }
}
