package dev.slabmount.core.pool;

import static dev.slabmount.core.pool.Blocks.SLOT;
import static dev.slabmount.core.pool.Blocks.bytes;
import static dev.slabmount.core.pool.Blocks.segment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The hot paths allocate nothing on the heap. */
@Timeout(60)
class PinAllocationTest {
  private static final int BLOCKS = 64;
  private static final int ROUNDS = 100_000;

  private final MemoryPool pool =
      MemoryPool.create(
          MemoryPoolConfig.builder().maxSize(2L * BLOCKS * SLOT).blockSize(SLOT).build());
  private final AllocatedBytes allocated;

  PinAllocationTest() throws ReflectiveOperationException {
    allocated = new AllocatedBytes();
  }

  @BeforeEach
  void fill() {
    for (int i = 0; i < BLOCKS; i++) {
      pool.acquire(BlockKey.ofContent(i, i, i), new Blocks.Fixed(bytes(i, SLOT))).close();
      pool.insertDirty(i, i, segment(bytes(i, SLOT))).close();
    }
  }

  @AfterEach
  void nothingIsLeftBehind() {
    PoolAudit.audit(pool);
    pool.close();
  }

  private void assertAllocatesNothing(final Runnable operations) {
    operations.run(); // Classes are loaded, and code is compiled.
    double bytesPerOperation = Double.MAX_VALUE;
    for (int attempt = 0; attempt < 5 && bytesPerOperation >= 0.01; attempt++) {
      final long before = allocated.soFar();
      operations.run();
      bytesPerOperation = (double) (allocated.soFar() - before) / ROUNDS;
    }
    assertTrue(bytesPerOperation < 0.01, bytesPerOperation + " bytes per operation");
  }

  @Test
  void shouldSeeWhatIsAllocated() {
    final long before = allocated.soFar();
    final byte[] wasted = new byte[1 << 20];
    assertTrue(allocated.soFar() - before >= wasted.length);
  }

  @Test
  void shouldPinAndUnpinWithoutAllocating() {
    assertAllocatesNothing(() -> {
      long sum = 0;
      for (int i = 0; i < ROUNDS; i++) {
        final int number = i % BLOCKS;
        final long token = pool.pin(number, number, number);
        sum += pool.address(token) + pool.length(token);
        pool.unpin(token);
      }
      assertTrue(sum != 0);
    });
  }

  @Test
  void shouldHitThroughPinOrLoadWithoutAllocating() {
    final BlockContentProvider never =
        (key, slot) -> {
          throw new AssertionError(key);
        };
    assertAllocatesNothing(() -> {
      for (int i = 0; i < ROUNDS; i++) {
        final int number = i % BLOCKS;
        pool.unpin(pool.pinOrLoad(number, number, number, SLOT, never));
      }
    });
  }

  @Test
  void shouldWriteInPlaceWithoutAllocating() {
    final MemorySegment source = segment(bytes(1, 512));
    assertAllocatesNothing(() -> {
      for (int i = 0; i < ROUNDS; i++) {
        final int number = i % BLOCKS;
        if (pool.hasDirty(number, number)) {
          pool.modifyDirtyInPlace(number, number, i % 2048, source, 0, 512);
        }
      }
    });
  }

  @Test
  void shouldMissWithoutAllocating() {
    assertAllocatesNothing(() -> {
      long found = 0;
      for (int i = 0; i < ROUNDS; i++) {
        found += pool.pin(i, -1, 0);
      }
      assertEquals(0, found);
    });
  }
}
