package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Write-back by the pool's own threads that fails now and then, or always: nothing is lost. */
@Timeout(120)
class WriteBackFaultTest {
  private static final int BLOCKS_THAT_FIT = 8;
  private static final int BLOCKS_WRITTEN = 3 * BLOCKS_THAT_FIT;

  private final Map<Integer, byte[]> stored = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();

  private MemoryPool pool(final Duration roomWait, final IntPredicate fails) {
    return MemoryPool.create(
        MemoryPoolConfig.builder()
            .maxSize(BLOCKS_THAT_FIT * SLOT)
            .blockSize(SLOT)
            .hugePages(false)
            .roomWait(roomWait)
            .writeBack((inode, block, runs) -> {
              if (fails.test(calls.incrementAndGet())) {
                throw new IOException("planned");
              }
              stored.put(block, runs.bytes(0).toArray(ValueLayout.JAVA_BYTE));
            })
            .build());
  }

  private static void insert(final MemoryPool pool, final int block) {
    pool.insertDirty(1, block, segment(bytes(block, SLOT))).close();
  }

  private void verify(final MemoryPool pool, final int blocks) {
    for (int block = 0; block < blocks; block++) {
      try (MutableBlockHandle handle = pool.getDirty(1, block)) {
        assertArrayEquals(
            bytes(block, SLOT),
            handle != null ? Blocks.array(handle.data()) : stored.get(block),
            "block " + block);
      }
    }
  }

  @Test
  void shouldLoseNothingWhenTheNthWriteBackFails() {
    int firstUntouched = 0;
    for (int n = 1; firstUntouched == 0; n++) {
      final int number = n;
      stored.clear();
      calls.set(0);
      final MemoryPool pool = pool(Duration.ofSeconds(20), call -> call == number);
      for (int block = 0; block < BLOCKS_WRITTEN; block++) {
        insert(pool, block); // Waits for a write-back that succeeds.
      }
      verify(pool, BLOCKS_WRITTEN);
      if (calls.get() < number) {
        firstUntouched = number;
      }
      pool.close();
    }
    assertTrue(firstUntouched > BLOCKS_WRITTEN - BLOCKS_THAT_FIT, "so many have to go");
  }

  @Test
  void shouldSayThatThereIsNoRoomWhileEveryWriteBackFailsAndGoOnAfterwards() {
    final AtomicInteger broken = new AtomicInteger(1);
    final MemoryPool pool = pool(Duration.ofMillis(300), call -> broken.get() == 1);
    for (int block = 0; block < BLOCKS_THAT_FIT; block++) {
      insert(pool, block);
    }
    PoolFixture.awaitThat(
        "it was tried while somebody waited",
        () -> {
          final MemoryPoolException.PoolExhausted thrown =
              assertThrows(
                  MemoryPoolException.PoolExhausted.class, () -> insert(pool, BLOCKS_THAT_FIT));
          assertEquals(BLOCKS_THAT_FIT, thrown.needingFlush());
          return calls.get() > 0;
        });
    assertTrue(calls.get() < 100, calls + " tries without pause");
    verify(pool, BLOCKS_THAT_FIT);
    broken.set(0);
    for (int block = BLOCKS_THAT_FIT; block < BLOCKS_WRITTEN; block++) {
      insertInTime(pool, block);
    }
    verify(pool, BLOCKS_WRITTEN);
    pool.close();
  }

  @Test
  void shouldTryAgainAfterErrorsToo() {
    final MemoryPool pool =
        pool(
            Duration.ofSeconds(3),
            call -> {
              if (call <= 4) { // More than there are threads.
                throw new AssertionError("planned");
              }
              return false;
            });
    for (int block = 0; block < BLOCKS_WRITTEN; block++) {
      insert(pool, block);
    }
    verify(pool, BLOCKS_WRITTEN);
    pool.close();
  }

  @Test
  void shouldPauseAfterAnInterruptedWriteBackToo() {
    final MemoryPool pool =
        pool(
            Duration.ofMillis(500),
            call -> {
              Thread.currentThread().interrupt();
              return true;
            });
    for (int block = 0; block < BLOCKS_THAT_FIT; block++) {
      insert(pool, block);
    }
    assertThrows(MemoryPoolException.PoolExhausted.class, () -> insert(pool, BLOCKS_THAT_FIT));
    final int tries = calls.get();
    assertTrue(tries > 0 && tries < 100, tries + " tries: none, or without pause");
    pool.close();
  }

  /** A pause after a failure may be longer than one wait for room. */
  private static void insertInTime(final MemoryPool pool, final int block) {
    final long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try {
        insert(pool, block);
        return;
      } catch (final MemoryPoolException.PoolExhausted e) {
        assertTrue(System.nanoTime() < deadline, "the pool does not recover");
      }
    }
  }
}
